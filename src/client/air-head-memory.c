/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-client"

#include "config.h"

#include "client/air-head-memory.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/air-hash.h"
#include "base/air-json.h"
#include "client/air-client.h"
#include "client/air-receipt-private.h"

/* One file a runtime, by its address, authority and pinned key: {"checkpoint": the signed note, "key": the vkey that
 * signed it, "url", "v": 1}. The signature says that nobody made the head up, so that what is kept is never a reason to
 * refuse an honest ledger. */

struct _AirHeadMemory {
  char *folder;
  char *path;
  char *url;
  char *pinned; /* nullable */
};

/**
 * air_head_memory_new:
 * @folder: where heads are kept; it is made when there is something to keep
 * @profile: which runtime
 *
 * Touches no file.
 *
 * Returns: (transfer full): the memory
 */
AirHeadMemory *
air_head_memory_new (const char *folder, AirClientProfile *profile)
{
  AirHeadMemory *self = g_new0 (AirHeadMemory, 1);
  const char *pinned = air_client_profile_get_ledger_key (profile);
  g_autofree char *text = NULL, *hex = NULL, *name = NULL;
  AirDigest digest;

  self->folder = g_strdup (folder);
  self->url = g_strdup (air_client_profile_get_url (profile));
  self->pinned = g_strdup (pinned);
  text = g_strdup_printf ("%s\n%s\n%s", self->url, air_client_profile_get_ca (profile), pinned != NULL ? pinned : "");
  digest = air_sha256 (text, strlen (text));
  hex = air_digest_to_hex (&digest);
  name = g_strconcat (hex, ".json", NULL);
  self->path = g_build_filename (folder, name, NULL);
  return self;
}

void
air_head_memory_free (AirHeadMemory *self)
{
  g_free (self->folder);
  g_free (self->path);
  g_free (self->url);
  g_free (self->pinned);
  g_free (self);
}

/**
 * air_head_memory_get_path:
 * @self: a memory
 *
 * Returns: (transfer none): the file, which may not be there
 */
const char *
air_head_memory_get_path (const AirHeadMemory *self)
{
  return self->path;
}

/**
 * air_head_memory_read:
 * @self: a memory
 * @ret_head: (out) (transfer full) (nullable): the largest head seen; %NULL: none yet
 * @error: return location
 *
 * Returns: %FALSE with %AIR_CLIENT_ERROR_UNVERIFIED when something is kept and cannot be believed: a ledger must not
 *   be taken for a new one because its memory was damaged
 */
gboolean
air_head_memory_read (const AirHeadMemory *self, AirLedgerHead **ret_head, GError **error)
{
  g_autoptr (AirValue) document = NULL;
  g_autoptr (GError) local = NULL;
  const char *key, *note;

  *ret_head = NULL;
  if (!g_file_test (self->path, G_FILE_TEST_EXISTS))
    return TRUE;
  document = air_json_load_file (self->path, &local);
  key = air_map_get_string (document, "key");
  note = air_map_get_string (document, "checkpoint");
  if (document != NULL && air_map_get_int (document, "v", 0) == 1 && key != NULL && note != NULL
      && (self->pinned == NULL || g_str_equal (key, self->pinned)))
    *ret_head = _air_ledger_head_open (note, key, self->pinned != NULL, &local);
  if (*ret_head != NULL)
    return TRUE;
  g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED,
               "%s holds the ledger's head as it was last seen, and cannot be read (%s); find out who changed it, "
               "then remove it",
               self->path, local != NULL ? local->message : "it is not what this program writes");
  return FALSE;
}

/* Whoever keeps a head does so alone: a smaller one must not take the place of a larger. */
static int
lock (const AirHeadMemory *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, "lock", NULL);
  int fd;

  if (g_mkdir_with_parents (self->folder, 0700) == 0 && (fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) >= 0)
    {
      while (flock (fd, LOCK_EX) != 0)
        if (errno != EINTR)
          {
            g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", path, g_strerror (errno));
            close (fd);
            return -1;
          }
      return fd;
    }
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", path, g_strerror (errno));
  return -1;
}

static gboolean
write_head (const AirHeadMemory *self, const AirLedgerHead *head, GError **error)
{
  g_autoptr (AirValue) document = air_map_new ();
  g_autofree char *text = NULL;
  gsize length;

  air_map_set_string (document, "checkpoint", head->text);
  air_map_set_string (document, "key", head->key);
  air_map_set_string (document, "url", self->url);
  air_map_set_int (document, "v", 1);
  text = air_jcs_write (document, &length, error);
  return text != NULL
         && g_file_set_contents_full (self->path, text, (gssize) length,
                                      G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error);
}

/**
 * air_head_memory_keep:
 * @self: a memory
 * @head: a head that was verified, and contains the one kept before
 * @error: return location
 *
 * Keeps it, unless a larger one is kept already. Fails with a %G_FILE_ERROR, or as air_head_memory_read().
 *
 * Returns: whether it, or a larger one, is kept
 */
gboolean
air_head_memory_keep (const AirHeadMemory *self, const AirLedgerHead *head, GError **error)
{
  g_autoptr (AirLedgerHead) kept = NULL;
  gboolean good;
  int fd = lock (self, error);

  if (fd < 0)
    return FALSE;
  good = air_head_memory_read (self, &kept, error)
         && ((kept != NULL && kept->size >= head->size) || write_head (self, head, error));
  close (fd);
  return good;
}
