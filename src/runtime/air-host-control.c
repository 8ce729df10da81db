/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One hand on many runs: a selection is walked page by page, and a page is
 * told before the next is read, so that a million runs need no more memory
 * than a few hundred. */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-control.h"

#include "runtime/air-host-private.h"
#include "runtime/air-host-unknown.h"

#include <string.h>

#define PAGE         256
#define MAX_REFUSALS 100 /* that are named in the answer; all are counted */

gboolean
air_host_admit_control (AirHost *self, AirRun *run, AirMessage *message)
{
  return message->control != AIR_CONTROL_CONFIRM || air_host_admit_word (self, run, message);
}

typedef struct {
  AirHost *host;
  AirSelection selection;
  char *after;
  guint next; /* of the runs that are named */
  guint pending;
  gboolean reading; /* the page's messages are being posted */
  gboolean last;
  GError *error;
  AirSelected selected;
  gpointer user_data;
} Walk;

typedef struct {
  Walk *walk;
  char *run;
} One;

void
air_selection_clear (AirSelection *self)
{
  g_clear_pointer (&self->id, g_free);
  g_clear_pointer (&self->actor, g_free);
  g_clear_pointer (&self->reason, g_free);
  g_clear_pointer (&self->node, g_free);
  g_clear_pointer (&self->key, g_free);
  g_clear_pointer (&self->state, g_free);
  g_clear_pointer (&self->runs, g_ptr_array_unref);
  g_clear_pointer (&self->refusals, air_value_unref);
}

static void read_page (Walk *walk);

static void
walk_finish (Walk *walk)
{
  walk->selected (&walk->selection, walk->error, walk->user_data);
  air_selection_clear (&walk->selection);
  g_clear_error (&walk->error);
  g_free (walk->after);
  g_free (walk);
}

static gboolean
next_cb (gpointer user_data)
{
  read_page (user_data);
  return G_SOURCE_REMOVE;
}

/* The next page from the main loop: answers may come at once, one inside the other. */
static void
go_on (Walk *walk)
{
  if (walk->reading || walk->pending > 0)
    return;
  if (!walk->last && walk->error == NULL && walk->host->draining)
    walk->error = g_error_new_literal (AIR_STORE_ERROR, AIR_STORE_ERROR_BUSY,
                                       "the runtime is stopping, and not all were told; send it again");
  if (walk->last || walk->error != NULL)
    walk_finish (walk);
  else
    g_idle_add (next_cb, walk);
}

static void
note_refusal (AirSelection *selection, const char *run, const char *reason)
{
  selection->n_refused++;
  if (air_list_get_size (selection->refusals) < MAX_REFUSALS)
    {
      AirValue *item = air_map_new ();

      air_map_set_string (item, "run", run);
      air_map_set_string (item, "reason", reason);
      air_list_append (selection->refusals, item);
    }
}

static One *
begin_one (Walk *walk, const char *run)
{
  One *one = g_new (One, 1);

  *one = (One) { walk, g_strdup (run) };
  walk->pending++;
  return one;
}

static void
end_one (One *take_one)
{
  g_autofree One *one = take_one;

  g_free (one->run);
  one->walk->pending--;
  go_on (one->walk);
}

static void
answered_cb (AirRun *run, AirCommit *commit, AirProblem *take_problem, gpointer user_data)
{
  One *one = user_data;
  g_autoptr (AirProblem) problem = take_problem;

  if (problem == NULL)
    one->walk->selection.n_applied++;
  else
    note_refusal (&one->walk->selection, one->run, problem->detail);
  end_one (one);
}

static void
retried_cb (const char *run, gboolean duplicate, AirProblem *take_problem, gpointer user_data)
{
  One *one = user_data;
  g_autoptr (AirProblem) problem = take_problem;
  g_autofree char *before = duplicate ? g_strdup_printf ("run %s does its work again already", run) : NULL;

  if (run != NULL && !duplicate)
    one->walk->selection.n_applied++;
  else
    note_refusal (&one->walk->selection, one->run, before != NULL ? before : problem->detail);
  end_one (one);
}

static gboolean
is_meant (const AirSelection *selection, const AirIndexRow *row)
{
  return strcmp (row->state, "system") != 0 && (row->open || selection->control == AIR_CONTROL_RETRY)
         && (selection->state == NULL || strcmp (selection->state, row->state) == 0)
         && (selection->started_from_us == 0 || row->started_us >= selection->started_from_us)
         && (selection->started_to_us == 0 || row->started_us < selection->started_to_us);
}

/* One that was retried before is meant only where it is named. */
static void
retry_one (Walk *walk, const AirIndexRow *row)
{
  AirSelection *selection = &walk->selection;
  g_autofree char *before = selection->runs == NULL ? air_host_find_retry (walk->host, row->id, &walk->error) : NULL;

  if (before != NULL || walk->error != NULL)
    return;
  selection->n_matched++;
  if (selection->node != NULL)
    note_refusal (selection, row->id, "it has ended, and is retried from its beginning; name no step");
  else
    air_host_retry (walk->host, row->id, selection->actor, selection->reason, selection->id, retried_cb,
                    begin_one (walk, row->id));
}

static void
post_one (Walk *walk, const AirIndexRow *row)
{
  AirSelection *selection = &walk->selection;
  AirRun *run;
  AirMessage *message;

  if (!is_meant (selection, row))
    return;
  if (!row->open)
    {
      retry_one (walk, row);
      return;
    }
  run = air_host_open_run (walk->host, row->id, &walk->error);
  if (run == NULL)
    return; /* it has come to its end meanwhile */
  selection->n_matched++;
  message = air_message_new (AIR_EVENT_CONTROL);
  message->control = selection->control;
  message->actor = g_strdup (selection->actor);
  message->reason = g_strdup (selection->reason);
  message->node = g_strdup (selection->node);
  message->selection = g_strdup (selection->id);
  message->id = g_strdup (selection->key);
  air_message_set_sender (message, answered_cb, begin_one (walk, row->id));
  air_host_post (walk->host, run, message);
}

/* Who names a run is told why nothing was done to it; one that only has another state or age was left out by its
 * sender. */
static gboolean
refuse_named (AirSelection *selection, const char *id, const AirIndexRow *row)
{
  g_autofree char *ended = NULL;
  gboolean known = row != NULL && strcmp (row->state, "system") != 0;

  if (known && (row->open || selection->control == AIR_CONTROL_RETRY || selection->state != NULL))
    return FALSE;
  ended = known ? g_strdup_printf ("it has come to its end (%s)", row->state) : g_strdup ("there is no such run");
  selection->n_matched++;
  note_refusal (selection, id, ended);
  return TRUE;
}

static void
read_named (Walk *walk, AirStore *store)
{
  GPtrArray *runs = walk->selection.runs;

  for (guint n = 0; n < PAGE && walk->next < runs->len && walk->error == NULL; n++)
    {
      const char *id = runs->pdata[walk->next++];
      g_autoptr (AirIndexRow) row = air_store_find_row (store, id, &walk->error);

      if (walk->error == NULL && !refuse_named (&walk->selection, id, row))
        post_one (walk, row);
    }
  walk->last = walk->next == runs->len;
}

static gboolean
is_ended (const char *state)
{
  return g_strcmp0 (state, "failed") == 0 || g_strcmp0 (state, "cancelled") == 0;
}

static void
read_listed (Walk *walk, AirStore *store)
{
  const AirSelection *selection = &walk->selection;
  g_autoptr (GPtrArray) rows = selection->control == AIR_CONTROL_RETRY && is_ended (selection->state)
                                   ? air_store_list_state (store, selection->state, walk->after, PAGE, &walk->error)
                                   : air_store_list_open (store, walk->after, PAGE, &walk->error);

  walk->last = rows == NULL || rows->len < PAGE;
  for (guint i = 0; rows != NULL && i < rows->len && walk->error == NULL; i++)
    post_one (walk, rows->pdata[i]);
  if (rows != NULL && rows->len > 0)
    g_set_str (&walk->after, ((AirIndexRow *) rows->pdata[rows->len - 1])->id);
}

static void
read_page (Walk *walk)
{
  AirStore *store = air_host_get_store (walk->host);

  walk->reading = TRUE;
  if (walk->selection.runs != NULL)
    read_named (walk, store);
  else
    read_listed (walk, store);
  walk->reading = FALSE;
  go_on (walk);
}

/**
 * air_host_control_runs:
 * @self: a host
 * @take_selection: what is done to which runs; its id is given here
 * @selected: called once, when every run of it was told
 *
 * Each run gets an entry of its own that names the selection; one that cannot take it is counted and says why. A
 * retry of those that failed or were cancelled makes new runs, whose first entries name it.
 */
void
air_host_control_runs (AirHost *self, AirSelection *take_selection, AirSelected selected, gpointer user_data)
{
  Walk *walk = g_new0 (Walk, 1);

  walk->host = self;
  walk->selection = *take_selection;
  *take_selection = (AirSelection) { 0 };
  walk->selection.id = air_id_new (g_get_real_time (), self->random);
  walk->selection.refusals = air_list_new ();
  walk->selected = selected;
  walk->user_data = user_data;
  read_page (walk);
}
