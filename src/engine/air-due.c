/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which timers a run has. That follows from its state alone: what a decision sets and takes off is the difference
 * between before and after, so that nobody who changes the state can forget a timer, or leave one behind. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-instance-private.h"

static void
due_clear (gpointer data)
{
  g_free (((AirDue *) data)->id);
}

static void
add (const AirInstance *self, GArray **list, const char *kind, AirPlace place, gint64 at_us)
{
  g_autofree char *step = air_place_to_string (self, place);
  const AirDue due = { g_strconcat (kind, "/", step, NULL), at_us };

  if (*list == NULL)
    {
      *list = g_array_new (FALSE, FALSE, sizeof (AirDue));
      g_array_set_clear_func (*list, due_clear);
    }
  g_array_append_val (*list, due);
}

static void
add_gate (const AirInstance *self, GArray **list, guint node)
{
  static const char *const kinds[] = { "reminder", "escalation" };
  const AirGate *gate = air_instance_step (self, node)->gate;
  AirPlace place = air_instance_place (self, node);

  add (self, list, "deadline", place, gate->deadline_us);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (air_gate_next_due (gate, kinds[i]) != 0)
      add (self, list, kinds[i], place, air_gate_next_due (gate, kinds[i]));
}

/* While a run is paused no time of its own passes; that of the people it asked does. */
static GArray *
list_due (const AirInstance *self)
{
  const AirCompleted *undoing = air_instance_get_undoing (self);
  GArray *list = NULL;

  if (self->closed)
    return NULL;
  if (undoing != NULL && undoing->undo.phase == AIR_ACTION_WAITING && !self->paused)
    add (self, &list, "retry", undoing->place, undoing->undo.due_us);
  for (guint i = 0; i < self->tokens->len; i++)
    {
      guint node = g_array_index (self->tokens, guint, i);
      const AirStep *step = air_instance_step (self, node);
      AirPlace place = air_instance_place (self, node);

      if (step->phase == AIR_STEP_GATE_WAIT)
        add_gate (self, &list, node);
      else if (self->paused)
        continue;
      else if (step->phase == AIR_STEP_PAUSE)
        add (self, &list, "wait", place, step->due_us);
      else if (step->phase == AIR_STEP_SIGNAL || air_instance_has_timer (self, node))
        add (self, &list, "timeout", place, step->due_us);
      else if (step->phase == AIR_STEP_ACTION && step->action.phase == AIR_ACTION_WAITING)
        add (self, &list, "retry", place, step->action.due_us);
    }
  return list;
}

/**
 * air_due_before:
 * @self: an instance
 * @event: what happens to it
 *
 * Returns: (transfer full) (nullable): the timers its host has when @event comes: none after a restart, and not the one
 *   that is due
 */
GArray *
air_due_before (const AirInstance *self, const AirEvent *event)
{
  GArray *list = event->kind != AIR_EVENT_RECOVERED ? list_due (self) : NULL;

  for (guint i = 0; list != NULL && event->kind == AIR_EVENT_TIMER && i < list->len; i++)
    if (g_strcmp0 (g_array_index (list, AirDue, i).id, event->timer.id) == 0)
      {
        g_array_remove_index (list, i);
        break;
      }
  return list;
}

static GHashTable *
index_due (const GArray *list)
{
  GHashTable *index = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; list != NULL && i < list->len; i++)
    g_hash_table_insert (index, g_array_index (list, AirDue, i).id, &g_array_index (list, AirDue, i));
  return index;
}

static void
emit (AirDecision *self, AirEffectKind kind, const AirDue *due)
{
  AirEffect *effect = g_new0 (AirEffect, 1);

  effect->kind = kind;
  effect->node = effect->step = g_strdup (strchr (due->id, '/') + 1);
  effect->timer.id = g_strdup (due->id);
  /* A time before there were computers has passed all the same. */
  effect->timer.at_us = kind == AIR_EFFECT_TIMER ? MAX (due->at_us, 1) : 0;
  g_ptr_array_add (self->out->effects, effect);
}

/**
 * air_decide_due:
 * @self: a decision that was made
 * @before: (nullable): what air_due_before() gave
 *
 * Has the host set the timers that are new or have another time, and take off those that mean nothing any more.
 */
void
air_decide_due (AirDecision *self, const GArray *before)
{
  g_autoptr (GArray) after = list_due (self->self);
  g_autoptr (GHashTable) had = NULL, has = NULL;

  if (before == NULL && after == NULL)
    return;
  had = index_due (before);
  has = index_due (after);
  for (guint i = 0; before != NULL && i < before->len; i++)
    if (!g_hash_table_contains (has, g_array_index (before, AirDue, i).id))
      emit (self, AIR_EFFECT_TIMER_CANCEL, &g_array_index (before, AirDue, i));
  for (guint i = 0; after != NULL && i < after->len; i++)
    {
      const AirDue *due = &g_array_index (after, AirDue, i), *was = g_hash_table_lookup (had, due->id);

      if (was == NULL || was->at_us != due->at_us)
        emit (self, AIR_EFFECT_TIMER, due);
    }
}
