/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "demo"

#include "config.h"

#include "demo-ledger.h"

#include <string.h>

#include "base/air-clock.h"
#include "base/air-json.h"
#include "demo-data.h"
#include "ledger/air-entry.h"
#include "ledger/air-tiles.h"
#include "ledger/air-tree.h"

#define GATE_TABLE "refund-approval"

typedef struct {
  DemoLedger *ledger;
  AirClient *client;
  AirTree tree;
  guint64 next;          /* tile to read */
  GHashTable *instances; /* id → Instance */
  GHashTable *actions;   /* "instance/node" → Action */
  GArray *step_ms;       /* double */
  GArray *run_ms;
  gint64 first_us, last_us;
} Reading;

typedef struct {
  gint64 started_us;
  gboolean waited; /* for a person or a retry's timer */
} Instance;

typedef struct {
  gint64 started_us;
  guint unknowns;
} Action;

static void read_next (GTask *task);

void
demo_ledger_free (DemoLedger *self)
{
  g_clear_pointer (&self->head, air_ledger_head_free);
  g_free (self);
}

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  g_clear_pointer (&reading->ledger, demo_ledger_free);
  g_object_unref (reading->client);
  g_hash_table_unref (reading->instances);
  g_hash_table_unref (reading->actions);
  g_array_unref (reading->step_ms);
  g_array_unref (reading->run_ms);
  g_free (reading);
}

static gboolean
is (const AirValue *entry, const char *member, const char *text)
{
  return g_strcmp0 (air_map_get_string (entry, member), text) == 0;
}

static void
fold_action (Reading *reading, const AirValue *entry, gint64 time_us)
{
  DemoLedger *ledger = reading->ledger;
  g_autofree char *key =
      g_strdup_printf ("%s/%s/%s", air_map_get_string (entry, "instance"), air_map_get_string (entry, "node"),
                       is (entry, "purpose", "compensate") ? "compensate" : "execute");
  Action *action = g_hash_table_lookup (reading->actions, key);

  if (action == NULL)
    {
      action = g_new0 (Action, 1);
      g_hash_table_insert (reading->actions, g_steal_pointer (&key), action);
    }
  if (is (entry, "type", AIR_ENTRY_TOOL_ACTION_STARTED))
    {
      action->started_us = time_us;
      ledger->steps++;
      ledger->retries += air_map_get_int (entry, "attempt", 1) > 1 && !is (entry, "purpose", "reconcile");
      return;
    }
  if (is (entry, "outcome", "unknown"))
    {
      ledger->unknowns++;
      action->unknowns++;
      return;
    }
  if (action->started_us > 0)
    {
      double ms = (time_us - action->started_us) / 1000.0;

      g_array_append_val (reading->step_ms, ms);
    }
  /* A refusal that passes settles nothing: what was unknown may still have happened. */
  if (!is (entry, "outcome", "retry"))
    {
      ledger->settled += action->unknowns;
      action->unknowns = 0;
    }
}

static void
fold_instance (Reading *reading, const AirValue *entry, gint64 time_us)
{
  DemoLedger *ledger = reading->ledger;
  const char *id = air_map_get_string (entry, "instance");
  Instance *instance = g_hash_table_lookup (reading->instances, id);
  gboolean closes = is (entry, "type", AIR_ENTRY_WORKFLOW_COMPLETED) || is (entry, "type", AIR_ENTRY_WORKFLOW_FAILED);

  if (is (entry, "type", AIR_ENTRY_TRIGGER_RECEIVED))
    {
      instance = g_new0 (Instance, 1);
      instance->started_us = time_us;
      g_hash_table_insert (reading->instances, g_strdup (id), instance);
      ledger->runs++;
      if (reading->first_us == 0)
        reading->first_us = time_us;
    }
  if (instance == NULL)
    return;
  if (is (entry, "type", AIR_ENTRY_HUMAN_GATE_REQUESTED) || is (entry, "type", AIR_ENTRY_TIMER))
    instance->waited = TRUE;
  if (closes)
    {
      double ms = (time_us - instance->started_us) / 1000.0;

      reading->last_us = MAX (reading->last_us, time_us);
      if (!instance->waited)
        g_array_append_val (reading->run_ms, ms);
    }
}

static void
fold (Reading *reading, const AirValue *entry)
{
  DemoLedger *ledger = reading->ledger;
  const char *time = air_map_get_string (entry, "time");
  gint64 time_us = 0;

  air_time_parse (time != NULL ? time : "", &time_us);
  fold_instance (reading, entry, time_us);
  if (is (entry, "type", AIR_ENTRY_TOOL_ACTION_STARTED) || is (entry, "type", AIR_ENTRY_TOOL_ACTION_EXECUTED))
    fold_action (reading, entry, time_us);
  else if (is (entry, "type", AIR_ENTRY_HUMAN_GATE_REQUESTED))
    {
      /* A gate nobody has to decide leaves the table's verdict only. */
      ledger->gates[CLAMP (air_map_get_int (entry, "quorum", 0), 0, 2)]++;
      ledger->gates[0]--;
    }
  else if (is (entry, "type", AIR_ENTRY_POLICY_EVALUATED))
    ledger->gates[0] += is (entry, "table", GATE_TABLE);
  else if (is (entry, "type", AIR_ENTRY_HUMAN_GATE_DECISIONED))
    {
      ledger->approvals += is (entry, "decision", "approve");
      ledger->denials += is (entry, "decision", "deny");
    }
  else if (is (entry, "type", AIR_ENTRY_ROLLBACK_APPLIED))
    ledger->compensations++;
  else if (is (entry, "type", AIR_ENTRY_EPOCH_STARTED))
    ledger->epochs++;
  else if (is (entry, "type", AIR_ENTRY_ACCESS_REFUSED))
    ledger->refused++;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double left = *(const double *) a, right = *(const double *) b;

  return left < right ? -1 : left > right;
}

static double
quantile (GArray *sorted, double q)
{
  return sorted->len > 0 ? g_array_index (sorted, double, (guint) ((sorted->len - 1) * q)) : 0;
}

static void
finish (GTask *task)
{
  Reading *reading = g_task_get_task_data (task);
  DemoLedger *ledger = reading->ledger;
  AirDigest root = air_tree_root (&reading->tree);

  if (!air_digest_equal (&root, &ledger->head->root))
    {
      g_autofree char *ours = air_digest_to_hex (&root), *theirs = air_digest_to_hex (&ledger->head->root);

      g_task_return_new_error (task, DEMO_ERROR, DEMO_ERROR_ANSWER,
                               "the ledger's entries make the root %s, its signed head says %s", ours, theirs);
      return;
    }
  g_array_sort (reading->step_ms, compare_doubles);
  g_array_sort (reading->run_ms, compare_doubles);
  ledger->step_p50_ms = quantile (reading->step_ms, 0.5);
  ledger->step_p99_ms = quantile (reading->step_ms, 0.99);
  ledger->run_p50_ms = quantile (reading->run_ms, 0.5);
  ledger->run_p99_ms = quantile (reading->run_ms, 0.99);
  ledger->seconds = (reading->last_us - reading->first_us) / 1e6;
  g_task_return_pointer (task, g_steal_pointer (&reading->ledger), (GDestroyNotify) demo_ledger_free);
}

static gboolean
take_bundle (Reading *reading, GBytes *bytes, guint width, GError **error)
{
  g_autoptr (GPtrArray) leaves = air_entry_bundle_parse (bytes, width, error);

  if (leaves == NULL)
    return FALSE;
  for (guint i = 0; i < leaves->len; i++)
    {
      gsize length;
      const void *leaf = g_bytes_get_data (leaves->pdata[i], &length);
      AirDigest hash = air_tree_leaf_hash (leaf, length);
      g_autoptr (AirValue) entry = air_json_parse (leaf, length, error);

      if (entry == NULL)
        return FALSE;
      air_tree_append (&reading->tree, &hash, NULL, NULL);
      reading->ledger->entries++;
      reading->ledger->bytes += length;
      fold (reading, entry);
    }
  return TRUE;
}

static void
bundle_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Reading *reading = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) bytes = air_client_get_bytes_finish (AIR_CLIENT (source), result, &error);
  guint width = air_tile_width_at (0, reading->next, reading->ledger->head->size);

  if (bytes == NULL || !take_bundle (reading, bytes, width, &error))
    {
      g_prefix_error (&error, "entries of tile %" G_GUINT64_FORMAT ": ", reading->next);
      g_task_return_error (task, error);
      return;
    }
  reading->next++;
  read_next (task);
}

static void
read_next (GTask *task)
{
  Reading *reading = g_task_get_task_data (task);
  AirTilePath path = { .entries = TRUE, .index = reading->next };
  g_autofree char *tile = NULL, *route = NULL;

  path.width = air_tile_width_at (0, reading->next, reading->ledger->head->size);
  if (path.width == 0)
    {
      finish (task);
      return;
    }
  tile = air_tile_path_to_string (&path);
  route = g_strconcat ("/v1/ledger/", tile, NULL);
  air_client_get_bytes_async (reading->client, route, g_task_get_cancellable (task), bundle_cb, g_object_ref (task));
}

static void
head_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Reading *reading = g_task_get_task_data (task);
  GError *error = NULL;

  reading->ledger->head = air_client_get_head_finish (AIR_CLIENT (source), result, &error);
  if (reading->ledger->head == NULL)
    g_task_return_error (task, error);
  else
    read_next (task);
}

/* Reads it all through @client, who must be allowed to. */
void
demo_ledger_read (AirClient *client, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Reading *reading = g_new0 (Reading, 1);

  reading->ledger = g_new0 (DemoLedger, 1);
  reading->client = g_object_ref (client);
  reading->instances = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  reading->actions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  reading->step_ms = g_array_new (FALSE, FALSE, sizeof (double));
  reading->run_ms = g_array_new (FALSE, FALSE, sizeof (double));
  air_tree_init (&reading->tree);
  g_task_set_task_data (task, reading, reading_free);
  air_client_get_head_async (client, cancellable, head_cb, task);
}

/* Fails with AIR_CLIENT_ERROR, or DEMO_ERROR_ANSWER when entries and head disagree. */
DemoLedger *
demo_ledger_read_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
