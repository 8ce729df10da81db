/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs that were, read so that they can be played. */
#define G_LOG_DOMAIN "air-trial"

#include "config.h"

#include <string.h>

#include "engine/air-member.h"
#include "ledger/air-entry.h"
#include "trial/air-recorded.h"

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

/* Under which name a mock answers: a reconcile of a reversal is the reversal's. */
static char *
mock_name (AirRecorded *self, const AirValue *members, const char *reversing)
{
  const char *node = air_map_get_string (members, "node"), *purpose = air_map_get_string (members, "purpose");

  if (g_strcmp0 (purpose, "compensate") == 0 || g_strcmp0 (reversing, node) == 0)
    return g_strconcat (node, "/compensate", NULL);
  if (g_strcmp0 (purpose, "reconcile") == 0)
    return g_strconcat (node, "/reconcile", NULL);
  return g_strdup (node);
}

static void
read_answer (AirRecorded *self, const AirRecord *record, const char *reversing)
{
  g_autofree char *name = mock_name (self, record->members, reversing);
  AirValue *mock = air_map_new (), *output = air_member (record->disclosed, "output");

  air_map_set_string (mock, "class", air_map_get_string (record->members, "outcome"));
  air_map_set_int (mock, "status", air_map_get_int (record->members, "status", 0));
  air_map_set_int (mock, "latency_ms", 1);
  if (air_map_get_string (record->disclosed, "message") != NULL)
    air_map_set_string (mock, "message", air_map_get_string (record->disclosed, "message"));
  if (output != NULL)
    air_map_set (mock, "output", air_value_ref (output));
  air_list_append (list_at (self->mocks, name), mock);
}

static void
read_decision (AirRecorded *self, const AirRecord *record, gint64 after_us)
{
  static const char *const kept[] = { "decision", "role" };
  AirValue *decision = air_map_new ();
  const char *reason = air_map_get_string (record->disclosed, "reason");

  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    if (air_map_get_string (record->members, kept[i]) != NULL)
      air_map_set_string (decision, kept[i], air_map_get_string (record->members, kept[i]));
  air_map_set_string (decision, "by", air_map_get_string (record->members, "actor"));
  if (reason != NULL)
    air_map_set_string (decision, "reason", reason);
  air_map_set_int (decision, "after_ms", MAX (after_us, 0) / 1000);
  air_list_append (list_at (self->gates, air_map_get_string (record->members, "node")), decision);
}

static void
read_world (AirRecorded *self)
{
  g_autoptr (GHashTable) asked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autofree char *reversing = NULL;

  for (guint i = 0; i < self->records->len; i++)
    {
      const AirRecord *record = self->records->pdata[i];
      const char *node = air_map_get_string (record->members, "node");
      gint64 time_us = g_array_index (self->times_us, gint64, i), *since;

      if (g_str_equal (record->type, AIR_RECORD_TRIGGER_RECEIVED))
        {
          AirValue *input = air_member (record->disclosed, "input");

          g_set_str (&self->actor, air_map_get_string (record->members, "actor"));
          g_clear_pointer (&self->data, air_value_unref);
          self->data = input != NULL ? air_value_ref (input) : NULL;
        }
      else if (g_str_equal (record->type, AIR_RECORD_SIGNAL))
        {
          AirValue *signal = air_map_new (), *data = air_member (record->disclosed, "data");

          air_map_set_string (signal, "signal", air_map_get_string (record->members, "signal"));
          if (data != NULL)
            air_map_set (signal, "data", air_value_ref (data));
          air_map_set_int (signal, "after_ms", (time_us - g_array_index (self->times_us, gint64, 0)) / 1000);
          air_list_append (self->signals, signal);
        }
      else if (node == NULL)
        continue;
      else if (g_str_equal (record->type, AIR_RECORD_TOOL_ACTION_STARTED)
               && g_strcmp0 (air_map_get_string (record->members, "purpose"), "compensate") == 0)
        g_set_str (&reversing, node);
      else if (g_str_equal (record->type, AIR_RECORD_TOOL_ACTION_EXECUTED))
        read_answer (self, record, reversing);
      else if (g_str_equal (record->type, AIR_RECORD_HUMAN_GATE_REQUESTED))
        {
          since = g_new (gint64, 1);
          *since = time_us;
          g_hash_table_insert (asked, g_strdup (node), since);
        }
      else if (g_str_equal (record->type, AIR_RECORD_HUMAN_GATE_DECISIONED)
               && air_map_get_string (record->members, "actor") != NULL)
        {
          since = g_hash_table_lookup (asked, node);
          read_decision (self, record, since != NULL ? time_us - *since : 0);
        }
    }
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

/**
 * air_recorded_lend:
 * @self: a run that was
 * @options: gets its event, people and signals; borrows from @self
 *
 * Gives the world of this run to a trial.
 */
void
air_recorded_lend (AirRecorded *self, AirTrialOptions *options)
{
  options->data = self->data;
  options->actor = self->actor;
  options->now_us = self->times_us->len > 0 ? g_array_index (self->times_us, gint64, 0) : 0;
  options->gates = self->gates;
  options->signals = self->signals;
}
