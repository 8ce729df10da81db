/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-client"

#include "config.h"

#include <string.h>

#include "base/air-clock.h"
#include "client/air-client-requests.h"

/* What takes several requests or a signature is written once, blocking, and runs in a worker
 * thread when called asynchronously: libsoup's blocking calls may be made from any thread. */

/**
 * air_client_get_gate:
 * @self: a client
 * @run: the run's id
 * @node: the step
 * @cancellable: (nullable): ends the wait
 *
 * Returns: (transfer full): the gate, checked, or %NULL with an %AIR_CLIENT_ERROR, _UNVERIFIED when it quotes an
 *   entry that does not say what it shows
 */
AirGate *
air_client_get_gate (AirClient *self, const char *run, const char *node, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = air_client_gate_path (run, node, NULL);
  g_autoptr (AirValue) document = air_client_get (self, path, cancellable, error);
  g_autoptr (AirGate) gate = document != NULL ? air_gate_new (document, error) : NULL;

  if (gate == NULL)
    return NULL;
  /* Who decides without looking signs what they named, and not what they were given. */
  if (strcmp (air_gate_get_run (gate), run) != 0 || strcmp (air_gate_get_node (gate), node) != 0)
    {
      g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED,
                   "asked for gate %s/%s, the runtime shows %s; do not decide it, and tell those who run the workflow",
                   run, node, air_gate_get_id (gate));
      return NULL;
    }
  return g_steal_pointer (&gate);
}

/**
 * air_client_decide:
 * @self: a client
 * @gate: what the person saw
 * @decision: "approve", "deny" or "request-info"
 * @reason: in the person's words
 * @key: the person's own decision key
 * @cancellable: (nullable): ends the wait; the decision may have been counted
 *
 * Returns: (transfer full): {outcome, counted, quorum, index}, or %NULL with an %AIR_CLIENT_ERROR,
 *   %AIR_LEDGER_ERROR or %AIR_CRYPTO_ERROR
 */
AirValue *
air_client_decide (AirClient *self,
                   AirGate *gate,
                   const char *decision,
                   const char *reason,
                   AirPrivateKey *key,
                   GCancellable *cancellable,
                   GError **error)
{
  return air_client_decide_edit (self, gate, decision, NULL, reason, key, cancellable, error);
}

/**
 * air_client_decide_edit:
 * @self: a client
 * @gate: what the person saw
 * @decision: "edit", with @patch; else as air_client_decide()
 * @patch: (nullable): with @decision "edit": what to approve instead, see air_gate_sign_edit()
 * @reason: in the person's words
 * @key: the person's own decision key
 * @cancellable: (nullable): ends the wait; the decision may have been counted
 *
 * Returns: (transfer full): as air_client_decide(), or %NULL with %AIR_POLICY_ERROR_INPUT when the gate's policy
 *   does not let that be changed
 */
AirValue *
air_client_decide_edit (AirClient *self,
                        AirGate *gate,
                        const char *decision,
                        AirValue *patch,
                        const char *reason,
                        AirPrivateKey *key,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autofree char *path = air_client_gate_path (air_gate_get_run (gate), air_gate_get_node (gate), "decisions");
  g_autoptr (GBytes) envelope = NULL;

  envelope = air_gate_sign_edit (gate, decision, patch, reason, key, air_clock_now_us (air_clock_system ()), error);
  if (envelope == NULL)
    return NULL;
  return air_client_post (self, path, "application/json", envelope, cancellable, error);
}

/* --- asynchronous ------------------------------------------------------- */

typedef struct {
  char *run;
  char *node;
  AirGate *gate;
  char *decision;
  char *reason;
  AirPrivateKey *key;
} Job;

static void
job_free (Job *job)
{
  g_free (job->run);
  g_free (job->node);
  g_clear_pointer (&job->gate, air_gate_unref);
  g_free (job->decision);
  g_free (job->reason);
  g_clear_pointer (&job->key, air_private_key_unref);
  g_free (job);
}

static void
get_gate_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  GError *error = NULL;
  AirGate *gate = air_client_get_gate (source, job->run, job->node, cancellable, &error);

  if (gate == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, gate, (GDestroyNotify) air_gate_unref);
}

static void
run_job (AirClient *self,
         Job *take_job,
         gpointer tag,
         GTaskThreadFunc thread,
         GCancellable *cancellable,
         GAsyncReadyCallback callback,
         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, take_job, (GDestroyNotify) job_free);
  g_task_run_in_thread (task, thread);
}

/**
 * air_client_get_gate_async:
 * @self: a client
 * @run: the run's id
 * @node: the step
 * @cancellable: (nullable): ends the wait
 * @callback: called in the caller's main context
 * @user_data: for @callback
 *
 * As air_client_get_gate(), in a thread.
 */
void
air_client_get_gate_async (AirClient *self,
                           const char *run,
                           const char *node,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  Job *job = g_new0 (Job, 1);

  job->run = g_strdup (run);
  job->node = g_strdup (node);
  run_job (self, job, air_client_get_gate_async, get_gate_thread, cancellable, callback, user_data);
}

/**
 * air_client_get_gate_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location
 *
 * Returns: (transfer full): the gate, checked, or %NULL with an %AIR_CLIENT_ERROR or a %G_IO_ERROR
 */
AirGate *
air_client_get_gate_finish (AirClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
decide_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  GError *error = NULL;
  AirValue *answer = air_client_decide (source, job->gate, job->decision, job->reason, job->key, cancellable, &error);

  if (answer == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, answer, (GDestroyNotify) air_value_unref);
}

/**
 * air_client_decide_async:
 * @self: a client
 * @gate: what the person saw
 * @decision: "approve" or "deny"
 * @reason: in the person's words
 * @key: the person's own decision key
 * @cancellable: (nullable): ends the wait; the decision may have been counted
 * @callback: called in the caller's main context
 * @user_data: for @callback
 *
 * As air_client_decide(), in a thread: a token may ask for its PIN.
 */
void
air_client_decide_async (AirClient *self,
                         AirGate *gate,
                         const char *decision,
                         const char *reason,
                         AirPrivateKey *key,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  Job *job = g_new0 (Job, 1);

  job->gate = air_gate_ref (gate);
  job->decision = g_strdup (decision);
  job->reason = g_strdup (reason);
  job->key = air_private_key_ref (key);
  run_job (self, job, air_client_decide_async, decide_thread, cancellable, callback, user_data);
}

/**
 * air_client_decide_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location
 *
 * Returns: (transfer full): {outcome, counted, quorum, index}, or %NULL with an %AIR_CLIENT_ERROR, %AIR_LEDGER_ERROR,
 *   %AIR_CRYPTO_ERROR or a %G_IO_ERROR
 */
AirValue *
air_client_decide_finish (AirClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
