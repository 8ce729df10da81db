/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-client"

#include "config.h"

#include "client/air-client-control.h"

#include <string.h>

#include "base/air-clock.h"
#include "base/air-json.h"
#include "ledger/air-decision.h"

/* How long a signed word holds: long enough to be sent, too short to be kept. */
#define WORD_LIFE_US (15 * 60 * (gint64) G_USEC_PER_SEC)

static GBytes *
to_bytes (AirValue *take_body, GError **error)
{
  g_autoptr (AirValue) body = take_body;
  gsize length;
  char *text = air_jcs_write (body, &length, error);

  return text != NULL ? g_bytes_new_take (text, length) : NULL;
}

static GBytes *
control_body (const char *action, AirValue *filter, const char *node, const char *reason, GError **error)
{
  AirValue *body = air_map_new ();

  air_map_set_string (body, "action", action);
  if (filter != NULL)
    air_map_set (body, "filter", air_value_ref (filter));
  if (node != NULL)
    air_map_set_string (body, "node", node);
  if (reason != NULL)
    air_map_set_string (body, "reason", reason);
  return to_bytes (body, error);
}

/**
 * air_client_control_run:
 * @self: a client
 * @run: the run's id
 * @action: "pause", "resume", "cancel", "retry" or "skip"
 * @node: (nullable): the step; %NULL where only one can be meant, or all
 * @reason: (nullable): in the person's words, as it goes into the ledger
 * @cancellable: (nullable): ends the wait
 * @error: return location
 *
 * Blocks until the runtime has made it durable.
 *
 * Returns: (transfer full): {id, state, waiting_on}, or %NULL with an %AIR_CLIENT_ERROR or %G_IO_ERROR_CANCELLED
 */
AirValue *
air_client_control_run (AirClient *self,
                        const char *run,
                        const char *action,
                        const char *node,
                        const char *reason,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autofree char *path = air_client_run_path (run, "control");
  g_autoptr (GBytes) body = control_body (action, NULL, node, reason, error);

  return body != NULL ? air_client_post (self, path, NULL, body, cancellable, error) : NULL;
}

/**
 * air_client_control_run_async:
 * @self: a client
 * @run: the run's id
 * @action: as air_client_control_run()
 * @node: (nullable): the step
 * @reason: (nullable): in the person's words
 * @cancellable: (nullable): ends the wait
 * @callback: called once the runtime has answered
 * @user_data: for @callback
 */
void
air_client_control_run_async (AirClient *self,
                              const char *run,
                              const char *action,
                              const char *node,
                              const char *reason,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autofree char *path = air_client_run_path (run, "control");
  /* Texts only: that can be written. */
  g_autoptr (GBytes) body = control_body (action, NULL, node, reason, NULL);

  air_client_post_async (self, path, NULL, body, cancellable, callback, user_data);
}

/**
 * air_client_control_run_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location
 *
 * Returns: (transfer full): {id, state, waiting_on}, or %NULL with an %AIR_CLIENT_ERROR or a %G_IO_ERROR
 */
AirValue *
air_client_control_run_finish (AirClient *self, GAsyncResult *result, GError **error)
{
  return air_client_post_finish (self, result, error);
}

/**
 * air_client_control_runs:
 * @self: a client
 * @action: as air_client_control_run()
 * @filter: which runs, as the API takes it
 * @node: (nullable): the step
 * @reason: (nullable): in the person's words
 * @cancellable: (nullable): ends the wait
 * @error: return location
 *
 * One order over many runs; what is refused for one does not stop the others. Blocks.
 *
 * Returns: (transfer full): {selection, matched, applied, refused, refusals}, or %NULL with an %AIR_CLIENT_ERROR,
 *   an %AIR_JSON_ERROR for a @filter that cannot be written, or %G_IO_ERROR_CANCELLED
 */
AirValue *
air_client_control_runs (AirClient *self,
                         const char *action,
                         AirValue *filter,
                         const char *node,
                         const char *reason,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (GBytes) body = control_body (action, filter, node, reason, error);

  return body != NULL ? air_client_post (self, "/v1/control", NULL, body, cancellable, error) : NULL;
}

/**
 * air_client_list_unknown:
 * @self: a client
 * @run: the run's id
 * @cancellable: (nullable): ends the wait
 * @error: return location
 *
 * The actions of a run whose outcome nobody knows. Blocks.
 *
 * Returns: (transfer full): a list of {step, subject, leaf_hash, …}, empty when nothing is in doubt; or %NULL with
 *   an %AIR_CLIENT_ERROR or %G_IO_ERROR_CANCELLED
 */
AirValue *
air_client_list_unknown (AirClient *self, const char *run, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = air_client_run_path (run, "unknown");
  g_autoptr (AirValue) answer = air_client_get (self, path, cancellable, error);
  AirValue *items = answer != NULL ? air_map_get_list (answer, "items") : NULL;

  if (answer == NULL)
    return NULL;
  return items != NULL ? air_value_ref (items) : air_list_new ();
}

/**
 * air_client_confirm_unknown:
 * @self: a client
 * @run: the run's id
 * @unknown: an item of air_client_list_unknown()
 * @happened: what the person says
 * @reason: (nullable): in the person's words
 * @output: (nullable): what the step leaves behind
 * @key: the person's own decision key
 * @role: in which they say so
 * @cancellable: (nullable): ends the wait
 * @error: return location
 *
 * Signs over one action whether it happened, and sends it. Blocks.
 *
 * Returns: (transfer full): the runtime's answer, or %NULL with an %AIR_CLIENT_ERROR, %AIR_LEDGER_ERROR or
 *   %AIR_CRYPTO_ERROR
 */
AirValue *
air_client_confirm_unknown (AirClient *self,
                            const char *run,
                            AirValue *unknown,
                            gboolean happened,
                            const char *reason,
                            AirValue *output,
                            AirPrivateKey *key,
                            const char *role,
                            GCancellable *cancellable,
                            GError **error)
{
  const char *subject = air_map_get_string (unknown, "subject"), *hash = air_map_get_string (unknown, "leaf_hash");
  const char *artifact = air_map_get_string (unknown, "artifact"), *step = air_map_get_string (unknown, "step");
  const char *digest = air_map_get_string (unknown, "action_digest");
  gint64 now_us = air_clock_now_us (air_clock_system ());
  g_autofree char *envelope = NULL, *escaped = NULL, *rest = NULL, *path = NULL, *subject_expected = NULL;
  g_autoptr (AirDecision) word = NULL;
  g_autoptr (GBytes) bytes = NULL;
  AirValue *body, *parsed;
  AirDigest request;

  if (subject == NULL || hash == NULL || artifact == NULL || step == NULL || digest == NULL
      || !air_digest_from_hex (hash, &request))
    {
      g_set_error_literal (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_PROTOCOL,
                           "the runtime's word on the action lacks what a signature is about");
      return NULL;
    }
  subject_expected = g_strconcat (run, "/", step, NULL);
  if (strcmp (subject, subject_expected) != 0)
    {
      g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED,
                   "asked about %s, the runtime speaks of %s; sign nothing, and tell those who run the workflow",
                   subject_expected, subject);
      return NULL;
    }
  word = air_decision_new (happened ? "happened" : "did-not-happen", subject, &request, artifact, digest,
                           reason != NULL ? reason : "", role, now_us, now_us + WORD_LIFE_US, air_random_system ());
  envelope = air_decision_sign (word, key, error);
  parsed = envelope != NULL ? air_json_parse (envelope, strlen (envelope), error) : NULL;
  if (parsed == NULL)
    return NULL;
  body = air_map_new ();
  air_map_set (body, "envelope", parsed);
  if (output != NULL)
    air_map_set (body, "output", air_value_ref (output));
  bytes = to_bytes (body, error);
  if (bytes == NULL)
    return NULL;
  escaped = g_uri_escape_string (step, "@", FALSE);
  rest = g_strdup_printf ("unknown/%s/confirm", escaped);
  path = air_client_run_path (run, rest);
  return air_client_post (self, path, NULL, bytes, cancellable, error);
}

/**
 * air_client_signal_run:
 * @self: a client
 * @run: the run's id
 * @name: of the signal
 * @id: (nullable): the same id again is refused
 * @iteration: (nullable): of the for_each it is for, as "2" or "2.0"
 * @data: (nullable): what comes with it
 * @cancellable: (nullable): ends the wait
 * @error: return location
 *
 * Blocks.
 *
 * Returns: (transfer full): the runtime's answer, or %NULL with an %AIR_CLIENT_ERROR, an %AIR_JSON_ERROR for @data
 *   that cannot be written, or %G_IO_ERROR_CANCELLED
 */
AirValue *
air_client_signal_run (AirClient *self,
                       const char *run,
                       const char *name,
                       const char *id,
                       const char *iteration,
                       AirValue *data,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autofree char *escaped = g_uri_escape_string (name, NULL, FALSE);
  g_autofree char *rest = g_strconcat ("signals/", escaped, NULL), *path = air_client_run_path (run, rest);
  AirValue *body = air_map_new ();
  g_autoptr (GBytes) bytes = NULL;

  if (id != NULL)
    air_map_set_string (body, "id", id);
  if (iteration != NULL)
    air_map_set_string (body, "iteration", iteration);
  if (data != NULL)
    air_map_set (body, "data", air_value_ref (data));
  bytes = to_bytes (body, error);
  return bytes != NULL ? air_client_post (self, path, NULL, bytes, cancellable, error) : NULL;
}
