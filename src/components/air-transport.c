/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-components"
#include "config.h"

#include "air-operation-private.h"
#include "air-transport.h"

G_DEFINE_QUARK (air-transport-error-quark, air_transport_error)

G_DEFINE_INTERFACE (AirTransport, air_transport, G_TYPE_OBJECT)

static void
air_transport_default_init (AirTransportInterface *iface)
{
}

/**
 * air_transport_send_async:
 * @request: borrowed until the callback
 * @timeout_ms: for the whole exchange; past it: %AIR_TRANSPORT_ERROR_TIMEOUT
 *
 * Sends one request.
 */
void
air_transport_send_async (AirTransport *self,
                          const AirHttpRequest *request,
                          guint timeout_ms,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_return_if_fail (AIR_IS_TRANSPORT (self));
  g_return_if_fail (request != NULL);

  AIR_TRANSPORT_GET_IFACE (self)->send_async (self, request, timeout_ms, cancellable, callback, user_data);
}

/**
 * air_transport_send_finish:
 *
 * Returns: (transfer full): the answer, whatever its status, or NULL with %AIR_TRANSPORT_ERROR
 */
AirHttpResponse *
air_transport_send_finish (AirTransport *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (AIR_IS_TRANSPORT (self), NULL);

  return AIR_TRANSPORT_GET_IFACE (self)->send_finish (self, result, error);
}

/* --- one operation, sent and understood --------------------------------------------------- */

typedef struct {
  const AirOperation *operation;
  AirPurpose purpose;
  AirValue *input;
  AirValue *run;
  AirHttpRequest *request;
  AirTransport *transport;
  AirEgress *egress;
  GCancellable *cancellable; /* nullable */
  gint64 deadline_us;        /* monotonic; for all pages together */
  AirOutcome *outcome;       /* nullable: what the pages so far say */
  guint n_pages;
} Run;

static void
run_free (gpointer data)
{
  Run *self = data;

  air_value_unref (self->input);
  air_value_unref (self->run);
  air_http_request_free (self->request);
  g_clear_object (&self->transport);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->egress, air_egress_free);
  g_clear_pointer (&self->outcome, air_outcome_free);
  g_free (self);
}

/* What it means that no answer came. */
static AirOutcome *
outcome_from_error (const GError *error)
{
  AirOutcomeClass outcome_class = AIR_OUTCOME_UNKNOWN;

  if (g_error_matches (error, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_NOT_SENT))
    outcome_class = AIR_OUTCOME_RETRY;
  else if (g_error_matches (error, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_REFUSED))
    outcome_class = AIR_OUTCOME_FATAL;
  return air_outcome_new (outcome_class, 0, error->message);
}

static void send_request (GTask *task);

/* A list of several pages is one question: TRUE when the next one is on its way. */
static gboolean
ask_next_page (GTask *task, const AirHttpResponse *response)
{
  Run *self = g_task_get_task_data (task);
  AirOutcomeClass so_far = self->outcome->outcome_class;
  g_autofree char *page = NULL;
  g_autoptr (GError) error = NULL;

  if (self->purpose != AIR_PURPOSE_RECONCILE || (so_far != AIR_OUTCOME_OK && so_far != AIR_OUTCOME_NOT_FOUND))
    return FALSE;
  page = air_operation_get_next_page (self->operation, self->input, self->run, response);
  if (page == NULL)
    return FALSE;
  g_clear_pointer (&self->request, air_http_request_free);
  if (++self->n_pages < air_operation_get_max_pages (self->operation))
    self->request = air_operation_build_page (self->operation, self->input, self->run, self->egress, page, &error);
  else
    g_set_error (&error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_INPUT,
                 "the list has more than %u pages: nobody can say that it never happened, or only once", self->n_pages);
  if (self->request == NULL)
    {
      air_outcome_free (self->outcome);
      self->outcome = air_outcome_new (AIR_OUTCOME_FATAL, response->status, error->message);
      return FALSE;
    }
  send_request (g_object_ref (task));
  return TRUE;
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Run *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirHttpResponse) response = air_transport_send_finish (AIR_TRANSPORT (source), result, &error);
  AirOutcome *outcome;

  if (response != NULL)
    outcome = air_operation_interpret (self->operation, self->purpose, self->input, self->run, self->request, response);
  else
    outcome = outcome_from_error (error);
  if (outcome->outcome_class != AIR_OUTCOME_OK)
    {
      g_autofree char *words = air_http_request_describe (self->request);

      /* Neither query, headers, body nor the vendor's words: no secret, nobody's data. */
      g_debug ("%s: %s, status %d", words, air_outcome_class_to_string (outcome->outcome_class), outcome->status);
    }
  self->outcome = air_operation_join_pages (g_steal_pointer (&self->outcome), outcome);
  if (response == NULL || !ask_next_page (task, response))
    g_task_return_pointer (task, g_steal_pointer (&self->outcome), (GDestroyNotify) air_outcome_free);
}

static void
send_request (GTask *task)
{
  Run *self = g_task_get_task_data (task);
  gint64 left_ms = (self->deadline_us - g_get_monotonic_time ()) / 1000;

  air_transport_send_async (self->transport, self->request, CLAMP (left_ms, 1, G_MAXINT), self->cancellable, sent_cb,
                            task);
}

void
air_operation_run_async (const AirOperation *self,
                         AirTransport *transport,
                         const AirEgress *egress,
                         AirPurpose purpose,
                         AirValue *input,
                         AirValue *run,
                         gint64 timeout_ms,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;
  Run *data = g_new0 (Run, 1);

  g_task_set_source_tag (task, air_operation_run_async);
  /* The outcome counts, not whether somebody lost interest meanwhile. */
  g_task_set_check_cancellable (task, FALSE);
  data->operation = self;
  data->purpose = purpose;
  data->input = air_value_ref (input);
  data->run = air_value_ref (run);
  g_task_set_task_data (task, data, run_free);

  data->request = air_operation_build_request (self, purpose, input, run, egress, &error);
  if (data->request == NULL)
    {
      g_task_return_pointer (task, air_outcome_new (AIR_OUTCOME_FATAL, 0, error->message),
                             (GDestroyNotify) air_outcome_free);
      return;
    }
  data->transport = g_object_ref (transport);
  data->egress = air_egress_copy (egress);
  data->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  data->deadline_us = g_get_monotonic_time () + CLAMP (timeout_ms, 1, G_MAXINT) * 1000;
  send_request (g_steal_pointer (&task));
}

/**
 * air_operation_run_finish:
 *
 * Returns: (transfer full): the outcome; there always is one
 */
AirOutcome *
air_operation_run_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
