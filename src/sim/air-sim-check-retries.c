/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold of a run that does the work of one that ended: it is the only one, begins after that ended badly, is
 * given the same, and nothing that the old one did stands in the vendors' books. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "sim/air-sim-check-private.h"

static AirValue *
open_first (const AirSimTold *told)
{
  return air_entry_open (told->entries->pdata[0], ((AirSimStored *) told->stored->pdata[0])->disclosures, NULL);
}

static gboolean
same (AirValue *a, AirValue *b, const char *member)
{
  AirValue *one = air_map_get (a, member), *other = air_map_get (b, member);
  g_autofree char *left = one != NULL ? air_jcs_write (one, NULL, NULL) : NULL;
  g_autofree char *right = other != NULL ? air_jcs_write (other, NULL, NULL) : NULL;

  return g_strcmp0 (left, right) == 0;
}

static gboolean
list_holds (AirValue *list, const char *text)
{
  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    if (g_strcmp0 (air_list_get_string (list, i), text) == 0)
      return TRUE;
  return FALSE;
}

/* Who may not decide in the new run may not because of the old one, too. */
static gboolean
names_all (AirValue *now, AirValue *before)
{
  AirValue *named = air_map_get_list (now, "triggered_by"), *list = air_map_get_list (before, "triggered_by");

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    if (!list_holds (named, air_list_get_string (list, i)))
      return FALSE;
  return list_holds (named, air_map_get_string (before, "actor"));
}

static const AirSimEffect *
find_standing (AirSimChecker *self, const char *run)
{
  GPtrArray *effects = air_sim_vendors_get_effects (self->sim->vendors);

  for (guint i = 0; i < effects->len; i++)
    {
      const AirSimEffect *effect = effects->pdata[i];
      gboolean reversed = effect->purpose == AIR_PURPOSE_COMPENSATE || strcmp (effect->run, run) != 0;

      for (guint k = i + 1; k < effects->len && !reversed; k++)
        {
          const AirSimEffect *other = effects->pdata[k];

          reversed = other->purpose == AIR_PURPOSE_COMPENSATE && strcmp (other->run, run) == 0
                     && strcmp (other->node, effect->node) == 0;
        }
      if (!reversed)
        return effect;
    }
  return NULL;
}

static void
check_retry (AirSimChecker *self, const AirSimTold *told, const AirSimTold *old)
{
  AirSim *sim = self->sim;
  AirValue *now = air_entry_get_members (told->entries->pdata[0]), *before;
  g_autoptr (AirValue) given = open_first (told), was = NULL;
  const AirSimEffect *effect;

  if (old == NULL || !air_entry_is_closing (old->entries->pdata[old->entries->len - 1])
      || strcmp (air_entry_get_type_name (old->entries->pdata[old->entries->len - 1]), AIR_ENTRY_WORKFLOW_FAILED) != 0
      || g_array_index (told->places, guint, 0) < g_array_index (old->places, guint, old->places->len - 1))
    {
      air_sim_violate (sim, AIR_SIM_RETRIED_ONCE, "run %s does the work of one again that had not failed", told->id);
      return;
    }
  before = air_entry_get_members (old->entries->pdata[0]);
  was = open_first (old);
  if (!same (given, was, "input") || !same (given, was, "requester") || !same (given, was, "concurrency_key"))
    air_sim_violate (sim, AIR_SIM_RETRIED_ONCE, "run %s is not given what run %s was given", told->id, old->id);
  if (!names_all (now, before))
    air_sim_violate (sim, AIR_SIM_RETRIED_ONCE, "run %s does not say who brought run %s", told->id, old->id);
  effect = find_standing (self, old->id);
  if (effect != NULL)
    air_sim_violate (sim, AIR_SIM_RETRIED_ONCE, "run %s does the work of run %s again, whose '%s' (%s) stands",
                     told->id, old->id, effect->node, effect->operation);
}

void
air_sim_check_retries (AirSimChecker *self, GPtrArray *all)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < all->len; i++)
    {
      const AirSimTold *told = all->pdata[i];
      const char *of = air_map_get_string (air_entry_get_members (told->entries->pdata[0]), "retry_of");

      if (of == NULL)
        continue;
      self->sim->report->retried++;
      if (!g_hash_table_add (seen, (gpointer) of))
        air_sim_violate (self->sim, AIR_SIM_RETRIED_ONCE, "the work of run %s is done again more than once", of);
      check_retry (self, told, air_sim_check_find_told (all, of));
    }
}
