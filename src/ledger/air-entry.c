/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-entry-private.h"

#include <string.h>

#include "air-ledger-private.h"
#include "air-sd-jwt.h"
#include "air-tree.h"
#include "base/air-json.h"

const char *const air_entry_own_keys[] = {
  "_sd", "_sd_alg", "instance", "prev", "seq", "time", "type", "v", NULL,
};

struct _AirEntry {
  GBytes *leaf;
  AirValue *members;
  AirDigest hash;
  AirDigest prev;
  const char *instance;
  const char *type;
  const char *time;
  gint64 seq;
  gint64 time_us;
  const AirValue *commitments; /* the `_sd` list, or NULL */
};

/* ASCII only, so that strcmp() is JCS's order of UTF-16 code units. */
gboolean
air_entry_is_member_key (const char *key)
{
  if (!g_ascii_islower (key[0]))
    return FALSE;
  for (const char *c = key; *c != '\0'; c++)
    if (!g_ascii_islower (*c) && !g_ascii_isdigit (*c) && *c != '_')
      return FALSE;
  return TRUE;
}

gboolean
air_entry_is_type_name (const char *type)
{
  gsize length = strlen (type);

  if (length == 0 || length > 64 || !g_ascii_isupper (type[0]))
    return FALSE;
  for (const char *c = type; *c != '\0'; c++)
    if (!g_ascii_isupper (*c) && !g_ascii_isdigit (*c) && *c != '_')
      return FALSE;
  return TRUE;
}

/**
 * air_entry_leaf_hash:
 * @leaf: the bytes of an entry
 * @length: their number
 *
 * SHA-256 (00 ‖ leaf), RFC 6962 section 2.1.
 *
 * Returns: SHA-256 (00 ‖ leaf), RFC 6962 §2.1
 */
AirDigest
air_entry_leaf_hash (const void *leaf, gsize length)
{
  return air_tree_leaf_hash (leaf, length);
}

#define malformed(error, ...) air_ledger_malformed (error, "entry", __VA_ARGS__)

static gboolean
check_canonical (GBytes *leaf, const AirValue *root, GError **error)
{
  g_autofree char *canonical = NULL;
  gsize length, canonical_length, i;
  const char *bytes = g_bytes_get_data (leaf, &length);

  canonical = air_jcs_write (root, &canonical_length, error);
  if (canonical == NULL)
    {
      g_prefix_error (error, "entry: ");
      return FALSE;
    }
  if (length == canonical_length && memcmp (bytes, canonical, length) == 0)
    return TRUE;

  for (i = 0; i < MIN (length, canonical_length) && bytes[i] == canonical[i]; i++)
    ;
  g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_NOT_CANONICAL,
               "entry: not canonical JSON (RFC 8785) from byte %" G_GSIZE_FORMAT " on", i);
  return FALSE;
}

static gboolean
check_commitments (AirEntry *self, GError **error)
{
  const AirValue *list = air_map_get (self->members, "_sd");
  const char *algorithm = air_map_get_string (self->members, "_sd_alg");
  const char *last = "";

  if (list == NULL)
    return air_map_get (self->members, "_sd_alg") == NULL
           || malformed (error, "field \"_sd_alg\" stands without \"_sd\"");
  if (air_value_get_kind (list) != AIR_VALUE_LIST || air_list_get_size (list) == 0)
    return malformed (error, "field \"_sd\" is not a list of commitments");
  if (g_strcmp0 (algorithm, "sha-256") != 0)
    return malformed (error, "field \"_sd_alg\" is not \"sha-256\"");

  for (gsize i = 0; i < air_list_get_size (list); i++)
    {
      const AirValue *item = air_list_get (list, i);
      const char *text = air_value_get_kind (item) == AIR_VALUE_STRING ? air_value_get_string (item, NULL) : NULL;

      if (!air_sd_is_digest (text))
        return malformed (error, "field \"_sd\", item %" G_GSIZE_FORMAT ": not a commitment", i);
      if (strcmp (last, text) >= 0)
        return malformed (error, "field \"_sd\", item %" G_GSIZE_FORMAT ": out of order or twice", i);
      last = text;
    }
  self->commitments = list;
  return TRUE;
}

static gboolean
check_members (AirEntry *self, GError **error)
{
  const AirValue *v = air_map_get (self->members, "v");
  const char *prev;
  g_autofree char *time = NULL;

  if (v == NULL || air_value_get_kind (v) != AIR_VALUE_INT)
    return malformed (error, "field \"v\" is not a number");
  if (air_value_get_int (v) != AIR_ENTRY_VERSION)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_UNSUPPORTED,
                   "entry: field \"v\" is %" G_GINT64_FORMAT ", this program knows version %d; use a newer one",
                   air_value_get_int (v), AIR_ENTRY_VERSION);
      return FALSE;
    }

  for (gsize i = 0; i < air_map_get_size (self->members); i++)
    {
      gsize key_length;
      const char *key = air_value_get_string (air_map_get_key_at (self->members, i), &key_length);

      if (strlen (key) != key_length || (!air_entry_is_member_key (key) && !g_strv_contains (air_entry_own_keys, key)))
        return malformed (error, "field \"%s\": no name of a member", key);
      if (air_value_is_null (air_map_get_value_at (self->members, i)))
        return malformed (error, "field \"%s\" is null; it should be absent", key);
    }
  if (air_ledger_has_double (self->members))
    return malformed (error, "a floating-point number stands in it");

  self->instance = air_map_get_string (self->members, "instance");
  if (!air_ledger_is_instance (self->instance))
    return malformed (error, "field \"instance\" is no instance id");

  self->type = air_map_get_string (self->members, "type");
  if (self->type == NULL || !air_entry_is_type_name (self->type))
    return malformed (error, "field \"type\" is no entry type");

  self->seq = air_map_get_int (self->members, "seq", -1);
  if (self->seq < 0)
    return malformed (error, "field \"seq\" is not a number from 0 up");

  prev = air_map_get_string (self->members, "prev");
  if (prev == NULL || strlen (prev) != 64 || !air_digest_from_hex (prev, &self->prev)
      || strpbrk (prev, "ABCDEF") != NULL)
    return malformed (error, "field \"prev\" is not 64 lower-case hexadecimal digits");

  self->time = air_map_get_string (self->members, "time");
  if (self->time == NULL || !air_time_parse (self->time, &self->time_us))
    return malformed (error, "field \"time\" is no RFC 3339 time");
  time = air_time_format (self->time_us);
  if (!g_str_equal (time, self->time))
    return malformed (error, "field \"time\" is not in UTC with milliseconds");

  return check_commitments (self, error);
}

/**
 * air_entry_parse:
 * @leaf: the exact bytes of an entry
 * @error: return location
 *
 * Reads an entry strictly: canonical JSON, every common member there and of its
 * form, nothing null, nothing floating.
 *
 * Fails with %AIR_LEDGER_ERROR_TOO_LARGE, %AIR_LEDGER_ERROR_NOT_CANONICAL,
 * %AIR_LEDGER_ERROR_UNSUPPORTED (another `v`), %AIR_LEDGER_ERROR_MALFORMED, or
 * a %AIR_JSON_ERROR.
 *
 * Returns: (transfer full): the entry, or %NULL
 */
AirEntry *
air_entry_parse (GBytes *leaf, GError **error)
{
  g_autoptr (AirEntry) self = NULL;
  gsize length = g_bytes_get_size (leaf);

  if (length > AIR_ENTRY_MAX_SIZE)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_TOO_LARGE,
                   "entry: %" G_GSIZE_FORMAT " bytes; at most %d are allowed", length, AIR_ENTRY_MAX_SIZE);
      return NULL;
    }

  self = g_new0 (AirEntry, 1);
  self->leaf = g_bytes_ref (leaf);
  self->members = air_json_parse_named (leaf, "entry", error);
  if (self->members == NULL)
    return NULL;
  if (air_value_get_kind (self->members) != AIR_VALUE_MAP)
    {
      malformed (error, "not a JSON object");
      return NULL;
    }
  if (!check_canonical (leaf, self->members, error) || !check_members (self, error))
    return NULL;

  self->hash = air_tree_leaf_hash (g_bytes_get_data (leaf, NULL), length);
  return g_steal_pointer (&self);
}

void
air_entry_free (AirEntry *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->members, air_value_unref);
  g_clear_pointer (&self->leaf, g_bytes_unref);
  g_free (self);
}

GBytes *
air_entry_get_leaf (const AirEntry *self)
{
  return self->leaf;
}

const AirDigest *
air_entry_get_hash (const AirEntry *self)
{
  return &self->hash;
}

const char *
air_entry_get_instance (const AirEntry *self)
{
  return self->instance;
}

const char *
air_entry_get_type_name (const AirEntry *self)
{
  return self->type;
}

gint64
air_entry_get_seq (const AirEntry *self)
{
  return self->seq;
}

const AirDigest *
air_entry_get_prev (const AirEntry *self)
{
  return &self->prev;
}

gint64
air_entry_get_time_us (const AirEntry *self)
{
  return self->time_us;
}

const char *
air_entry_get_time (const AirEntry *self)
{
  return self->time;
}

AirValue *
air_entry_get_members (const AirEntry *self)
{
  return self->members;
}

gsize
air_entry_get_n_committed (const AirEntry *self)
{
  return self->commitments != NULL ? air_list_get_size (self->commitments) : 0;
}

/**
 * air_entry_commits_to:
 * @self: an entry
 * @digest: 43 characters of base64url
 *
 * Whether @digest stands in `_sd`, which is sorted.
 *
 * Returns: whether it does
 */
gboolean
air_entry_commits_to (const AirEntry *self, const char *digest)
{
  gsize low = 0, high = air_entry_get_n_committed (self);

  while (low < high)
    {
      gsize middle = low + (high - low) / 2;
      int order = strcmp (air_value_get_string (air_list_get (self->commitments, middle), NULL), digest);

      if (order == 0)
        return TRUE;
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return FALSE;
}

gboolean
air_entry_is_closing (const AirEntry *self)
{
  return g_str_equal (self->type, AIR_ENTRY_WORKFLOW_COMPLETED) || g_str_equal (self->type, AIR_ENTRY_WORKFLOW_FAILED);
}

/**
 * air_entry_open:
 * @self: an entry
 * @disclosures: (nullable) (element-type utf8): what one holds of its disclosures, all or some
 * @error: return location
 *
 * Opens commitments. Every disclosure must be one the entry commits to; none may
 * come twice, carry a name twice, or carry the name of a member.
 *
 * Fails with %AIR_LEDGER_ERROR_COMMITMENT, %AIR_LEDGER_ERROR_MALFORMED, or a
 * %AIR_JSON_ERROR.
 *
 * Returns: (transfer full): a map from name to value, in the order given
 */
AirValue *
air_entry_open (const AirEntry *self, GPtrArray *disclosures, GError **error)
{
  g_autoptr (AirValue) map = air_map_new ();

  for (guint i = 0; disclosures != NULL && i < disclosures->len; i++)
    {
      const char *text = g_ptr_array_index (disclosures, i);
      g_autoptr (AirDisclosure) disclosure = air_sd_parse (text, error);
      char commitment[AIR_SD_DIGEST_SIZE + 1];

      if (disclosure == NULL)
        return NULL;
      air_sd_digest (text, commitment);
      if (!air_entry_commits_to (self, commitment))
        {
          g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_COMMITMENT,
                       "disclosure \"%s\": the entry does not commit to it (its digest %s is not in \"_sd\")",
                       disclosure->name, commitment);
          return NULL;
        }
      if (air_map_get (map, disclosure->name) != NULL || air_map_get (self->members, disclosure->name) != NULL)
        {
          g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED,
                       "disclosure \"%s\": the entry already has something of that name", disclosure->name);
          return NULL;
        }
      air_map_set (map, disclosure->name, g_steal_pointer (&disclosure->value));
    }

  return g_steal_pointer (&map);
}

/**
 * air_entry_follows:
 * @self: an entry
 * @head: (inout): where the instance's chain stands; moved on when @self follows
 * @error: return location
 *
 * Whether @self is the next entry of the chain: its `seq` and `prev`; that it is of the same instance is not looked
 * at. The caller
 * keeps heads per instance. Fails with %AIR_LEDGER_ERROR_CHAIN.
 *
 * Returns: whether it does
 */
gboolean
air_entry_follows (const AirEntry *self, AirChainHead *head, GError **error)
{
  if (self->seq != head->seq)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_CHAIN,
                   "%s: field \"seq\" is %" G_GINT64_FORMAT " where %" G_GINT64_FORMAT
                   " should come: an entry is missing, repeated or out of order",
                   self->instance, self->seq, head->seq);
      return FALSE;
    }
  if (!air_digest_equal (&self->prev, &head->prev))
    {
      g_autofree char *wanted = air_digest_to_hex (&head->prev);

      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_CHAIN,
                   "%s: field \"prev\" of entry %" G_GINT64_FORMAT " is not the leaf hash of the entry before it, %s",
                   self->instance, self->seq, wanted);
      return FALSE;
    }

  head->seq++;
  head->prev = self->hash;
  return TRUE;
}
