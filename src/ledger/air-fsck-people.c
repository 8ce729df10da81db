/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-fsck-private.h"

#include <string.h>

#include "air-statement-private.h"

#define NONE G_MAXUINT64

/* A key the ledger spoke of. */
typedef struct {
  AirEntry *last; /* KEY_ENROLLED or KEY_REVOKED */
  AirPublicKey *key;
} Enrolled;

/* A gate that asks, or an action that was sent and not answered well. */
typedef struct {
  char *name; /* "<instance>/<gate>", or the step */
  gboolean gate;
  guint64 first;     /* the first attempt, or NONE */
  guint64 asked;     /* the last request, the last attempt */
  GPtrArray *nonces; /* char *, nullable: of what counted there */
} Spot;

struct _AirFsckPeople {
  const AirLedgerReader *reader;
  AirFsckReport *report;
  GHashTable *enrolled; /* key id → Enrolled */
  GHashTable *runs;     /* instance → GArray of Spot, those that have one */
};

typedef struct {
  AirFsckPeople *people;
  guint64 index;
  const char *instance;
} Place;

static void
enrolled_free (gpointer data)
{
  Enrolled *self = data;

  g_clear_pointer (&self->last, air_entry_free);
  g_clear_pointer (&self->key, air_public_key_unref);
  g_free (self);
}

static void
spot_clear (gpointer data)
{
  Spot *self = data;

  g_free (self->name);
  g_clear_pointer (&self->nonces, g_ptr_array_unref);
}

AirFsckPeople *
air_fsck_people_new (const AirLedgerReader *reader, AirFsckReport *report)
{
  AirFsckPeople *self = g_new0 (AirFsckPeople, 1);

  self->reader = reader;
  self->report = report;
  self->enrolled = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, enrolled_free);
  self->runs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
  return self;
}

void
air_fsck_people_free (AirFsckPeople *self)
{
  g_hash_table_unref (self->enrolled);
  g_hash_table_unref (self->runs);
  g_free (self);
}

static gboolean
is_type (const AirEntry *entry, const char *type)
{
  return g_str_equal (air_entry_get_type_name (entry), type);
}

static const char *
text_of (const AirEntry *entry, const char *key)
{
  const char *text = air_map_get_string (air_entry_get_members (entry), key);

  return text != NULL ? text : "";
}

/* --- whose keys ---------------------------------------------------------------------------------- */

static void
take_key (AirFsckPeople *self, const AirEntry *entry)
{
  const char *id = air_map_get_string (air_entry_get_members (entry), "key");
  Enrolled *enrolled = id != NULL ? g_hash_table_lookup (self->enrolled, id) : NULL;

  if (id == NULL)
    return;
  if (enrolled == NULL)
    {
      enrolled = g_new0 (Enrolled, 1);
      g_hash_table_insert (self->enrolled, g_strdup (id), enrolled);
    }
  g_clear_pointer (&enrolled->last, air_entry_free);
  enrolled->last = air_entry_parse (air_entry_get_leaf (entry), NULL);
  if (is_type (entry, AIR_ENTRY_KEY_ENROLLED))
    {
      g_autofree char *pem =
          g_strdup_printf ("-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n", text_of (entry, "spki"));

      g_clear_pointer (&enrolled->key, air_public_key_unref);
      enrolled->key = air_public_key_from_pem (pem, NULL);
    }
}

/* --- where something was asked or sent -------------------------------------------------------------- */

static Spot *
find_spot (AirFsckPeople *self, const char *instance, const char *name, gboolean gate)
{
  GArray *spots = g_hash_table_lookup (self->runs, instance);

  for (guint i = 0; spots != NULL && i < spots->len; i++)
    {
      Spot *spot = &g_array_index (spots, Spot, i);

      if (spot->gate == gate && g_str_equal (spot->name, name))
        return spot;
    }
  return NULL;
}

static Spot *
make_spot (AirFsckPeople *self, const char *instance, const char *name, gboolean gate)
{
  Spot *spot = find_spot (self, instance, name, gate);
  GArray *spots;

  if (spot != NULL)
    return spot;
  spots = g_hash_table_lookup (self->runs, instance);
  if (spots == NULL)
    {
      spots = g_array_new (FALSE, FALSE, sizeof (Spot));
      g_array_set_clear_func (spots, spot_clear);
      g_hash_table_insert (self->runs, g_strdup (instance), spots);
    }
  g_array_append_val (spots, ((Spot) { g_strdup (name), gate, NONE, NONE, NULL }));
  return &g_array_index (spots, Spot, spots->len - 1);
}

static void
drop_spot (AirFsckPeople *self, const char *instance, const char *name, gboolean gate)
{
  GArray *spots = g_hash_table_lookup (self->runs, instance);
  Spot *spot = find_spot (self, instance, name, gate);

  if (spot == NULL)
    return;
  g_array_remove_index_fast (spots, (guint) (spot - &g_array_index (spots, Spot, 0)));
  if (spots->len == 0)
    g_hash_table_remove (self->runs, instance);
}

static void
take_action (AirFsckPeople *self, guint64 index, const AirEntry *entry)
{
  const char *instance = air_entry_get_instance (entry);
  g_autofree char *step = air_statement_dup_step (entry);

  if (step == NULL || !g_str_equal (text_of (entry, "purpose"), "execute"))
    return;
  if (is_type (entry, AIR_ENTRY_TOOL_ACTION_STARTED))
    {
      Spot *spot = make_spot (self, instance, step, FALSE);

      spot->asked = index;
      if (air_map_get_int (air_entry_get_members (entry), "attempt", 0) == 1)
        spot->first = index;
    }
  else if (g_str_equal (text_of (entry, "outcome"), "ok"))
    drop_spot (self, instance, step, FALSE);
}

/* --- the judgement ------------------------------------------------------------------------------------ */

static void
fault_cb (const char *field, const char *words, gpointer user_data)
{
  const Place *self = user_data;

  if (field != NULL)
    air_fsck_report_add (self->people->report, self->index, "%s: signed decision, field \"%s\": %s", self->instance,
                         field, words);
  else
    air_fsck_report_add (self->people->report, self->index, "%s: %s", self->instance, words);
}

/* An entry read before; *@ret_entry stays NULL when there is none, or it was damaged since. */
static gboolean
read_again (AirFsckPeople *self, guint64 index, AirEntry **ret_entry, GError **error)
{
  g_autoptr (GBytes) leaf = NULL;

  if (index == NONE)
    return TRUE;
  leaf = self->reader->read_leaf (self->reader->user_data, index, error);
  if (leaf == NULL)
    {
      g_prefix_error (error, "entry %" G_GUINT64_FORMAT ": ", index);
      return FALSE;
    }
  *ret_entry = air_entry_parse (leaf, NULL);
  return TRUE;
}

static gboolean
judge (AirFsckPeople *self, const Place *place, Spot *spot, guint64 first, AirStatement *facts, GError **error)
{
  const char *envelope = air_map_get_string (facts->opened, "envelope");
  const Enrolled *enrolled = g_hash_table_lookup (self->enrolled, text_of (facts->entry, "key"));
  g_autoptr (AirEntry) asked = NULL, first_attempt = NULL, trigger = NULL;
  g_autoptr (AirDecision) decision = NULL;

  if (enrolled == NULL || enrolled->key == NULL)
    {
      fault_cb ("key", "no KEY_ENROLLED entry before it says that this key may decide", (gpointer) place);
      return TRUE;
    }
  if (!read_again (self, spot != NULL ? spot->asked : NONE, &asked, error)
      || !read_again (self, spot != NULL ? spot->first : NONE, &first_attempt, error)
      || !read_again (self, first, &trigger, error))
    return FALSE;
  facts->asked = asked;
  facts->first = first_attempt;
  facts->trigger = trigger;
  facts->enrolment = enrolled->last;
  decision = air_statement_judge (facts, envelope, enrolled->key);
  self->report->n_statements++;
  if (decision == NULL || spot == NULL)
    return TRUE;
  if (spot->nonces == NULL)
    spot->nonces = g_ptr_array_new_with_free_func (g_free);
  if (g_ptr_array_find_with_equal_func (spot->nonces, decision->nonce, g_str_equal, NULL))
    fault_cb ("nonce", "the same signed decision is counted twice", (gpointer) place);
  g_ptr_array_add (spot->nonces, g_strdup (decision->nonce));
  return TRUE;
}

static gboolean
take_statement (AirFsckPeople *self,
                guint64 index,
                guint64 first,
                const AirEntry *entry,
                const AirValue *opened,
                GError **error)
{
  const char *instance = air_entry_get_instance (entry);
  gboolean word = air_statement_is_word (entry);
  g_autofree char *step = air_statement_dup_step (entry);
  const char *name = word ? (step != NULL ? step : "") : text_of (entry, "gate");
  Place place = { self, index, instance };
  AirStatement facts = { .entry = entry, .opened = opened, .fault = fault_cb, .user_data = &place };

  if (opened == NULL)
    return TRUE;
  if (air_map_get_string (opened, "envelope") != NULL)
    return judge (self, &place, find_spot (self, instance, name, !word), first, &facts, error);
  /* What is committed to and not there is told elsewhere: it may have been erased by right. */
  if (air_entry_get_n_committed (entry) == air_map_get_size (opened))
    fault_cb ("envelope", "nobody signed it", &place);
  return TRUE;
}

gboolean
air_fsck_people_take (AirFsckPeople *self,
                      guint64 index,
                      guint64 first,
                      const AirEntry *entry,
                      const AirValue *opened,
                      GError **error)
{
  const char *instance = air_entry_get_instance (entry);
  gboolean system = g_str_has_prefix (instance, "epoch-");

  if (system && (is_type (entry, AIR_ENTRY_KEY_ENROLLED) || is_type (entry, AIR_ENTRY_KEY_REVOKED)))
    take_key (self, entry);
  else if (is_type (entry, AIR_ENTRY_HUMAN_GATE_REQUESTED))
    {
      Spot *spot = make_spot (self, instance, text_of (entry, "gate"), TRUE);

      spot->asked = index;
      g_clear_pointer (&spot->nonces, g_ptr_array_unref);
    }
  else if (is_type (entry, AIR_ENTRY_TOOL_ACTION_STARTED) || is_type (entry, AIR_ENTRY_TOOL_ACTION_EXECUTED))
    take_action (self, index, entry);
  else if (air_statement_is_in (entry) && !take_statement (self, index, first, entry, opened, error))
    return FALSE;
  /* A gate that goes on waiting for others keeps its request. */
  if (is_type (entry, AIR_ENTRY_HUMAN_GATE_DECISIONED) && !g_str_equal (text_of (entry, "outcome"), "waiting")
      && !g_str_equal (text_of (entry, "outcome"), "edited"))
    drop_spot (self, instance, text_of (entry, "gate"), TRUE);
  if (air_entry_is_closing (entry))
    g_hash_table_remove (self->runs, instance);
  return TRUE;
}
