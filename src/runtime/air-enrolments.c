/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-enrolments.h"

#include <string.h>

#include "ledger/air-entry.h"

struct _AirEnrolments {
  GHashTable *keys; /* key id → Key */
};

typedef struct {
  gint64 since_us;   /* when it was first enrolled; 0: not yet */
  AirValue *entered; /* members of the last KEY_ENROLLED, nullable */
  AirValue *wanted;  /* members of one that is not durable yet, nullable: until then the key does not count */
} Key;

static void
key_free (gpointer data)
{
  Key *self = data;

  g_clear_pointer (&self->entered, air_value_unref);
  g_clear_pointer (&self->wanted, air_value_unref);
  g_free (self);
}

static void
change_free (gpointer data)
{
  AirEnrolmentChange *self = data;

  air_value_unref (self->members);
  g_free (self);
}

/**
 * air_enrolments_new:
 *
 * Returns: (transfer full): nobody is enrolled
 */
AirEnrolments *
air_enrolments_new (void)
{
  AirEnrolments *self = g_new0 (AirEnrolments, 1);

  self->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, key_free);
  return self;
}

void
air_enrolments_free (AirEnrolments *self)
{
  g_hash_table_unref (self->keys);
  g_free (self);
}

static Key *
make_key (AirEnrolments *self, const char *id)
{
  Key *key = g_hash_table_lookup (self->keys, id);

  if (key == NULL)
    {
      key = g_new0 (Key, 1);
      g_hash_table_insert (self->keys, g_strdup (id), key);
    }
  return key;
}

/* Whose it is and what for: what else an entry holds makes no difference. */
static gboolean
says_the_same (const AirValue *a, const AirValue *b)
{
  static const char *const said[] = { "uri", "roles", "spki" };

  for (guint i = 0; i < G_N_ELEMENTS (said); i++)
    {
      const AirValue *x = a != NULL ? air_map_get (a, said[i]) : NULL, *y = b != NULL ? air_map_get (b, said[i]) : NULL;

      if (x == NULL || y == NULL || !air_value_equal (x, y))
        return FALSE;
    }
  return TRUE;
}

/**
 * air_enrolments_fold:
 * @self: enrolments
 * @type: of an entry that is durable
 * @members: its members
 * @time_us: its time, in microseconds since the Unix epoch
 *
 * Takes an entry of a system chain in; others than those of keys change nothing.
 */
void
air_enrolments_fold (AirEnrolments *self, const char *type, AirValue *members, gint64 time_us)
{
  const char *id = air_map_get_string (members, "key");
  Key *key;

  if (id == NULL)
    return;
  if (strcmp (type, AIR_ENTRY_KEY_REVOKED) == 0)
    {
      key = g_hash_table_lookup (self->keys, id);
      /* Taken away and given back since: the entry that says so is on its way. */
      if (key != NULL && key->wanted == NULL)
        g_hash_table_remove (self->keys, id);
      return;
    }
  if (strcmp (type, AIR_ENTRY_KEY_ENROLLED) != 0)
    return;
  key = make_key (self, id);
  if (key->since_us == 0)
    key->since_us = time_us;
  g_clear_pointer (&key->entered, air_value_unref);
  key->entered = air_value_ref (members);
  if (key->wanted != NULL && says_the_same (key->wanted, members))
    g_clear_pointer (&key->wanted, air_value_unref);
}

/**
 * air_enrolments_get:
 * @self: enrolments
 * @key_id: hexadecimal SHA-256 of the SPKI
 *
 * Returns: since when the key counts, in microseconds since the Unix epoch; 0 when it does not
 */
gint64
air_enrolments_get (const AirEnrolments *self, const char *key_id)
{
  const Key *key = g_hash_table_lookup (self->keys, key_id);

  return key != NULL && key->wanted == NULL ? key->since_us : 0;
}

static void
add (GPtrArray *changes, const char *type, AirValue *take_members)
{
  AirEnrolmentChange *change = g_new (AirEnrolmentChange, 1);

  *change = (AirEnrolmentChange) { type, take_members };
  g_ptr_array_add (changes, change);
}

static AirValue *
enrolment_of (const AirPerson *person)
{
  AirValue *members = air_map_new (), *roles = air_list_new ();
  gsize length;
  const void *spki = g_bytes_get_data (air_public_key_get_spki (person->key), &length);
  g_autofree char *base64 = g_base64_encode (spki, length);

  for (guint i = 0; person->roles != NULL && person->roles[i] != NULL; i++)
    air_list_append (roles, air_value_new_string (person->roles[i]));
  air_map_set_string (members, "key", air_public_key_get_id (person->key));
  air_map_set_string (members, "uri", person->uri);
  air_map_set (members, "roles", roles);
  air_map_set_string (members, "spki", base64);
  return members;
}

/* Whom the ledger knows and the trust roots no longer name. */
static void
add_revoked (AirEnrolments *self, const AirTrust *trust, GPtrArray *changes)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, self->keys);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    if (trust == NULL || air_trust_find_key (trust, id) == NULL)
      {
        AirValue *members = air_map_new ();

        air_map_set_string (members, "key", id);
        add (changes, AIR_ENTRY_KEY_REVOKED, members);
        g_hash_table_iter_remove (&iter);
      }
}

/**
 * air_enrolments_change:
 * @self: enrolments
 * @trust: (nullable): how it should be; %NULL: nobody may decide
 * @all: enter everybody, as an epoch does at its beginning
 *
 * What is to be entered so that the ledger says what the trust roots say. From now on a key that is taken away does not
 * count; nor does one that is new, or given to somebody else or for other roles, until air_enrolments_fold() is told
 * that its entry is durable.
 *
 * Returns: (transfer full) (element-type AirEnrolmentChange): in the order they are to be entered
 */
GPtrArray *
air_enrolments_change (AirEnrolments *self, const AirTrust *trust, gboolean all)
{
  GPtrArray *changes = g_ptr_array_new_with_free_func (change_free);

  add_revoked (self, trust, changes);
  for (guint i = 0; trust != NULL && i < trust->people->len; i++)
    {
      const AirPerson *person = trust->people->pdata[i];
      g_autoptr (AirValue) members = NULL;
      Key *key;

      /* A key under two names is the first one's: of two entries a verifier would believe the last. */
      if (person->key == NULL || air_trust_find_key (trust, air_public_key_get_id (person->key)) != person)
        continue;
      members = enrolment_of (person);
      key = make_key (self, air_public_key_get_id (person->key));
      if (!all && says_the_same (key->wanted != NULL ? key->wanted : key->entered, members))
        continue;
      g_clear_pointer (&key->wanted, air_value_unref);
      key->wanted = air_value_ref (members);
      add (changes, AIR_ENTRY_KEY_ENROLLED, g_steal_pointer (&members));
    }
  return changes;
}
