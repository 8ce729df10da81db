/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What carries frames from the journal into the store, as the runtime's applier does it: some at a time, a little
 * later, without a sync of its own; a half of the journal is given back once the store was synced past it. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include "sim/air-sim-host-private.h"

#define RETRY_US (250 * MS)

static void take_turn (AirSimHost *self);
static void plan_turn (AirSimHost *self, gint64 in_us, void (*run) (AirSimHost *, gpointer));

static AirFrame *
take_frames (AirSimHost *self)
{
  AirFrame *first = g_queue_pop_head (&self->frames), *last = first;
  guint n = air_sim_random_between (&self->sim->disk_chance, 0, 8);

  for (; n > 0 && self->frames.length > 0; n--)
    {
      last->next = g_queue_pop_head (&self->frames);
      last = last->next;
    }
  return first;
}

static void
free_frames (AirFrame *first)
{
  while (first != NULL)
    {
      AirFrame *next = first->next;

      air_frame_free (first);
      first = next;
    }
}

static void
give_back (AirSimHost *self, AirFrame *first)
{
  GQueue again = G_QUEUE_INIT;

  for (AirFrame *frame = first, *next; frame != NULL; frame = next)
    {
      next = frame->next;
      frame->next = NULL;
      g_queue_push_tail (&again, frame);
    }
  while (again.length > 0)
    g_queue_push_head (&self->frames, g_queue_pop_tail (&again));
}

static void
contradicted (AirSimHost *self, const GError *error)
{
  air_sim_violate (self->sim, AIR_SIM_CHAIN, "the store does not take what is durable: %s", error->message);
  self->dead = self->sim->refused = TRUE;
}

/* FALSE when there is no room, or the process has ended. */
static gboolean
apply_some (AirSimHost *self)
{
  AirFrame *first;
  g_autoptr (GError) error = NULL;

  if (self->frames.length == 0)
    return TRUE;
  if (air_sim_may_crash (self->sim, "before frames go into the store"))
    return FALSE;
  first = take_frames (self);
  if (!air_sim_store_apply (self->sim->store, first, &error))
    {
      give_back (self, first);
      if (!g_error_matches (error, AIR_STORE_ERROR, AIR_STORE_ERROR_FULL))
        contradicted (self, error);
      return FALSE;
    }
  free_frames (first);
  return !air_sim_may_crash (self->sim, "after frames went into the store, which was not synced");
}

static void
apply_cb (AirSimHost *self, gpointer data)
{
  gboolean applied = apply_some (self);

  if (self->dead)
    return;
  self->applying = FALSE;
  self->failing = !applied;
  if (applied)
    {
      take_turn (self);
      return;
    }
  plan_turn (self, RETRY_US, apply_cb);
  air_sim_host_stop_waiting (self);
}

static void
release_cb (AirSimHost *self, gpointer data)
{
  guint64 applied = air_sim_store_get_applied (self->sim->store);

  if (air_sim_may_crash (self->sim, "before the store's sync is done"))
    return;
  if (!air_sim_has_fault (self->sim, AIR_SIM_FAULT_RELEASE_EARLY))
    air_sim_store_sync (self->sim->store);
  if (air_sim_may_crash (self->sim, "before a half of the journal is given back"))
    return;
  self->released = applied;
  self->applying = FALSE;
  air_journal_release (self->journal, applied);
  air_sim_host_stop_waiting (self);
  take_turn (self);
}

static void
plan_turn (AirSimHost *self, gint64 in_us, void (*run) (AirSimHost *, gpointer))
{
  self->applying = TRUE;
  air_sim_host_plan (self, in_us, run, NULL, NULL);
}

static void
take_turn (AirSimHost *self)
{
  AirSimRandom *random = &self->sim->disk_chance;

  if (self->applying)
    return;
  if (self->wanted > air_sim_store_get_applied (self->sim->store))
    plan_turn (self, 0, apply_cb);
  else if (self->wanted > self->released)
    plan_turn (self, air_sim_random_skewed (random, 3 * self->sync_us), release_cb);
  else if (self->frames.length > 0)
    plan_turn (self, air_sim_random_below (random, self->gather_us), apply_cb);
}

/* Durable in the journal. */
void
air_sim_host_push (AirSimHost *self, AirFrame *take_frame)
{
  /* The journal has begun on its other half: soon it wants this one back. */
  self->wanted = MAX (self->wanted, air_journal_get_old (self->journal));
  g_queue_push_tail (&self->frames, take_frame);
  take_turn (self);
}

/* The journal wants to write over this frame. */
void
air_sim_host_want (AirSimHost *self, guint64 seq)
{
  self->wanted = MAX (self->wanted, seq);
  if (self->failing)
    air_sim_host_stop_waiting (self);
  else
    take_turn (self);
}

/* Past the journal, after all that is in it. FALSE when there is no room, or the process has ended. */
gboolean
air_sim_host_put (AirSimHost *self, AirFrame *frame)
{
  g_autoptr (GError) error = NULL;

  while (self->frames.length > 0)
    if (!apply_some (self))
      return FALSE;
  if (!air_sim_store_apply (self->sim->store, frame, &error))
    {
      if (!g_error_matches (error, AIR_STORE_ERROR, AIR_STORE_ERROR_FULL))
        contradicted (self, error);
      return FALSE;
    }
  if (air_sim_may_crash (self->sim, "after a large frame went into the store, before its sync"))
    return FALSE;
  air_sim_store_sync (self->sim->store);
  self->released = frame->seq;
  return TRUE;
}
