/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-entry-private.h"

#include <string.h>

#include "air-ledger-private.h"
#include "air-sd-jwt.h"
#include "air-tree.h"
#include "base/air-json.h"

/* Entries are made here; air-entry.c reads them. */

/* In the order of air_entry_own_keys, which is JCS's. */
enum { KEY_SD, KEY_SD_ALG, KEY_INSTANCE, KEY_PREV, KEY_SEQ, KEY_TIME, KEY_TYPE, KEY_V, KEY_MEMBER };

typedef struct {
  const char *key;
  int kind;
  const AirValue *value;
} Slot;

typedef char Commitment[AIR_SD_DIGEST_SIZE + 1];

static int
compare_commitments (const void *a, const void *b)
{
  return strcmp (a, b);
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
    slots[n++] = (Slot) { air_entry_own_keys[kind], kind, NULL };

  for (gsize i = 0; members != NULL && i < air_map_get_size (members); i++)
    {
      const AirValue *key_value = air_map_get_key_at (members, i);
      const AirValue *value = air_map_get_value_at (members, i);
      const char *key =
          air_value_get_kind (key_value) == AIR_VALUE_STRING ? air_value_get_string (key_value, NULL) : NULL;

      if (key == NULL || !air_entry_is_member_key (key)
          || (strchr ("ipstv", *key) != NULL && g_strv_contains (air_entry_own_keys, key)))
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

/* What an entry's bytes are made of. */
typedef struct {
  const AirChainHead *head;
  const char *instance, *type;
  gint64 time_us;
  const AirValue *disclosed;
  const Commitment *unsorted, *sorted;
  gsize n_disclosed;
} Leaf;

static gboolean
write_slot (GString *out, const Leaf *self, const Slot *slot, GError **error)
{
  g_autofree char *time = NULL;

  switch (slot->kind)
    {
    case KEY_SD:
      for (gsize i = 0; i < self->n_disclosed; i++)
        {
          g_string_append (out, i == 0 ? "[\"" : ",\"");
          g_string_append_len (out, self->sorted[i], AIR_SD_DIGEST_SIZE);
          g_string_append_c (out, '"');
        }
      g_string_append_c (out, ']');
      return TRUE;
    case KEY_SD_ALG:
      g_string_append (out, "\"sha-256\"");
      return TRUE;
    case KEY_INSTANCE:
      append_quoted (out, self->instance);
      return TRUE;
    case KEY_PREV:
      g_string_append_c (out, '"');
      append_hex (out, &self->head->prev);
      g_string_append_c (out, '"');
      return TRUE;
    case KEY_SEQ:
      append_decimal (out, self->head->seq);
      return TRUE;
    case KEY_TIME:
      time = air_time_format (self->time_us);
      append_quoted (out, time);
      return TRUE;
    case KEY_TYPE:
      append_quoted (out, self->type);
      return TRUE;
    case KEY_V:
      g_string_append_c (out, '0' + AIR_ENTRY_VERSION);
      return TRUE;
    case KEY_MEMBER:
      return append_member (out, slot, self->disclosed, self->unsorted, error);
    default:
      g_assert_not_reached ();
    }
}

static gboolean
write_leaf (GString *out, const Leaf *self, const Slot *slots, gssize n_slots, GError **error)
{
  for (gssize i = 0; i < n_slots; i++)
    {
      g_string_append (out, i == 0 ? "{\"" : ",\"");
      g_string_append (out, slots[i].key);
      g_string_append (out, "\":");
      if (!write_slot (out, self, &slots[i], error))
        return FALSE;
    }
  g_string_append_c (out, '}');
  return TRUE;
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
 * Returns: (transfer full): the entry, or %NULL
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
  g_autoptr (GString) out = NULL;
  gsize n_disclosed = disclosed != NULL ? air_map_get_size (disclosed) : 0;
  gsize n_members = members != NULL ? air_map_get_size (members) : 0;
  Leaf leaf = { head, instance, type, time_us, disclosed, NULL, NULL, n_disclosed };
  gssize n_slots;

  g_return_val_if_fail (head != NULL && instance != NULL && type != NULL && random != NULL, NULL);

  if (!air_ledger_is_instance (instance) || !air_entry_is_type_name (type))
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
  leaf.unsorted = unsorted;
  leaf.sorted = sorted;

  slots = g_new (Slot, n_members + KEY_MEMBER);
  n_slots = collect_slots (slots, members, disclosed, n_disclosed > 0, error);
  if (n_slots < 0)
    {
      g_prefix_error (error, "%s %s: ", instance, type);
      return NULL;
    }

  out = g_string_sized_new (1000);
  if (!write_leaf (out, &leaf, slots, n_slots, error))
    {
      g_prefix_error (error, "%s %s: ", instance, type);
      return NULL;
    }

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
