/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-components"
#include "config.h"

#include "air-operation-private.h"
#include "air-transport.h"
#include "base/air-clock.h"
#include "base/air-hash.h"

G_DEFINE_QUARK (air-transport-error-quark, air_transport_error)

G_DEFINE_INTERFACE (AirTransport, air_transport, G_TYPE_OBJECT)

static void
air_transport_default_init (AirTransportInterface *iface)
{
}

/**
 * air_transport_send_async:
 * @self: a transport
 * @request: borrowed until the callback
 * @timeout_ms: for the whole exchange; past it: %AIR_TRANSPORT_ERROR_TIMEOUT
 * @cancellable: (nullable): ends it; what was sent may have had its effect
 * @callback: called in the caller's main context
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
 * @self: the transport
 * @result: what the callback got
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
  AirHttpRequest *token_request; /* nullable: this one asks for all that wait */
  char *token;                   /* nullable: the one that was sent */
  gboolean token_is_new;         /* made for this call: another would be no better */
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
  air_http_request_free (self->token_request);
  g_free (self->token);
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
static void send_signed (GTask *task);
static void send_with_token (GTask *task);

/* A token may end before its time, be it that it was withdrawn or that clocks differ. "401" says that nothing was done, so
 * the same request may go again with another token, once. TRUE when it is on its way. */
static gboolean
send_with_another_token (GTask *task, const AirHttpResponse *response)
{
  Run *self = g_task_get_task_data (task);
  AirConnector *connector = (AirConnector *) air_operation_get_connector (self->operation);

  if (self->token == NULL || response->status != 401)
    return FALSE;
  /* Somebody else may have got another meanwhile: that one stays. */
  if (g_strcmp0 (connector->token, self->token) == 0)
    g_clear_pointer (&connector->token, g_free);
  if (self->token_is_new)
    return FALSE;
  send_with_token (g_object_ref (task));
  return TRUE;
}

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

  if (response != NULL && send_with_another_token (task, response))
    return;
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
end (GTask *take_task, AirOutcomeClass outcome_class, const char *message)
{
  g_task_return_pointer (take_task, air_outcome_new (outcome_class, 0, message), (GDestroyNotify) air_outcome_free);
  g_object_unref (take_task);
}

static char *
make_nonce (void)
{
  guint8 bytes[16];

  air_random_fill (air_random_system (), bytes, sizeof bytes);
  return air_hex_encode (bytes, sizeof bytes);
}

static guint
time_left (const Run *self)
{
  return CLAMP ((self->deadline_us - g_get_monotonic_time ()) / 1000, 1, G_MAXINT);
}

/* --- tokens ---------------------------------------------------------------------------------- */

static void
use_token (GTask *task, const char *token, gboolean is_new)
{
  Run *self = g_task_get_task_data (task);

  g_set_str (&self->token, token);
  self->token_is_new = is_new;
  air_auth_add_token (air_operation_get_connector (self->operation)->auth, self->request, token);
  send_signed (task);
}

/* Kept before it is needed: the old one may be worth nothing from now on. */
static void
keep_refresh_token (AirConnector *connector, const char *refresh_token)
{
  const char *secret = air_auth_get_refresh_secret (connector->auth);

  if (refresh_token == NULL || secret == NULL)
    return;
  g_set_str (&connector->refresh_token, refresh_token);
  if (connector->rotated != NULL)
    connector->rotated (secret, refresh_token, connector->rotated_data);
}

/* One asks for all that need one. */
static void
got_token_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Run *self = g_task_get_task_data (task);
  AirConnector *connector = (AirConnector *) air_operation_get_connector (self->operation);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirHttpResponse) response = air_transport_send_finish (AIR_TRANSPORT (source), result, &error);
  AirOutcomeClass outcome_class = AIR_OUTCOME_RETRY;
  g_autofree char *token = NULL, *refresh_token = NULL;
  GQueue waiting = connector->waiting;
  GTask *next;
  gint64 seconds = 0;

  if (response != NULL)
    token = air_auth_read_token (connector->auth, response, &seconds, &refresh_token, &error);
  if (token == NULL && g_error_matches (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_SECRET))
    outcome_class = AIR_OUTCOME_AUTH;
  else if (token == NULL && g_error_matches (error, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_REFUSED))
    outcome_class = AIR_OUTCOME_FATAL;
  keep_refresh_token (connector, refresh_token);
  g_set_str (&connector->token, token);
  connector->token_expiry_us = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;
  connector->asking = FALSE;
  g_queue_init (&connector->waiting);
  while ((next = g_queue_pop_head (&waiting)) != NULL)
    if (token == NULL)
      /* Nothing of the action itself was sent: it surely did not happen. */
      end (next, outcome_class, error->message);
    else
      use_token (next, token, TRUE);
}

static void
send_with_token (GTask *task)
{
  Run *self = g_task_get_task_data (task);
  AirConnector *connector = (AirConnector *) air_operation_get_connector (self->operation);
  g_autofree char *nonce = NULL;
  g_autoptr (GError) error = NULL;

  if (connector->token != NULL && connector->token_expiry_us > g_get_monotonic_time ())
    {
      use_token (task, connector->token, FALSE);
      return;
    }
  if (!connector->asking)
    {
      nonce = make_nonce ();
      g_clear_pointer (&self->token_request, air_http_request_free);
      self->token_request =
          air_auth_build_token_request (connector->auth, connector->refresh_token, g_get_real_time (), nonce, &error);
      if (self->token_request == NULL)
        {
          end (task, AIR_OUTCOME_AUTH, error->message);
          return;
        }
    }
  g_queue_push_tail (&connector->waiting, task);
  if (!connector->asking)
    {
      connector->asking = TRUE;
      air_transport_send_async (self->transport, self->token_request, time_left (self), NULL, got_token_cb,
                                g_object_ref (task));
    }
}

static void
send_signed (GTask *task)
{
  Run *self = g_task_get_task_data (task);

  air_transport_send_async (self->transport, self->request, time_left (self), self->cancellable, sent_cb, task);
}

static void
send_request (GTask *task)
{
  Run *self = g_task_get_task_data (task);
  const AirAuth *auth = air_operation_get_connector (self->operation)->auth;
  g_autofree char *nonce = NULL;
  g_autoptr (GError) error = NULL;

  if (air_auth_needs_token (auth))
    {
      send_with_token (task);
      return;
    }
  nonce = make_nonce ();
  if (!air_auth_sign (auth, self->request, g_get_real_time (), nonce, &error))
    end (task, AIR_OUTCOME_FATAL, error->message);
  else
    send_signed (task);
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
 * @result: what the callback got
 *
 * Returns: (transfer full): the outcome; there always is one
 */
AirOutcome *
air_operation_run_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
