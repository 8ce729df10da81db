/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-entry.h"

#include <string.h>

#include "air-ledger-private.h"
#include "air-sd-jwt.h"
#include "air-tree.h"
#include "base/air-json.h"

/* The members this file writes itself. */
static const char *const reserved[] = {
  "_sd", "_sd_alg", "instance", "prev", "seq", "time", "type", "v", NULL,
};

enum { KEY_SD, KEY_SD_ALG, KEY_INSTANCE, KEY_PREV, KEY_SEQ, KEY_TIME, KEY_TYPE, KEY_V, KEY_MEMBER };

typedef struct {
  const char *key;
  int kind;
  const AirValue *value;
} Slot;

typedef char Commitment[AIR_SD_DIGEST_SIZE + 1];

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

static int
compare_commitments (const void *a, const void *b)
{
  return strcmp (a, b);
}

/* ASCII only, so that strcmp() is JCS's order of UTF-16 code units. */
static gboolean
is_member_key (const char *key)
{
  if (!g_ascii_islower (key[0]))
    return FALSE;
  for (const char *c = key; *c != '\0'; c++)
    if (!g_ascii_islower (*c) && !g_ascii_isdigit (*c) && *c != '_')
      return FALSE;
  return TRUE;
}

static gboolean
is_type_name (const char *type)
{
  gsize length = strlen (type);

  if (length == 0 || length > 64 || !g_ascii_isupper (type[0]))
    return FALSE;
  for (const char *c = type; *c != '\0'; c++)
    if (!g_ascii_isupper (*c) && !g_ascii_isdigit (*c) && *c != '_')
      return FALSE;
  return TRUE;
}

static void
append_hex (GString *out, const AirDigest *digest)
{
  static const char digits[] = "0123456789abcdef";
  char text[2 * AIR_SHA256_SIZE];

  for (guint i = 0; i < AIR_SHA256_SIZE; i++)
    {
      text[2 * i] = digits[digest->bytes[i] >> 4];
      text[2 * i + 1] = digits[digest->bytes[i] & 15];
    }
  g_string_append_len (out, text, sizeof text);
}

/* The commitment of the disclosure that @value ("sd:<name>") stands for. */
static const char *
find_commitment (const AirValue *disclosed,
                 const Commitment *unsorted,
                 const char *key,
                 const AirValue *value,
                 GError **error)
{
  const char *name = air_value_get_string (value, NULL) + strlen ("sd:");

  for (gsize i = 0; disclosed != NULL && i < air_map_get_size (disclosed); i++)
    if (g_strcmp0 (air_value_get_string (air_map_get_key_at (disclosed, i), NULL), name) == 0)
      return unsorted[i];

  g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_COMMITMENT,
               "member \"%s\" refers to disclosure \"%s\", which is not among the disclosed; add it", key, name);
  return NULL;
}

static gboolean
append_member (GString *out, const Slot *slot, const AirValue *disclosed, const Commitment *unsorted, GError **error)
{
  if (air_value_get_kind (slot->value) == AIR_VALUE_STRING && g_str_has_suffix (slot->key, "_digest")
      && g_str_has_prefix (air_value_get_string (slot->value, NULL), "sd:"))
    {
      const char *commitment = find_commitment (disclosed, unsorted, slot->key, slot->value, error);

      if (commitment == NULL)
        return FALSE;
      g_string_append_c (out, '"');
      g_string_append_len (out, commitment, AIR_SD_DIGEST_SIZE);
      g_string_append_c (out, '"');
      return TRUE;
    }

  if (air_ledger_has_double (slot->value))
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED,
                   "member \"%s\" holds a floating-point number; write it as an integer or as text", slot->key);
      return FALSE;
    }
  if (!air_jcs_append (out, slot->value, error))
    {
      g_prefix_error (error, "member \"%s\": ", slot->key);
      return FALSE;
    }
  return TRUE;
}

/* Collects the keys of the leaf in JCS order. Returns their number, or -1. */
static gssize
collect_slots (Slot *slots, const AirValue *members, const AirValue *disclosed, gboolean committed, GError **error)
{
  gsize n = 0;

  for (int kind = committed ? KEY_SD : KEY_INSTANCE; kind < KEY_MEMBER; kind++)
    slots[n++] = (Slot) { reserved[kind], kind, NULL };

  for (gsize i = 0; members != NULL && i < air_map_get_size (members); i++)
    {
      const AirValue *key_value = air_map_get_key_at (members, i);
      const AirValue *value = air_map_get_value_at (members, i);
      const char *key =
          air_value_get_kind (key_value) == AIR_VALUE_STRING ? air_value_get_string (key_value, NULL) : NULL;

      if (key == NULL || !is_member_key (key) || (strchr ("ipstv", *key) != NULL && g_strv_contains (reserved, key)))
        {
          g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED,
                       "member \"%s\": a name is lower-case letters, digits and '_', and none of the ledger's own",
                       key != NULL ? key : "(not text)");
          return -1;
        }
      if (disclosed != NULL && air_map_get (disclosed, key) != NULL)
        {
          g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED,
                       "\"%s\" is both a member and a disclosure; keep one", key);
          return -1;
        }
      /* Absent rather than null. */
      if (!air_value_is_null (value))
        {
          gsize at = n++;

          for (; at > 0 && strcmp (key, slots[at - 1].key) < 0; at--)
            slots[at] = slots[at - 1];
          slots[at] = (Slot) { key, KEY_MEMBER, value };
        }
    }
  return (gssize) n;
}

/* The length stands before the text and is known after it: room is made, and what is not needed taken back. */
static void
put_length (GString *packed, gsize at, gsize room)
{
  gsize length = packed->len - at - room, rest = length, n = 0;

  for (; rest >= 0x80; rest >>= 7)
    packed->str[at + n++] = (char) ((rest & 0x7f) | 0x80);
  packed->str[at + n++] = (char) rest;
  if (n < room)
    {
      memmove (packed->str + at + n, packed->str + at + room, length);
      g_string_truncate (packed, at + n + length);
    }
}

static gboolean
add_disclosure (AirSealedEntry *self,
                const AirValue *disclosed,
                gsize i,
                const AirRandom *random,
                Commitment ret_commitment,
                GError **error)
{
  const char *name = air_value_get_string (air_map_get_key_at (disclosed, i), NULL);
  gsize before = self->packed->len;
  char *text;

  g_string_append_len (self->packed, "\0\0\0\0", 4);
  if (!air_sd_append (self->packed, name, air_map_get_value_at (disclosed, i), random, error))
    return FALSE;
  text = air_base64url_encode (self->packed->str + before + 4, self->packed->len - before - 4);
  put_length (self->packed, before, 4);
  g_ptr_array_add (self->disclosures, text);
  air_sd_digest (text, ret_commitment);
  return TRUE;
}

static void
append_decimal (GString *out, gint64 number)
{
  char digits[20];
  gsize at = sizeof digits;

  do
    digits[--at] = (char) ('0' + number % 10);
  while ((number /= 10) > 0);
  g_string_append_len (out, digits + at, sizeof digits - at);
}

static void
append_quoted (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  g_string_append (out, text);
  g_string_append_c (out, '"');
}

/**
 * air_entry_seal:
 * @head: (inout): the instance's chain; moved on when the entry is sealed, untouched on failure
 * @instance: [A-Za-z0-9._-], at most 128 characters
 * @type: the entry's type, say %AIR_ENTRY_TIMER
 * @members: (nullable): a map of further members; null members are left out
 * @disclosed: (nullable): a map of redactable fields; each becomes a salted commitment
 * @time_us: the time of the entry
 * @random: for the salts
 * @error: return location
 *
 * Makes an entry: JCS (RFC 8785) written straight into the leaf, SD-JWT
 * commitments (RFC 9901) in `_sd`, the leaf hash of RFC 6962. A member whose
 * name ends in `_digest` and whose value is "sd:<name>" becomes the commitment
 * of that disclosure.
 *
 * Fails with %AIR_LEDGER_ERROR_MALFORMED, %AIR_LEDGER_ERROR_COMMITMENT,
 * %AIR_LEDGER_ERROR_TOO_LARGE, or %AIR_JSON_ERROR_UNWRITABLE.
 *
 * Returns: (transfer full):
 */
AirSealedEntry *
air_entry_seal (AirChainHead *head,
                const char *instance,
                const char *type,
                const AirValue *members,
                const AirValue *disclosed,
                gint64 time_us,
                const AirRandom *random,
                GError **error)
{
  g_autoptr (AirSealedEntry) self = NULL;
  g_autofree Slot *slots = NULL;
  g_autofree Commitment *unsorted = NULL;
  g_autofree Commitment *sorted = NULL;
  g_autofree char *time = NULL;
  g_autoptr (GString) out = NULL;
  gsize n_disclosed = disclosed != NULL ? air_map_get_size (disclosed) : 0;
  gsize n_members = members != NULL ? air_map_get_size (members) : 0;
  gssize n_slots;

  g_return_val_if_fail (head != NULL && instance != NULL && type != NULL && random != NULL, NULL);

  if (!air_ledger_is_instance (instance) || !is_type_name (type))
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED,
                   "entry of instance \"%s\", type \"%s\": an instance is letters, digits, '.', '_' and '-'; a type is "
                   "capitals, digits and '_'",
                   instance, type);
      return NULL;
    }

  self = g_new0 (AirSealedEntry, 1);
  if (n_disclosed > 0)
    {
      self->disclosures = g_ptr_array_new_full ((guint) n_disclosed, g_free);
      unsorted = g_new (Commitment, n_disclosed);
      self->packed = g_string_sized_new (500);
      for (gsize i = 0; i < n_disclosed; i++)
        if (!add_disclosure (self, disclosed, i, random, unsorted[i], error))
          {
            g_prefix_error (error, "%s %s: ", instance, type);
            return NULL;
          }
      sorted = g_memdup2 (unsorted, n_disclosed * sizeof (Commitment));
      qsort (sorted, n_disclosed, sizeof (Commitment), compare_commitments);
    }

  slots = g_new (Slot, n_members + KEY_MEMBER);
  n_slots = collect_slots (slots, members, disclosed, n_disclosed > 0, error);
  if (n_slots < 0)
    {
      g_prefix_error (error, "%s %s: ", instance, type);
      return NULL;
    }

  time = air_time_format (time_us);
  out = g_string_sized_new (1000);
  for (gssize i = 0; i < n_slots; i++)
    {
      g_string_append (out, i == 0 ? "{\"" : ",\"");
      g_string_append (out, slots[i].key);
      g_string_append (out, "\":");
      switch (slots[i].kind)
        {
        case KEY_SD:
          for (gsize j = 0; j < n_disclosed; j++)
            {
              g_string_append (out, j == 0 ? "[\"" : ",\"");
              g_string_append_len (out, sorted[j], AIR_SD_DIGEST_SIZE);
              g_string_append_c (out, '"');
            }
          g_string_append_c (out, ']');
          break;
        case KEY_SD_ALG:
          g_string_append (out, "\"sha-256\"");
          break;
        case KEY_INSTANCE:
          append_quoted (out, instance);
          break;
        case KEY_PREV:
          g_string_append_c (out, '"');
          append_hex (out, &head->prev);
          g_string_append_c (out, '"');
          break;
        case KEY_SEQ:
          append_decimal (out, head->seq);
          break;
        case KEY_TIME:
          append_quoted (out, time);
          break;
        case KEY_TYPE:
          append_quoted (out, type);
          break;
        case KEY_V:
          g_string_append_c (out, '0' + AIR_ENTRY_VERSION);
          break;
        case KEY_MEMBER:
          if (!append_member (out, &slots[i], disclosed, unsorted, error))
            {
              g_prefix_error (error, "%s %s: ", instance, type);
              return NULL;
            }
          break;
        default:
          g_assert_not_reached ();
        }
    }
  g_string_append_c (out, '}');

  if (out->len > AIR_ENTRY_MAX_SIZE)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_TOO_LARGE,
                   "%s %s: the entry has %" G_GSIZE_FORMAT " bytes, at most %d fit; disclose the large members",
                   instance, type, out->len, AIR_ENTRY_MAX_SIZE);
      return NULL;
    }

  self->hash = air_tree_leaf_hash (out->str, out->len);
  self->leaf = g_string_free_to_bytes (g_steal_pointer (&out));
  head->seq++;
  head->prev = self->hash;

  return g_steal_pointer (&self);
}

void
air_sealed_entry_free (AirSealedEntry *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->leaf, g_bytes_unref);
  g_clear_pointer (&self->disclosures, g_ptr_array_unref);
  if (self->packed != NULL)
    g_string_free (self->packed, TRUE);
  g_free (self);
}

/**
 * air_entry_leaf_hash:
 * @leaf: the bytes of an entry
 * @length: their number
 *
 * SHA-256 (00 ‖ leaf), RFC 6962 section 2.1.
 */
AirDigest
air_entry_leaf_hash (const void *leaf, gsize length)
{
  return air_tree_leaf_hash (leaf, length);
}

static gboolean malformed (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
malformed (GError **error, const char *format, ...)
{
  g_autofree char *words = NULL;
  va_list args;

  va_start (args, format);
  words = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "entry: %s", words);
  return FALSE;
}

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

      if (strlen (key) != key_length || (!is_member_key (key) && !g_strv_contains (reserved, key)))
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
  if (self->type == NULL || !is_type_name (self->type))
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
 * Returns: (transfer full):
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
  self->members = air_json_parse_bytes (leaf, error);
  if (self->members == NULL)
    {
      g_prefix_error (error, "entry: ");
      return NULL;
    }
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
      Commitment commitment;

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
 * Whether @self is the next entry of the chain: the same instance, the next `seq`, `prev` the head's. The caller
 * keeps heads per instance. Fails with %AIR_LEDGER_ERROR_CHAIN.
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
