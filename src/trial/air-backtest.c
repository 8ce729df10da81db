/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-trial"

#include "config.h"

#include "trial/air-backtest.h"

#include <string.h>

#include "base/air-json.h"
#include "trial/air-account.h"

struct _AirBacktest {
  guint runs, same;
  AirValue *changed;    /* list */
  AirValue *not_played; /* list */
  GHashTable *by_step;  /* "step type" → guint */
  GPtrArray *steps;     /* its keys, as they came */
  AirValue *money;      /* currency → {before_minor, after_minor} */
};

/**
 * air_backtest_new:
 *
 * Returns: (transfer full): a backtest without runs
 */
AirBacktest *
air_backtest_new (void)
{
  AirBacktest *self = g_new0 (AirBacktest, 1);

  self->changed = air_list_new ();
  self->not_played = air_list_new ();
  self->by_step = g_hash_table_new (g_str_hash, g_str_equal);
  self->steps = g_ptr_array_new_with_free_func (g_free);
  self->money = air_map_new ();
  return self;
}

void
air_backtest_free (AirBacktest *self)
{
  air_value_unref (self->changed);
  air_value_unref (self->not_played);
  g_hash_table_unref (self->by_step);
  g_ptr_array_unref (self->steps);
  air_value_unref (self->money);
  g_free (self);
}

/**
 * air_backtest_get_changed:
 * @self: a backtest
 *
 * Returns: how many runs are decided otherwise
 */
guint
air_backtest_get_changed (AirBacktest *self)
{
  return air_list_get_size (self->changed);
}

/* --- money --- */

static AirValue *
money_of (const AirTrialResult *result)
{
  AirValue *money = air_map_new ();

  for (guint i = 0; i < result->moves->len; i++)
    {
      const AirTrialMove *move = result->moves->pdata[i];
      gint64 before = air_map_get_int (money, move->currency, 0);

      if (!move->reversed)
        air_map_set_int (money, move->currency, before + (move->out ? move->minor : -move->minor));
    }
  return money;
}

static void
add_money (AirBacktest *self, const AirValue *money, const char *when)
{
  for (gsize i = 0; i < air_map_get_size (money); i++)
    {
      const char *currency = air_value_get_string (air_map_get_key_at (money, i), NULL);
      AirValue *sums = air_map_get_map (self->money, currency);

      if (sums == NULL)
        {
          sums = air_map_new ();
          air_map_set_int (sums, "before_minor", 0);
          air_map_set_int (sums, "after_minor", 0);
          air_map_set (self->money, currency, sums);
        }
      air_map_set_int (sums, when,
                       air_map_get_int (sums, when, 0) + air_value_get_int (air_map_get_value_at (money, i)));
    }
}

/* --- decisions --- */

static const AirAccountLine *
find_line (GPtrArray *lines, const AirAccountLine *like, guint nth)
{
  for (guint i = 0; i < lines->len; i++)
    {
      const AirAccountLine *line = lines->pdata[i];

      if (line->decision != NULL && line->type == like->type && g_strcmp0 (line->step, like->step) == 0 && nth-- == 0)
        return line;
    }
  return NULL;
}

static guint
count_before (GPtrArray *lines, guint at)
{
  const AirAccountLine *like = lines->pdata[at];
  guint n = 0;

  for (guint i = 0; i < at; i++)
    {
      const AirAccountLine *line = lines->pdata[i];

      n += line->decision != NULL && line->type == like->type && g_strcmp0 (line->step, like->step) == 0;
    }
  return n;
}

static void
note_change (AirBacktest *self, AirValue *changes, const AirAccountLine *before, const AirAccountLine *after)
{
  const AirAccountLine *line = before != NULL ? before : after;
  AirValue *change = air_map_new ();
  g_autofree char *key = g_strdup_printf ("%s %s", line->step != NULL ? line->step : "the end", line->type);
  gpointer known, count;

  air_map_set_string (change, "step", line->step != NULL ? line->step : "");
  air_map_set_string (change, "type", line->type);
  if (before != NULL)
    {
      air_map_set (change, "before", air_value_ref (before->decision));
      air_map_set_string (change, "before_words", before->words);
    }
  if (after != NULL)
    {
      air_map_set (change, "after", air_value_ref (after->decision));
      air_map_set_string (change, "after_words", after->words);
    }
  air_list_append (changes, change);
  if (g_hash_table_lookup_extended (self->by_step, key, &known, &count))
    g_hash_table_replace (self->by_step, known, GUINT_TO_POINTER (GPOINTER_TO_UINT (count) + 1));
  else
    {
      g_ptr_array_add (self->steps, g_steal_pointer (&key));
      g_hash_table_insert (self->by_step, self->steps->pdata[self->steps->len - 1], GUINT_TO_POINTER (1));
    }
}

static void
compare (AirBacktest *self, GPtrArray *before, GPtrArray *after, AirValue *changes)
{
  for (guint i = 0; i < before->len; i++)
    {
      const AirAccountLine *line = before->pdata[i], *other;

      if (line->decision == NULL)
        continue;
      other = find_line (after, line, count_before (before, i));
      if (other == NULL || !air_value_equal (line->decision, other->decision))
        note_change (self, changes, line, other);
    }
  for (guint i = 0; i < after->len; i++)
    {
      const AirAccountLine *line = after->pdata[i];

      if (line->decision != NULL && find_line (before, line, count_before (after, i)) == NULL)
        note_change (self, changes, NULL, line);
    }
}

/* --- runs --- */

static void
not_played (AirBacktest *self, const AirRecorded *recorded, const char *why)
{
  AirValue *item = air_map_new ();

  air_map_set_string (item, "run", recorded->id);
  air_map_set_string (item, "why", why);
  air_list_append (self->not_played, item);
}

static AirTrialResult *
read_before (AirRecorded *recorded, AirPlan *plan, const AirMocks *mocks, GError **error)
{
  g_autoptr (AirMocks) own = recorded->plan != NULL ? air_mocks_new (recorded->plan, NULL, error) : NULL;

  if (recorded->plan == NULL)
    return air_trial_read_foreign (plan, recorded->records, recorded->times_us, mocks);
  if (own == NULL)
    return NULL;
  return air_trial_read (recorded->plan, recorded->id, recorded->records, recorded->times_us, own, error);
}

static AirValue *
strings (GPtrArray *texts)
{
  AirValue *list = air_list_new ();

  for (guint i = 0; i < texts->len; i++)
    air_list_append (list, air_value_new_string (texts->pdata[i]));
  return list;
}

/**
 * air_backtest_add:
 * @self: a backtest
 * @recorded: a run that was
 * @plan: the new version
 * @mocks: made for it
 *
 * Plays the run again at once. A run that cannot be played is counted as such, with why.
 */
void
air_backtest_add (AirBacktest *self, AirRecorded *recorded, AirPlan *plan, const AirMocks *mocks)
{
  g_autoptr (AirMockScript) script = air_mock_script_new (mocks, recorded->mocks);
  AirTrialOptions options = { .plan = plan, .mocks = mocks, .script = script };
  g_autoptr (AirTrialResult) before = NULL, after = NULL;
  g_autoptr (GPtrArray) told = NULL, telling = NULL;
  g_autoptr (AirValue) changes = air_list_new (), paid = NULL, pays = NULL;
  g_autoptr (GError) error = NULL;
  AirValue *item;

  self->runs++;
  air_recorded_lend (recorded, &options);
  before = read_before (recorded, plan, mocks, &error);
  after = before != NULL ? air_trial_run (&options, &error) : NULL;
  if (after == NULL)
    {
      not_played (self, recorded, error->message);
      return;
    }
  told = air_account_read (recorded->plan != NULL ? recorded->plan : plan, recorded->records, recorded->times_us);
  telling = air_account_read (plan, after->records, after->times_us);
  paid = money_of (before);
  pays = money_of (after);
  add_money (self, paid, "before_minor");
  add_money (self, pays, "after_minor");
  compare (self, told, telling, changes);
  if (air_list_get_size (changes) == 0 && air_value_equal (paid, pays))
    {
      self->same++;
      return;
    }
  item = air_map_new ();
  air_map_set_string (item, "run", recorded->id);
  air_map_set_string (item, "outcome_before", before->outcome);
  air_map_set_string (item, "outcome_after", after->outcome);
  air_map_set (item, "money_before", g_steal_pointer (&paid));
  air_map_set (item, "money_after", g_steal_pointer (&pays));
  air_map_set (item, "changes", g_steal_pointer (&changes));
  if (air_mock_script_get_made_up (script)->len > 0)
    air_map_set (item, "made_up", strings (air_mock_script_get_made_up (script)));
  air_list_append (self->changed, item);
}

/**
 * air_backtest_replace_policy:
 * @plan: a plan
 * @policy: a policy's document
 * @error: return location
 *
 * Returns: (transfer full): @plan with the policy of the same id in place of its own, or %NULL with
 *   %AIR_TRIAL_ERROR_CASE when it has none, or %AIR_ENGINE_ERROR_PLAN when the policy cannot be used
 */
AirPlan *
air_backtest_replace_policy (AirPlan *plan, const AirValue *policy, GError **error)
{
  AirValue *document = air_plan_get_document (plan), *policies = air_map_get_map (document, "policies");
  const char *id = air_map_get_string (policy, "id");
  g_autoptr (AirValue) copy = NULL;
  AirValue *replaced;

  if (id == NULL || air_map_get_map (policies, id) == NULL)
    {
      g_set_error (error, AIR_TRIAL_ERROR, AIR_TRIAL_ERROR_CASE, "workflow '%s' uses no policy '%s'",
                   air_plan_get_workflow (plan), id != NULL ? id : "");
      return NULL;
    }
  copy = air_map_copy (document);
  replaced = air_map_copy (policies);
  air_map_set (replaced, id, air_value_ref ((AirValue *) policy));
  air_map_set (copy, "policies", replaced);
  return air_plan_load (copy, air_plan_get_artifact (plan), error);
}

/* --- telling --- */

/**
 * air_backtest_to_value:
 * @self: a backtest
 *
 * Returns: (transfer full): {"runs", "same", "changed": [...], "not_played": [...], "decisions": [...], "money":
 *   [...]}
 */
AirValue *
air_backtest_to_value (AirBacktest *self)
{
  AirValue *value = air_map_new (), *decisions = air_list_new (), *money = air_list_new ();

  air_map_set_int (value, "runs", self->runs);
  air_map_set_int (value, "same", self->same);
  for (guint i = 0; i < self->steps->len; i++)
    {
      AirValue *item = air_map_new ();
      g_auto (GStrv) parts = g_strsplit (self->steps->pdata[i], " ", -1);
      guint n = g_strv_length (parts);

      air_map_set_string (item, "step", n > 2 ? "" : parts[0]);
      air_map_set_string (item, "type", parts[n - 1]);
      air_map_set_int (item, "runs", GPOINTER_TO_UINT (g_hash_table_lookup (self->by_step, self->steps->pdata[i])));
      air_list_append (decisions, item);
    }
  for (gsize i = 0; i < air_map_get_size (self->money); i++)
    {
      AirValue *item = air_map_copy (air_map_get_value_at (self->money, i));

      air_map_set (item, "currency", air_value_ref (air_map_get_key_at (self->money, i)));
      air_list_append (money, item);
    }
  air_map_set (value, "decisions", decisions);
  air_map_set (value, "money", money);
  air_map_set (value, "changed", air_value_ref (self->changed));
  air_map_set (value, "not_played", air_value_ref (self->not_played));
  return value;
}

static void
append_amount (GString *text, gint64 minor)
{
  g_string_append_printf (text, "%s%" G_GINT64_FORMAT ".%02d", minor < 0 ? "-" : "", ABS (minor) / 100,
                          (int) (ABS (minor) % 100));
}

/**
 * air_backtest_to_text:
 * @self: a backtest
 *
 * Returns: (transfer full): for a terminal: what each changed run decided and decides now, then the sums
 */
char *
air_backtest_to_text (AirBacktest *self)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < air_list_get_size (self->changed); i++)
    {
      AirValue *run = air_list_get (self->changed, i), *changes = air_map_get_list (run, "changes");

      g_string_append_printf (text, "run %s: %s, now %s\n", air_map_get_string (run, "run"),
                              air_map_get_string (run, "outcome_before"), air_map_get_string (run, "outcome_after"));
      for (gsize j = 0; j < air_list_get_size (changes); j++)
        {
          AirValue *change = air_list_get (changes, j);
          const char *before = air_map_get_string (change, "before_words"),
                     *after = air_map_get_string (change, "after_words");

          g_string_append_printf (text, "  was: %s\n  now: %s\n", before != NULL ? before : "not come to",
                                  after != NULL ? after : "not come to");
        }
    }
  for (gsize i = 0; i < air_list_get_size (self->not_played); i++)
    {
      AirValue *run = air_list_get (self->not_played, i);

      g_string_append_printf (text, "run %s cannot be played: %s\n", air_map_get_string (run, "run"),
                              air_map_get_string (run, "why"));
    }
  g_string_append_printf (text, "%u runs: %u as before, %u otherwise, %u not played\n", self->runs, self->same,
                          (guint) air_list_get_size (self->changed), (guint) air_list_get_size (self->not_played));
  for (gsize i = 0; i < air_map_get_size (self->money); i++)
    {
      AirValue *sums = air_map_get_value_at (self->money, i);
      gint64 before = air_map_get_int (sums, "before_minor", 0), after = air_map_get_int (sums, "after_minor", 0);
      g_autofree char *currency = g_ascii_strup (air_value_get_string (air_map_get_key_at (self->money, i), NULL), -1);

      g_string_append (text, "money out: ");
      append_amount (text, before);
      g_string_append (text, ", now ");
      append_amount (text, after);
      g_string_append_printf (text, " %s (%s", currency, after > before ? "+" : "");
      append_amount (text, after - before);
      g_string_append (text, ")\n");
    }
  return g_string_free (text, FALSE);
}
