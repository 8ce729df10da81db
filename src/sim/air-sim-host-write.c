/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How commits become durable, as the runtime's writer does it: what is ready is one frame, and one synced write of the
 * journal; or, when it is too large for that, a transaction of the store. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include "hosting/air-records.h"
#include "sim/air-sim-host-private.h"

#define RETRY_US (500 * MS)

void
air_sim_commit_free (AirSimCommit *self)
{
  g_clear_pointer (&self->records, g_ptr_array_unref);
  g_clear_pointer (&self->stored, g_ptr_array_unref);
  g_free (self);
}

/* --- the end of a write --- */

static void
retry_cb (AirSimHost *self, gpointer data)
{
  self->retrying = FALSE;
  air_sim_host_schedule_all (self);
  air_sim_host_write (self);
}

static void
write_failed (AirSimHost *self)
{
  g_autoptr (GPtrArray) batch = g_steal_pointer (&self->batch);

  air_sim_trace (self->sim, "the disk is full");
  self->sim->report->full++;
  g_clear_pointer (&self->frame, air_frame_free);
  air_tree_edge_copy (&self->edge, &self->durable);
  if (!self->retrying)
    {
      self->retrying = TRUE;
      air_sim_host_plan (self, RETRY_US, retry_cb, NULL, NULL);
    }
  for (guint i = 0; i < batch->len; i++)
    air_sim_host_commit_failed (self, batch->pdata[i]);
}

static void
write_done (AirSimHost *self)
{
  g_autoptr (GPtrArray) batch = g_steal_pointer (&self->batch);

  air_tree_edge_copy (&self->durable, &self->edge);
  for (guint i = 0; i < batch->len; i++)
    air_sim_checker_durable (self->sim->checker, ((AirSimCommit *) batch->pdata[i])->stored);
  if (air_sim_may_crash (self->sim, "after the sync, before anybody knows"))
    return;
  for (guint i = 0; i < batch->len; i++)
    if (!air_sim_host_commit_done (self, batch->pdata[i]))
      return;
  air_sim_host_write (self);
}

static void
synced_cb (AirSimHost *self, gpointer data)
{
  if (air_sim_may_crash (self->sim, "before the sync is done"))
    return;
  air_sim_disk_sync (self->sim->disk);
  air_sim_host_push (self, g_steal_pointer (&self->frame));
  write_done (self);
}

static void
put_large_cb (AirSimHost *self, gpointer data)
{
  if (air_sim_may_crash (self->sim, "before a frame too large for the journal is stored"))
    return;
  if (!air_sim_host_put (self, self->frame))
    {
      if (!self->dead)
        write_failed (self);
      return;
    }
  air_journal_begin (self->journal, self->frame->seq + 1);
  g_clear_pointer (&self->frame, air_frame_free);
  self->sim->report->large++;
  write_done (self);
}

/* --- writing --- */

static gboolean
seal (AirSimHost *self, AirSimCommit *commit)
{
  AirSimRun *run = commit->run;
  AirRandom salts = air_sim_random_source (&self->sim->salts);
  AirFrameChain chain = { run->id, run->last, &run->head, FALSE };
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;

  commit->begun = TRUE;
  commit->head_before = run->head;
  commit->last_before = run->last;
  commit->stored = g_ptr_array_new_with_free_func ((GDestroyNotify) air_sim_stored_free);
  if (air_sim_has_fault (self->sim, AIR_SIM_FAULT_SKIP_SEQ) && air_sim_random_chance (&self->sim->chance, 50))
    run->head.seq++;
  entries = air_records_seal (commit->records, &run->head, run->id, commit->time_us, &salts, &error);
  if (entries == NULL)
    {
      air_sim_violate (self->sim, AIR_SIM_CHAIN, "run %s: an entry cannot be sealed: %s", run->id, error->message);
      return FALSE;
    }
  air_frame_put_chain (self->frame, &self->edge, &chain, entries, NULL, NULL, NULL);
  run->last = chain.last;
  for (guint i = 0; i < entries->len; i++)
    {
      const AirSealedEntry *sealed = entries->pdata[i];

      g_ptr_array_add (commit->stored, air_sim_stored_new (sealed->leaf, sealed->disclosures));
    }
  return TRUE;
}

/* Takes as many commits as one frame is to hold. */
static gboolean
gather (AirSimHost *self)
{
  self->batch = g_ptr_array_new_with_free_func ((GDestroyNotify) air_sim_commit_free);
  self->frame = air_frame_new ();
  while (self->submitted->len > 0 && self->frame->len < self->most_bytes)
    {
      AirSimCommit *commit = g_ptr_array_steal_index (self->submitted, 0);

      g_ptr_array_add (self->batch, commit);
      if (!self->failing && !seal (self, commit))
        return FALSE;
    }
  self->frame->entries = self->edge.tree.size;
  return TRUE;
}

static void
put_down (AirSimHost *self)
{
  AirSim *sim = self->sim;
  guint64 blocked;

  self->frame->seq = air_journal_get_seq (self->journal);
  if (!air_journal_fits (self->journal, self->frame))
    {
      air_sim_host_plan (self, 2 * air_sim_random_skewed (&sim->world_chance, self->sync_us), put_large_cb, NULL, NULL);
      return;
    }
  blocked = air_journal_blocked (self->journal, self->frame);
  if (blocked != 0)
    {
      sim->report->blocked++;
      self->waiting = TRUE;
      air_sim_host_want (self, blocked);
      return;
    }
  if (!air_journal_append (self->journal, self->frame, NULL))
    {
      if (!self->dead)
        write_failed (self);
      return;
    }
  if (air_sim_may_crash (sim, "after a journal write, before its sync"))
    return;
  air_sim_host_plan (self, air_sim_random_skewed (&sim->world_chance, self->sync_us), synced_cb, NULL, NULL);
}

void
air_sim_host_write (AirSimHost *self)
{
  if (self->batch != NULL || self->submitted->len == 0 || self->dead
      || air_sim_may_crash (self->sim, "before a journal write"))
    return;
  if (!gather (self))
    self->dead = TRUE;
  else if (self->failing)
    write_failed (self);
  else
    put_down (self);
}

/* The half that was waited for is free, or the store could not take what is in it. */
void
air_sim_host_stop_waiting (AirSimHost *self)
{
  if (!self->waiting)
    return;
  self->waiting = FALSE;
  if (self->failing)
    write_failed (self);
  else
    put_down (self);
}
