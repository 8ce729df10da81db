/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs that were, read so that they can be played. */
#define G_LOG_DOMAIN "air-trial"

#include "config.h"

#include <string.h>

#include "engine/air-member.h"
#include "ledger/air-entry.h"
#include "trial/air-recorded.h"
#include "trial/air-trial-private.h"

/* Times of answers are rounded to milliseconds, and what waits between attempts is drawn anew. */
#define PLAY_ON_US (G_USEC_PER_SEC / 2)

void
air_recorded_free (AirRecorded *self)
{
  g_free (self->id);
  g_ptr_array_unref (self->records);
  g_array_unref (self->times_us);
  g_clear_pointer (&self->plan, air_plan_unref);
  g_clear_pointer (&self->data, air_value_unref);
  g_free (self->actor);
  g_clear_pointer (&self->mocks, air_value_unref);
  g_clear_pointer (&self->gates, air_value_unref);
  g_clear_pointer (&self->signals, air_value_unref);
  g_clear_pointer (&self->controls, air_value_unref);
  g_free (self);
}

static AirValue *
list_at (AirValue *map, const char *key)
{
  AirValue *list = air_map_get_list (map, key);

  if (list == NULL)
    {
      list = air_list_new ();
      air_map_set (map, key, list);
    }
  return list;
}

/* The record is read once, from its beginning. */
typedef struct {
  AirRecorded *recorded;
  GHashTable *sent;   /* step and purpose → when it was sent last, gint64 * */
  GHashTable *asked;  /* step of a gate → when it asked last, gint64 * */
  GHashTable *rounds; /* step of a gate → how often it asked */
  char *reversing;    /* the step that is being reversed */
} Reading;

static void
note_time (GHashTable *times, const char *key, gint64 time_us)
{
  gint64 *kept = g_new (gint64, 1);

  *kept = time_us;
  g_hash_table_insert (times, g_strdup (key), kept);
}

static gint64
get_after_ms (GHashTable *times, const char *key, gint64 time_us)
{
  const gint64 *since = g_hash_table_lookup (times, key);

  return since != NULL ? MAX (time_us - *since, 0) / 1000 : 0;
}

static void
copy_string (AirValue *to, const char *name, const AirValue *from)
{
  if (from != NULL && air_map_get_string (from, name) != NULL)
    air_map_set_string (to, name, air_map_get_string (from, name));
}

static void
copy_member (AirValue *to, const char *name, const AirValue *from)
{
  AirValue *value = from != NULL ? air_map_get (from, name) : NULL;

  if (value != NULL)
    air_map_set (to, name, air_value_ref (value));
}

static char *
call_key (const AirRecord *record, const char *step)
{
  return g_strdup_printf ("%s %s", step, air_map_get_string (record->members, "purpose"));
}

/* Under which name a mock answers: a reconcile of a reversal is the reversal's. */
static char *
mock_name (Reading *self, const AirRecord *record, const char *step)
{
  const char *purpose = air_map_get_string (record->members, "purpose");

  if (g_strcmp0 (purpose, "compensate") == 0 || g_strcmp0 (self->reversing, step) == 0)
    return g_strconcat (step, "/compensate", NULL);
  if (g_strcmp0 (purpose, "reconcile") == 0)
    return g_strconcat (step, "/reconcile", NULL);
  return g_strdup (step);
}

static void
read_answer (Reading *self, const AirRecord *record, const char *step, gint64 time_us)
{
  g_autofree char *name = mock_name (self, record, step), *key = call_key (record, step);
  AirValue *mock = air_map_new ();

  air_map_set_string (mock, "class", air_map_get_string (record->members, "outcome"));
  air_map_set_int (mock, "status", air_map_get_int (record->members, "status", 0));
  air_map_set_int (mock, "latency_ms", MAX (get_after_ms (self->sent, key, time_us), 1));
  copy_string (mock, "message", record->disclosed);
  copy_member (mock, "output", record->disclosed);
  air_list_append (list_at (self->recorded->mocks, name), mock);
}

static void
read_decision (Reading *self, const AirRecord *record, const char *step, gint64 time_us)
{
  AirValue *decision = air_map_new ();

  copy_string (decision, "decision", record->members);
  copy_string (decision, "role", record->members);
  copy_string (decision, "reason", record->disclosed);
  copy_member (decision, "edits", record->disclosed);
  air_map_set_string (decision, "by", air_map_get_string (record->members, "actor"));
  air_map_set_int (decision, "after_ms", get_after_ms (self->asked, step, time_us));
  air_map_set_int (decision, "round", (gint64) GPOINTER_TO_UINT (g_hash_table_lookup (self->rounds, step)) - 1);
  air_list_append (list_at (self->recorded->gates, step), decision);
}

static void
read_signal (AirRecorded *self, const AirRecord *record, gint64 after_ms)
{
  AirValue *signal = air_map_new ();

  copy_string (signal, "signal", record->members);
  copy_string (signal, "iteration", record->members);
  copy_string (signal, "actor", record->members);
  copy_member (signal, "data", record->disclosed);
  air_map_set_int (signal, "after_ms", after_ms);
  air_list_append (self->signals, signal);
}

static void
read_control (AirRecorded *self, const AirRecord *record, const char *step, gint64 after_ms)
{
  AirValue *control = air_map_new ();

  copy_string (control, "action", record->members);
  copy_string (control, "actor", record->members);
  copy_string (control, "role", record->members);
  copy_member (control, "happened", record->members);
  copy_string (control, "reason", record->disclosed);
  copy_member (control, "output", record->disclosed);
  if (step != NULL)
    air_map_set_string (control, "node", step);
  air_map_set_int (control, "after_ms", after_ms);
  air_list_append (self->controls, control);
}

static void
read_trigger (AirRecorded *self, const AirRecord *record)
{
  AirValue *input = air_member (record->disclosed, "input");

  g_set_str (&self->actor, air_map_get_string (record->members, "actor"));
  g_clear_pointer (&self->data, air_value_unref);
  self->data = input != NULL ? air_value_ref (input) : NULL;
}

static void
read_record (Reading *self, const AirRecord *record, gint64 time_us, gint64 after_ms)
{
  AirRecorded *recorded = self->recorded;
  g_autofree char *step = air_trial_step_of (record->members), *key = NULL;

  if (g_str_equal (record->type, AIR_RECORD_TRIGGER_RECEIVED))
    read_trigger (recorded, record);
  else if (g_str_equal (record->type, AIR_RECORD_SIGNAL))
    read_signal (recorded, record, after_ms);
  else if (g_str_equal (record->type, AIR_RECORD_RUN_CONTROLLED))
    read_control (recorded, record, step, after_ms);
  else if (step == NULL)
    return;
  else if (g_str_equal (record->type, AIR_RECORD_TOOL_ACTION_STARTED))
    {
      key = call_key (record, step);
      note_time (self->sent, key, time_us);
      if (g_strcmp0 (air_map_get_string (record->members, "purpose"), "compensate") == 0)
        g_set_str (&self->reversing, step);
    }
  else if (g_str_equal (record->type, AIR_RECORD_TOOL_ACTION_EXECUTED))
    read_answer (self, record, step, time_us);
  else if (g_str_equal (record->type, AIR_RECORD_HUMAN_GATE_REQUESTED))
    {
      note_time (self->asked, step, time_us);
      g_hash_table_insert (self->rounds, g_strdup (step),
                           GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (self->rounds, step)) + 1));
    }
  else if (g_str_equal (record->type, AIR_RECORD_HUMAN_GATE_DECISIONED)
           && air_map_get_string (record->members, "actor") != NULL)
    read_decision (self, record, step, time_us);
}

static void
read_world (AirRecorded *self)
{
  g_autoptr (GHashTable) sent = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) asked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) rounds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Reading reading = { .recorded = self, .sent = sent, .asked = asked, .rounds = rounds };

  for (guint i = 0; i < self->records->len; i++)
    {
      gint64 time_us = g_array_index (self->times_us, gint64, i);

      read_record (&reading, self->records->pdata[i], time_us,
                   MAX (time_us - g_array_index (self->times_us, gint64, 0), 0) / 1000);
    }
  g_free (reading.reversing);
}

/* Who wrote the artifact is no part of a plan: those a gate leaves out besides who brought and who asked for it. */
static void
learn_authors (AirRecorded *self)
{
  g_autoptr (GPtrArray) authors = g_ptr_array_new ();
  const char *requester = NULL;

  for (guint i = 0; i < self->records->len; i++)
    {
      const AirRecord *record = self->records->pdata[i];
      AirValue *exclude = air_map_get_list (record->members, "exclude");

      if (g_str_equal (record->type, AIR_RECORD_TRIGGER_RECEIVED))
        requester = air_map_get_string (record->disclosed, "requester");
      for (gsize j = 0; exclude != NULL && j < air_list_get_size (exclude); j++)
        {
          const char *uri = air_value_get_string (air_list_get (exclude, j), NULL);

          /* Nor who changed the action and asks others to approve it so. */
          if (uri != NULL && g_strcmp0 (uri, self->actor) != 0 && g_strcmp0 (uri, requester) != 0
              && g_strcmp0 (uri, air_map_get_string (record->members, "edited_by")) != 0
              && !g_ptr_array_find_with_equal_func (authors, uri, g_str_equal, NULL))
            g_ptr_array_add (authors, (char *) uri);
        }
    }
  g_ptr_array_add (authors, NULL);
  air_plan_set_authors (self->plan, (const char *const *) authors->pdata);
}

/* What the readers below and those of air-trial-read.c and air-account.c take for granted. A bundle that was verified
 * has it; nobody is made to verify it first. */
static gboolean
check_record (const AirRecord *record, GError **error)
{
  static const struct {
    const char *type;
    const char *members[3];
  } needed[] = {
    { AIR_RECORD_TOOL_ACTION_STARTED, { "purpose", "operation" } },
    { AIR_RECORD_TOOL_ACTION_EXECUTED, { "purpose", "outcome" } },
    { AIR_RECORD_HUMAN_GATE_DECISIONED, { "decision", "outcome" } },
    { AIR_RECORD_ROLLBACK_APPLIED, { "outcome" } },
    { AIR_RECORD_SIGNAL, { "signal", "actor" } },
    { AIR_RECORD_RUN_CONTROLLED, { "action", "actor" } },
    { AIR_RECORD_WORKFLOW_COMPLETED, { "outcome" } },
    { AIR_RECORD_WORKFLOW_FAILED, { "outcome" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    for (guint j = 0; g_str_equal (needed[i].type, record->type) && needed[i].members[j] != NULL; j++)
      if (air_map_get_string (record->members, needed[i].members[j]) == NULL)
        {
          g_set_error (error, AIR_TRIAL_ERROR, AIR_TRIAL_ERROR_RECORD, "%s does not say \"%s\"; take a sound bundle",
                       record->type, needed[i].members[j]);
          return FALSE;
        }
  return TRUE;
}

/**
 * air_recorded_new:
 * @id: the run's id
 * @leaves: (element-type GBytes): its entries, oldest first
 * @disclosures: (element-type GPtrArray): of each leaf, char *
 * @plan: (nullable): the plan it ran on
 * @error: return location
 *
 * Returns: (transfer full): the run, or %NULL with %AIR_TRIAL_ERROR_RECORD or an %AIR_LEDGER_ERROR when an entry cannot
 *   be read, or the event is not disclosed (redacted, or not for this reader)
 */
AirRecorded *
air_recorded_new (const char *id, GPtrArray *leaves, GPtrArray *disclosures, AirPlan *plan, GError **error)
{
  g_autoptr (AirRecorded) self = g_new0 (AirRecorded, 1);

  self->id = g_strdup (id);
  self->records = g_ptr_array_new_with_free_func ((GDestroyNotify) air_record_free);
  self->times_us = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->plan = plan != NULL ? air_plan_ref (plan) : NULL;
  self->mocks = air_map_new ();
  self->gates = air_map_new ();
  self->signals = air_list_new ();
  self->controls = air_list_new ();
  for (guint i = 0; i < leaves->len; i++)
    {
      g_autoptr (AirEntry) entry = air_entry_parse (leaves->pdata[i], error);
      AirValue *disclosed = entry != NULL ? air_entry_open (entry, disclosures->pdata[i], error) : NULL;
      AirRecord *record = NULL;
      gint64 time_us;

      if (disclosed != NULL)
        {
          record = air_record_new (air_entry_get_type_name (entry), air_value_ref (air_entry_get_members (entry)),
                                   disclosed);
          g_ptr_array_add (self->records, record);
        }
      if (record == NULL || !check_record (record, error))
        {
          g_prefix_error (error, "run %s, entry %u: ", id, i);
          return NULL;
        }
      time_us = air_entry_get_time_us (entry);
      g_array_append_val (self->times_us, time_us);
    }
  read_world (self);
  if (self->plan != NULL)
    learn_authors (self);
  if (self->data != NULL)
    return g_steal_pointer (&self);
  g_set_error (error, AIR_TRIAL_ERROR, AIR_TRIAL_ERROR_RECORD,
               "run %s cannot be played: the event that began it is not disclosed here (redacted, or not for this "
               "reader)",
               id);
  return NULL;
}

static gboolean
has_ended (const AirRecorded *self)
{
  const AirRecord *last = self->records->pdata[self->records->len - 1];

  return g_str_equal (last->type, AIR_RECORD_WORKFLOW_COMPLETED)
         || g_str_equal (last->type, AIR_RECORD_WORKFLOW_FAILED);
}

/**
 * air_recorded_lend:
 * @self: a run that was
 * @options: gets its event, people, signals and hands; borrows from @self
 *
 * Gives the world of this run to a trial.
 */
void
air_recorded_lend (AirRecorded *self, AirTrialOptions *options)
{
  options->data = self->data;
  options->actor = self->actor;
  options->now_us = self->times_us->len > 0 ? g_array_index (self->times_us, gint64, 0) : 0;
  /* One that goes on must not be compared with what would become of it: it is played as far as it came. */
  if (!has_ended (self))
    options->until_us = g_array_index (self->times_us, gint64, self->times_us->len - 1) + PLAY_ON_US;
  options->gates = self->gates;
  options->signals = self->signals;
  options->controls = self->controls;
}
