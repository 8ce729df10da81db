/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was used of limits and budgets: never more than allowed in any window,
 * by the ledger as it was written entry by entry, and by the vendors' books.
 * All of it is counted anew, from the policies' documents. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "sim/air-sim-check-private.h"

/* What one action counts for under one limit. */
typedef struct {
  const char *limit; /* borrowed from the policy's document */
  char *key;
  char *owner;
  gint64 at_us;
  gint64 amount;
  gint64 settled; /* -1: not yet */
  gboolean released;
} Use;

typedef struct {
  AirSimChecker *checker;
  GPtrArray *uses;      /* Use */
  GHashTable *by_owner; /* "limit owner" → Use */
  GHashTable *approved; /* set of "run step" */
} Limits;

static void
use_free (gpointer data)
{
  Use *use = data;

  g_free (use->key);
  g_free (use->owner);
  g_free (use);
}

static gint64
amount_of (const Use *use)
{
  return use->settled >= 0 ? use->settled : use->amount;
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  const Use *x = *(Use *const *) a, *y = *(Use *const *) b;

  return x->at_us < y->at_us ? -1 : x->at_us > y->at_us;
}

/* The most that counts in any one window of this length that holds @around (NULL: any at all), of @uses in order of
 * time. */
static gint64
most_in_window (GPtrArray *uses, gint64 window_us, const Use *around)
{
  gint64 most = 0, sum = 0;
  guint first = 0;

  for (guint i = 0; i < uses->len; i++)
    {
      const Use *last = uses->pdata[i];
      gboolean holds = around == NULL;

      sum += amount_of (last);
      while (window_us > 0 && ((Use *) uses->pdata[first])->at_us <= last->at_us - window_us)
        sum -= amount_of (uses->pdata[first++]);
      for (guint k = first; k <= i && !holds; k++)
        holds = uses->pdata[k] == around;
      if (holds)
        most = MAX (most, sum);
    }
  return most;
}

/* Those that count under a limit's key, in order of time. */
static GPtrArray *
list_uses (Limits *self, const char *limit, const char *key)
{
  GPtrArray *list = g_ptr_array_new ();

  for (guint i = 0; i < self->uses->len; i++)
    {
      Use *use = self->uses->pdata[i];

      if (!use->released && use->limit == limit && strcmp (use->key, key) == 0)
        g_ptr_array_add (list, use);
    }
  g_ptr_array_sort (list, compare_times);
  return list;
}

static AirValue *
document_of (AirSim *sim, const char *limit)
{
  return air_map_get_map (air_map_get_map (air_plan_get_document (sim->plan), "policies"), limit);
}

/* Beyond what people may allow nobody goes. */
static void
check_use (Limits *self, const AirEntry *entry, const Use *use)
{
  AirSim *sim = self->checker->sim;
  AirValue *windows = air_map_get_list (document_of (sim, use->limit), "windows");
  g_autoptr (GPtrArray) uses = list_uses (self, use->limit, use->key);
  g_autofree char *step = air_sim_journal_dup_step (entry);
  g_autofree char *name = g_strconcat (air_entry_get_instance (entry), " ", step, NULL);

  for (gsize i = 0; i < air_list_get_size (windows); i++)
    {
      AirValue *window = air_list_get (windows, i);
      gint64 max = air_map_get_int (window, "max", 0);
      gint64 used = most_in_window (uses, air_map_get_int (window, "ms", 0) * 1000, use);

      if (used > max
          && !(g_strcmp0 (air_map_get_string (window, "on_exceed"), "gate") == 0
               && g_hash_table_contains (self->approved, name)))
        air_sim_violate (sim, AIR_SIM_LIMIT_HELD,
                         "run %s, '%s': by the ledger %" G_GINT64_FORMAT " of '%s' under '%s' are used in one window "
                         "'%s' that allows %" G_GINT64_FORMAT,
                         air_entry_get_instance (entry), step, used, use->limit, use->key,
                         air_map_get_string (window, "id"), max);
    }
}

static void
read_evaluated (Limits *self, const AirEntry *entry, const AirValue *disclosed)
{
  AirValue *members = air_entry_get_members (entry);
  const char *verdict = air_map_get_string (members, "verdict"), *until = air_map_get_string (members, "until");
  AirValue *claims = air_map_get_list (air_map_get_map (disclosed, "inputs"), "limits");
  const char *owner = air_map_get_string (members, "idem");
  gint64 at_us = air_entry_get_time_us (entry);

  if (claims == NULL || owner == NULL || (g_strcmp0 (verdict, "allow") != 0 && g_strcmp0 (verdict, "wait") != 0))
    return;
  if (until != NULL)
    air_time_parse (until, &at_us);
  for (gsize i = 0; i < air_list_get_size (claims); i++)
    {
      AirValue *claim = air_list_get (claims, i);
      AirValue *document = document_of (self->checker->sim, air_map_get_string (claim, "limit"));
      const char *limit = air_map_get_string (document, "id");
      g_autofree char *name = g_strconcat (limit, " ", owner, NULL);
      Use *use = g_hash_table_lookup (self->by_owner, name);

      if (use == NULL)
        {
          use = g_new0 (Use, 1);
          use->limit = limit;
          use->owner = g_strdup (owner);
          g_ptr_array_add (self->uses, use);
          g_hash_table_insert (self->by_owner, g_steal_pointer (&name), use);
        }
      g_set_str (&use->key, air_map_get_string (claim, "key"));
      use->at_us = at_us;
      use->amount = air_map_get_int (claim, "amount", 0);
      use->settled = -1;
      use->released = FALSE;
      check_use (self, entry, use);
    }
}

static void
read_settled (Limits *self, const AirEntry *entry, const AirValue *disclosed)
{
  AirValue *members = air_entry_get_members (entry), *limits = air_map_get_list (members, "limits");
  AirValue *amounts = disclosed != NULL ? air_map_get_map (disclosed, "amounts") : NULL;
  const char *owner = air_map_get_string (members, "idem");
  gboolean released = g_strcmp0 (air_map_get_string (members, "state"), "released") == 0;

  for (gsize i = 0; limits != NULL && i < air_list_get_size (limits); i++)
    {
      const char *limit = air_value_get_string (air_list_get (limits, i), NULL);
      g_autofree char *name = g_strconcat (limit, " ", owner, NULL);
      Use *use = g_hash_table_lookup (self->by_owner, name);

      if (use != NULL && released)
        use->released = TRUE;
      else if (use != NULL)
        use->settled = air_map_get_int (amounts, limit, use->amount);
    }
}

static void
read_ledger (Limits *self, GPtrArray *stored)
{
  for (guint i = 0; i < stored->len; i++)
    {
      const AirSimStored *one = stored->pdata[i];
      g_autoptr (AirEntry) entry = air_entry_parse (one->leaf, NULL);
      const char *type = entry != NULL ? air_entry_get_type_name (entry) : "";
      gboolean evaluated = strcmp (type, AIR_ENTRY_POLICY_EVALUATED) == 0;
      gboolean decided = strcmp (type, AIR_ENTRY_HUMAN_GATE_DECISIONED) == 0;
      g_autoptr (AirValue) disclosed = NULL;

      if (!evaluated && !decided && strcmp (type, AIR_ENTRY_POLICY_SETTLED) != 0)
        continue;
      if (decided)
        {
          g_autofree char *step = air_sim_journal_dup_step (entry);

          if (g_strcmp0 (air_map_get_string (air_entry_get_members (entry), "outcome"), "approved") == 0)
            g_hash_table_add (self->approved, g_strconcat (air_entry_get_instance (entry), " ", step, NULL));
          continue;
        }
      disclosed = air_entry_open (entry, one->disclosures, NULL);
      if (evaluated)
        read_evaluated (self, entry, disclosed);
      else
        read_settled (self, entry, disclosed);
    }
}

static gboolean
was_reversed (GPtrArray *effects, const AirSimEffect *effect)
{
  for (guint i = 0; i < effects->len; i++)
    {
      const AirSimEffect *other = effects->pdata[i];

      if (other->purpose == AIR_PURPOSE_COMPENSATE && strcmp (other->run, effect->run) == 0
          && strcmp (other->node, effect->node) == 0)
        return TRUE;
    }
  return FALSE;
}

/* What vendors did and nobody reversed counts, whatever the ledger says became of it. */
static void
check_books (Limits *self)
{
  AirSim *sim = self->checker->sim;
  GPtrArray *effects = air_sim_vendors_get_effects (sim->vendors);
  g_autoptr (GHashTable) happened = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < effects->len; i++)
    {
      const AirSimEffect *effect = effects->pdata[i];

      if (effect->purpose == AIR_PURPOSE_EXECUTE && !was_reversed (effects, effect))
        g_hash_table_add (happened, effect->key);
    }
  for (guint i = 0; i < self->uses->len; i++)
    {
      Use *use = self->uses->pdata[i];

      use->released = !g_hash_table_contains (happened, use->owner);
    }
  for (guint i = 0; i < self->uses->len; i++)
    {
      const Use *use = self->uses->pdata[i];
      AirValue *windows = air_map_get_list (document_of (sim, use->limit), "windows");
      g_autoptr (GPtrArray) uses = NULL;

      if (use->released || !g_hash_table_add (seen, g_strconcat (use->limit, " ", use->key, NULL)))
        continue;
      uses = list_uses (self, use->limit, use->key);
      for (gsize w = 0; w < air_list_get_size (windows); w++)
        {
          AirValue *window = air_list_get (windows, w);
          gint64 max = air_map_get_int (window, "max", 0);
          gint64 used = most_in_window (uses, air_map_get_int (window, "ms", 0) * 1000, NULL);

          if (used > max && g_strcmp0 (air_map_get_string (window, "on_exceed"), "gate") != 0)
            air_sim_violate (sim, AIR_SIM_LIMIT_HELD,
                             "by the vendors' books %" G_GINT64_FORMAT " of '%s' under '%s' happened in one window "
                             "'%s' that allows %" G_GINT64_FORMAT,
                             used, use->limit, use->key, air_map_get_string (window, "id"), max);
        }
    }
}

void
air_sim_check_limits (AirSimChecker *self, GPtrArray *stored)
{
  g_autoptr (GPtrArray) uses = g_ptr_array_new_with_free_func (use_free);
  g_autoptr (GHashTable) by_owner = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) approved = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Limits limits = { self, uses, by_owner, approved };

  if (!air_plan_has_limits (self->sim->plan))
    return;
  read_ledger (&limits, stored);
  check_books (&limits);
  self->sim->report->limited += uses->len;
}
