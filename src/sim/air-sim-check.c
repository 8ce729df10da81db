/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold, told from outside: from what was sent, what was acknowledged,
 * what the disk holds and what stands in the vendors' books. It shares no code
 * with what it checks but the reading of entries and the replay. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "ledger/air-decision.h"
#include "sim/air-sim-check-private.h"

static void
acknowledged_free (AirSimAcknowledged *self)
{
  g_free (self->run);
  g_free (self->node);
  g_free (self->envelope);
  g_free (self);
}

static void
told_free (AirSimTold *told)
{
  g_array_unref (told->places);
  g_ptr_array_unref (told->stored);
  g_ptr_array_unref (told->entries);
  g_clear_pointer (&told->instance, air_instance_free);
  g_ptr_array_unref (told->done);
  g_ptr_array_unref (told->rolled_back);
  g_ptr_array_unref (told->outcomes);
  g_ptr_array_unref (told->doubted);
  g_hash_table_unref (told->envelopes);
  g_hash_table_unref (told->said);
  g_free (told);
}

AirSimChecker *
air_sim_checker_new (AirSim *sim)
{
  AirSimChecker *self = g_new0 (AirSimChecker, 1);

  self->sim = sim;
  self->calls = air_sim_check_calls_new (sim);
  self->leaves = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->triggered = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->decided = g_ptr_array_new_with_free_func ((GDestroyNotify) acknowledged_free);
  self->told = g_ptr_array_new_with_free_func ((GDestroyNotify) acknowledged_free);
  return self;
}

void
air_sim_checker_free (AirSimChecker *self)
{
  air_sim_check_calls_free (self->calls);
  g_ptr_array_unref (self->leaves);
  g_hash_table_unref (self->triggered);
  g_ptr_array_unref (self->decided);
  g_ptr_array_unref (self->told);
  g_free (self);
}

/* --- while it runs --- */

void
air_sim_checker_durable (AirSimChecker *self, GPtrArray *stored)
{
  for (guint i = 0; i < stored->len; i++)
    {
      const AirSimStored *entry = stored->pdata[i];

      g_ptr_array_add (self->leaves, g_bytes_ref (entry->leaf));
      air_sim_check_intent (self->calls, entry);
    }
}

/* What was synced is there; more may be, which was written and not told. */
void
air_sim_checker_recovered (AirSimChecker *self, GPtrArray *stored)
{
  guint before = self->leaves->len;

  for (guint i = 0; i < before; i++)
    if (i >= stored->len || !g_bytes_equal (self->leaves->pdata[i], ((AirSimStored *) stored->pdata[i])->leaf))
      {
        air_sim_violate (self->sim, AIR_SIM_NOTHING_LOST, "entry %u of %u that were durable is gone after a restart", i,
                         before);
        g_ptr_array_set_size (self->leaves, i);
        break;
      }
  for (guint i = self->leaves->len; i < stored->len; i++)
    {
      g_ptr_array_add (self->leaves, g_bytes_ref (((AirSimStored *) stored->pdata[i])->leaf));
      air_sim_check_intent (self->calls, stored->pdata[i]);
    }
}

void
air_sim_checker_triggered (AirSimChecker *self, const char *run)
{
  g_hash_table_add (self->triggered, g_strdup (run));
}

void
air_sim_checker_told (AirSimChecker *self, const char *run, const AirMessage *message)
{
  AirSimAcknowledged *told = g_new (AirSimAcknowledged, 1);

  *told = (AirSimAcknowledged) { g_strdup (run), NULL, g_strdup (message->id) };
  g_ptr_array_add (self->told, told);
}

void
air_sim_checker_decided (AirSimChecker *self, const char *run, const char *node, const char *envelope)
{
  AirSimAcknowledged *decided = g_new (AirSimAcknowledged, 1);

  *decided = (AirSimAcknowledged) { g_strdup (run), g_strdup (node), g_strdup (envelope) };
  g_ptr_array_add (self->decided, decided);
}

/* --- at rest --- */

/* Whether a success is an effect to be reversed: a write, or what its node says how to reverse. */
static gboolean
is_effect (AirSim *sim, const char *node, const char *reference)
{
  const char *at = strrchr (reference, '@');
  g_autofree char *id = g_strndup (reference, at != NULL ? (gsize) (at - reference) : strlen (reference));
  AirValue *document = air_plan_get_operation (sim->plan, id);
  g_autofree char *plain = g_strndup (node, strcspn (node, "@"));
  g_autofree char *pointer = g_strdup_printf ("/nodes/%s/compensate", plain);

  return air_value_at (air_plan_get_document (sim->plan), pointer) != NULL
         || g_strcmp0 (air_map_get_string (air_map_get_map (document, "policy"), "effect"), "write") == 0;
}

const char *
air_sim_check_intern_step (const AirEntry *entry)
{
  g_autofree char *step = air_sim_journal_dup_step (entry);

  return g_intern_string (step);
}

/* "a.b.c@3" lies in the workflow "a.b", in this iteration of what is around; of the run itself: "". */
static gboolean
lie_together (const char *step, const char *other)
{
  gsize length = strcspn (step, "@"), other_length = strcspn (other, "@");

  while (length > 0 && step[length - 1] != '.')
    length--;
  while (other_length > 0 && other[other_length - 1] != '.')
    other_length--;
  return length <= other_length && strncmp (step, other, length) == 0
         && strcmp (step + strcspn (step, "@"), other + strcspn (other, "@")) == 0;
}

/* The last done is the first to be reversed: of the whole run once that ends, of a workflow that is a step when it
 * fails alone. */
static void
roll_back (AirSimChecker *self, AirSimTold *told, const char *step, const char *outcome)
{
  guint at = told->done->len;
  gboolean found;

  told->ending = told->ending || strchr (step, '.') == NULL;
  while (at > 0 && strcmp (told->done->pdata[at - 1], step) != 0)
    at--;
  found = at > 0;
  for (guint i = at; found && i < told->done->len; i++)
    if (told->ending || lie_together (step, told->done->pdata[i]))
      {
        air_sim_violate (self->sim, AIR_SIM_COMPENSATION, "run %s: '%s' is reversed before '%s', which was done later",
                         told->id, step, (char *) told->done->pdata[i]);
        break;
      }
  if (!found && strcmp (outcome, "unknown") != 0)
    air_sim_violate (self->sim, AIR_SIM_COMPENSATION, "run %s: '%s' is reversed, and was not done", told->id, step);
  if (found)
    g_ptr_array_remove_index (told->done, at - 1);
  g_ptr_array_add (told->rolled_back, g_strdup (step));
  g_ptr_array_add (told->outcomes, g_strdup (outcome));
}

static void
read_entry (AirSimChecker *self, AirSimTold *told, const AirEntry *entry, GHashTable *operations, GHashTable *undoing)
{
  AirValue *members = air_entry_get_members (entry);
  const char *type = air_entry_get_type_name (entry), *step = air_sim_check_intern_step (entry);
  const char *purpose = air_map_get_string (members, "purpose"), *outcome = air_map_get_string (members, "outcome");
  const char *operation = step != NULL ? g_hash_table_lookup (operations, step) : NULL;

  if (strcmp (type, AIR_ENTRY_TOOL_ACTION_STARTED) == 0 && g_strcmp0 (purpose, "execute") == 0)
    g_hash_table_replace (operations, (gpointer) step, (gpointer) air_map_get_string (members, "operation"));
  else if (strcmp (type, AIR_ENTRY_TOOL_ACTION_STARTED) == 0 && g_strcmp0 (purpose, "compensate") == 0)
    g_hash_table_add (undoing, (gpointer) step);
  /* A reconcile while the reversal is under way speaks of that. */
  else if (strcmp (type, AIR_ENTRY_TOOL_ACTION_EXECUTED) == 0 && g_strcmp0 (outcome, "ok") == 0 && operation != NULL
           && !g_hash_table_contains (undoing, step) && is_effect (self->sim, step, operation))
    g_ptr_array_add (told->done, g_strdup (step));
  /* A person says that it happened. */
  else if (strcmp (type, AIR_ENTRY_RUN_CONTROLLED) == 0 && air_map_get_bool (members, "happened", FALSE)
           && operation != NULL && is_effect (self->sim, step, operation))
    g_ptr_array_add (told->done, g_strdup (step));
  else if (strcmp (type, AIR_ENTRY_RUN_CONTROLLED) == 0
           && g_strcmp0 (air_map_get_string (members, "action"), "cancel") == 0)
    told->ending = TRUE;
  else if (strcmp (type, AIR_ENTRY_ROLLBACK_APPLIED) == 0)
    roll_back (self, told, step, outcome);
}

static void
check_chain (AirSimChecker *self, AirSimTold *told)
{
  AirChainHead head = { 0 };

  for (guint i = 0; i < told->entries->len; i++)
    {
      const AirEntry *entry = told->entries->pdata[i];
      g_autoptr (GError) error = NULL;

      if (!air_entry_follows (entry, &head, &error))
        {
          air_sim_violate (self->sim, AIR_SIM_CHAIN, "run %s, entry %u: %s", told->id, i, error->message);
          return;
        }
      if (!air_entry_is_closing (entry))
        continue;
      if (air_map_get_int (air_entry_get_members (entry), "count", -1) != (gint64) i + 1)
        air_sim_violate (self->sim, AIR_SIM_CHAIN, "run %s: its closing entry counts %d of %u", told->id,
                         (int) air_map_get_int (air_entry_get_members (entry), "count", -1), i + 1);
      if (i + 1 != told->entries->len)
        air_sim_violate (self->sim, AIR_SIM_CHAIN, "run %s goes on after its closing entry", told->id);
    }
}

static void
check_replay (AirSimChecker *self, AirSimTold *told)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = air_sim_journal_open (told->stored, times, &error);
  guint at = 0;

  if (records == NULL
      || !air_instance_replay (self->sim->plan, told->id, records, (const gint64 *) times->data, &at, &error))
    {
      air_sim_violate (self->sim, AIR_SIM_REPLAY, "run %s, entry %u: %s", told->id, at, error->message);
      return;
    }
  told->instance = air_instance_new (self->sim->plan, told->id);
  for (guint i = 0; i < records->len; i++)
    if (!air_instance_apply (told->instance, records->pdata[i], g_array_index (times, gint64, i), &error))
      {
        air_sim_violate (self->sim, AIR_SIM_REPLAY, "run %s, entry %u cannot be folded in: %s", told->id, i,
                         error->message);
        g_clear_pointer (&told->instance, air_instance_free);
        return;
      }
}

static guint
count_effects (AirSimChecker *self, const char *run, const char *node, AirPurpose purpose)
{
  GPtrArray *effects = air_sim_vendors_get_effects (self->sim->vendors);
  guint n = 0;

  for (guint i = 0; i < effects->len; i++)
    {
      const AirSimEffect *effect = effects->pdata[i];

      n += effect->purpose == purpose && strcmp (effect->run, run) == 0 && strcmp (effect->node, node) == 0;
    }
  return n;
}

/* Each once, nothing is left, and the vendor's books agree. */
static void
check_compensation (AirSimChecker *self, AirSimTold *told)
{
  AirInstanceState state = air_instance_get_state (told->instance);

  for (guint i = 0; i < told->rolled_back->len; i++)
    {
      const char *step = told->rolled_back->pdata[i], *outcome = told->outcomes->pdata[i];

      if (strcmp (outcome, "done") == 0 && count_effects (self, told->id, step, AIR_PURPOSE_COMPENSATE) != 1)
        air_sim_violate (self->sim, AIR_SIM_COMPENSATION, "run %s: '%s' counts as reversed, but not at the vendor",
                         told->id, step);
      if (state == AIR_INSTANCE_COMPLETED && strchr (step, '.') == NULL)
        air_sim_violate (self->sim, AIR_SIM_COMPENSATION, "run %s completed, and its '%s' was reversed", told->id,
                         step);
    }
  if ((state == AIR_INSTANCE_FAILED || state == AIR_INSTANCE_CANCELLED) && told->done->len > 0)
    air_sim_violate (self->sim, AIR_SIM_COMPENSATION, "run %s: '%s' was never reversed", told->id,
                     (char *) told->done->pdata[told->done->len - 1]);
  self->sim->report->reversals += told->rolled_back->len;
}

static gboolean
has (GPtrArray *texts, const char *text)
{
  return g_ptr_array_find_with_equal_func (texts, text, g_str_equal, NULL);
}

static void
check_rest (AirSimChecker *self, AirSimTold *told)
{
  AirInstanceState state = air_instance_get_state (told->instance);
  g_autofree char *waiting = air_instance_get_waiting_on (told->instance);
  AirSimRun *run = self->sim->host != NULL ? air_sim_host_find (self->sim->host, told->id) : NULL;

  switch (state)
    {
    case AIR_INSTANCE_COMPLETED:
      self->sim->report->completed++;
      return;
    case AIR_INSTANCE_FAILED:
      self->sim->report->failed++;
      return;
    case AIR_INSTANCE_CANCELLED:
      self->sim->report->cancelled++;
      return;
    case AIR_INSTANCE_UNKNOWN_OUTCOME:
      self->sim->report->unknown++;
      break;
    case AIR_INSTANCE_PAUSED:
      self->sim->report->paused++;
      break;
    default:
      /* One behind another that waits for a person waits for it. */
      if (run != NULL && run->held)
        return;
      air_sim_violate (self->sim, AIR_SIM_STRANDED, "run %s is at rest as '%s', waiting for %s, and nothing will come",
                       told->id, air_instance_state_to_string (state), waiting != NULL ? waiting : "nothing");
      return;
    }
  if (waiting == NULL || *waiting == '\0')
    air_sim_violate (self->sim, AIR_SIM_STRANDED, "run %s waits as '%s' for nothing that has a name", told->id,
                     air_instance_state_to_string (state));
}

AirSimTold *
air_sim_check_find_told (GPtrArray *all, const char *id)
{
  for (guint i = 0; i < all->len; i++)
    if (strcmp (((AirSimTold *) all->pdata[i])->id, id) == 0)
      return all->pdata[i];
  return NULL;
}

static void
check_books (AirSimChecker *self, GPtrArray *all)
{
  GPtrArray *effects = air_sim_vendors_get_effects (self->sim->vendors);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  self->sim->report->effects = effects->len;
  for (guint i = 0; i < effects->len; i++)
    {
      const AirSimEffect *effect = effects->pdata[i];
      const AirSimTold *told = air_sim_check_find_told (all, effect->run);

      if (!g_hash_table_add (seen, g_strconcat (effect->run, " ", effect->step, NULL)))
        air_sim_violate (self->sim, AIR_SIM_ONE_EFFECT, "run %s: '%s' (%s) happened more than once", effect->run,
                         effect->step, effect->operation);
      if (effect->purpose == AIR_PURPOSE_COMPENSATE)
        continue;
      if (told == NULL)
        air_sim_violate (self->sim, AIR_SIM_NOT_SILENT, "%s acted for run %s, which the ledger does not know",
                         effect->operation, effect->run);
      else if (told->instance != NULL && !has (told->done, effect->node) && !has (told->rolled_back, effect->node)
               && !has (told->doubted, effect->node) && air_instance_is_finished (told->instance))
        air_sim_violate (self->sim, AIR_SIM_NOT_SILENT,
                         "run %s ended; '%s' (%s) happened, and its ledger does not say so", effect->run, effect->step,
                         effect->operation);
    }
}

static void
check_acknowledged (AirSimChecker *self, GPtrArray *all)
{
  GHashTableIter iter;
  gpointer run;

  g_hash_table_iter_init (&iter, self->triggered);
  while (g_hash_table_iter_next (&iter, &run, NULL))
    if (air_sim_check_find_told (all, run) == NULL)
      air_sim_violate (self->sim, AIR_SIM_NOTHING_LOST, "run %s was acknowledged and is gone", (char *) run);
  for (guint i = 0; i < self->decided->len; i++)
    {
      const AirSimAcknowledged *decided = self->decided->pdata[i];
      const AirSimTold *told = air_sim_check_find_told (all, decided->run);

      if (told == NULL || !g_hash_table_contains (told->envelopes, decided->envelope))
        air_sim_violate (self->sim, AIR_SIM_NOTHING_LOST, "a decision on %s/%s was acknowledged and is gone",
                         decided->run, decided->node);
    }
}

/* What the disk holds, by run. */
static GPtrArray *
tell (AirSimChecker *self, GPtrArray *stored)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) told_free);
  g_autoptr (GHashTable) by_id = g_hash_table_new (g_str_hash, g_str_equal);
  AirTree tree;
  AirDigest root;

  air_tree_init (&tree);
  for (guint i = 0; i < stored->len; i++)
    {
      g_autoptr (GError) error = NULL;
      AirEntry *entry = air_entry_parse (((AirSimStored *) stored->pdata[i])->leaf, &error);
      AirSimTold *told;

      if (entry == NULL)
        {
          air_sim_violate (self->sim, AIR_SIM_CHAIN, "entry %u cannot be read: %s", i, error->message);
          continue;
        }
      air_tree_append (&tree, air_entry_get_hash (entry), NULL, NULL);
      told = g_hash_table_lookup (by_id, air_entry_get_instance (entry));
      if (told == NULL)
        {
          told = g_new0 (AirSimTold, 1);
          told->id = air_entry_get_instance (entry); /* lives as long as the entry */
          told->places = g_array_new (FALSE, FALSE, sizeof (guint));
          told->stored = g_ptr_array_new ();
          told->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) air_entry_free);
          told->done = g_ptr_array_new_with_free_func (g_free);
          told->rolled_back = g_ptr_array_new_with_free_func (g_free);
          told->outcomes = g_ptr_array_new_with_free_func (g_free);
          told->doubted = g_ptr_array_new_with_free_func (g_free);
          told->envelopes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
          told->said = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
          g_hash_table_insert (by_id, (gpointer) told->id, told);
          g_ptr_array_add (all, told);
        }
      g_array_append_val (told->places, i);
      g_ptr_array_add (told->stored, stored->pdata[i]);
      g_ptr_array_add (told->entries, entry);
    }
  root = air_tree_root (&tree);
  self->sim->report->root = air_digest_to_hex (&root);
  return all;
}

void
air_sim_checker_finish (AirSimChecker *self)
{
  GPtrArray *stored = air_sim_ledger_read (self->sim);
  g_autoptr (GPtrArray) all = NULL;

  air_sim_checker_recovered (self, stored);
  all = tell (self, stored);
  self->sim->report->entries = stored->len;
  self->sim->report->runs = all->len;
  for (guint i = 0; i < all->len; i++)
    {
      AirSimTold *told = all->pdata[i];
      g_autoptr (GHashTable) operations = g_hash_table_new (g_str_hash, g_str_equal);
      g_autoptr (GHashTable) undoing = g_hash_table_new (g_str_hash, g_str_equal);

      for (guint j = 0; j < told->entries->len; j++)
        read_entry (self, told, told->entries->pdata[j], operations, undoing);
      check_chain (self, told);
      check_replay (self, told);
      air_sim_check_gates (self, told);
      air_sim_check_hands (self, told);
      if (told->instance == NULL)
        continue;
      check_compensation (self, told);
      check_rest (self, told);
    }
  check_books (self, all);
  check_acknowledged (self, all);
  air_sim_check_told (self, all);
  air_sim_check_retries (self, all);
  air_sim_check_audit (self, stored, all);
  air_sim_check_limits (self, stored);
}
