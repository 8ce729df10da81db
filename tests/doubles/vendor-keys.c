/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "vendor"

#include "config.h"

#include "vendor-keys.h"

#include <string.h>

#include "base/air-hash.h"

struct _VendorKeys {
  GHashTable *kept; /* key → Kept */
};

typedef struct {
  AirDigest parameters;
  VendorAnswer *answer;
} Kept;

static void
kept_free (gpointer data)
{
  Kept *kept = data;

  vendor_answer_free (kept->answer);
  g_free (kept);
}

static AirDigest
digest_of (const VendorRequest *request)
{
  gsize length;
  const void *body = g_bytes_get_data (request->body, &length);
  g_autofree char *line = g_strconcat (request->method, " ", request->path, "\n", NULL);

  return air_sha256_parts (line, strlen (line), body, length, NULL, 0);
}

VendorKeys *
vendor_keys_new (void)
{
  VendorKeys *self = g_new0 (VendorKeys, 1);

  self->kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, kept_free);
  return self;
}

void
vendor_keys_free (VendorKeys *self)
{
  g_hash_table_unref (self->kept);
  g_free (self);
}

/* On VENDOR_KEY_REPLAY, @ret_first is a copy of the first answer. */
VendorKeyState
vendor_keys_look (VendorKeys *self, const char *key, const VendorRequest *request, VendorAnswer **ret_first)
{
  const Kept *kept = g_hash_table_lookup (self->kept, key);
  AirDigest digest;

  if (kept == NULL)
    return VENDOR_KEY_FRESH;
  digest = digest_of (request);
  if (!air_digest_equal (&kept->parameters, &digest))
    return VENDOR_KEY_MISMATCH;
  *ret_first = vendor_answer_copy (kept->answer);
  return VENDOR_KEY_REPLAY;
}

void
vendor_keys_keep (VendorKeys *self, const char *key, const VendorRequest *request, const VendorAnswer *answer)
{
  Kept *kept = g_new0 (Kept, 1);

  kept->parameters = digest_of (request);
  kept->answer = vendor_answer_copy (answer);
  g_hash_table_insert (self->kept, g_strdup (key), kept);
}
