/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-connection.h"

#include <glib/gi18n.h>

#include "app/air-pin-dialog.h"
#include "base/air-json.h"
#include "keystore/air-keystore.h"

struct _AirConnection {
  GObject parent_instance;
  AirConnectionState state;
  char *error;
  char *profile_path;
  AirClient *client;
  AirEventStream *stream;
  AirRunList *runs;
  AirGateList *gates;
  AirWorkflow *workflow;
  AirValue *plan;
  GCancellable *cancellable;
};

enum { PROP_0, PROP_STATE, PROP_REACHABLE, PROP_ERROR, PROP_NAME, N_PROPS };

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (AirConnection, air_connection, G_TYPE_OBJECT)
G_DEFINE_ENUM_TYPE (AirConnectionState,
                    air_connection_state,
                    G_DEFINE_ENUM_VALUE (AIR_CONNECTION_CLOSED, "closed"),
                    G_DEFINE_ENUM_VALUE (AIR_CONNECTION_OPENING, "opening"),
                    G_DEFINE_ENUM_VALUE (AIR_CONNECTION_OPEN, "open"),
                    G_DEFINE_ENUM_VALUE (AIR_CONNECTION_FAILED, "failed"))

void
air_decision_result_free (AirDecisionResult *self)
{
  g_clear_pointer (&self->answer, air_value_unref);
  g_clear_pointer (&self->receipt, air_receipt_free);
  g_free (self->error);
  g_free (self);
}

static void
set_state (AirConnection *self, AirConnectionState state, const char *error)
{
  g_object_freeze_notify (G_OBJECT (self));
  if (g_set_str (&self->error, error))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
  if (self->state != state)
    {
      self->state = state;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_REACHABLE]);
  g_object_thaw_notify (G_OBJECT (self));
}

static void
stream_changed_cb (AirConnection *self)
{
  if (self->state == AIR_CONNECTION_OPEN)
    set_state (self, AIR_CONNECTION_OPEN, air_event_stream_get_error (self->stream));
}

/* --- opening ------------------------------------------------------------ */

typedef struct {
  AirClient *client;
  AirWorkflow *workflow;
  AirValue *plan;
} Opened;

static void
opened_free (Opened *opened)
{
  g_clear_object (&opened->client);
  g_clear_pointer (&opened->workflow, air_workflow_unref);
  g_clear_pointer (&opened->plan, air_value_unref);
  g_free (opened);
}

static AirWorkflow *
read_workflow (AirValue *document, GError **error)
{
  AirValue *source = air_map_get (document, "source");
  g_autofree char *text = NULL;

  if (source != NULL && air_value_get_kind (source) == AIR_VALUE_STRING)
    text = g_strdup (air_value_get_string (source, NULL));
  else if (source != NULL)
    text = air_json_write_pretty (source, error);
  else
    g_set_error_literal (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_PROTOCOL,
                         "the runtime's workflow has no \"source\"");
  return text != NULL ? air_workflow_load (text, strlen (text), "/v1/workflow", error) : NULL;
}

/* Files, handshake and parsing: all of it off the main thread. */
static void
open_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (AirClientProfile) profile = NULL;
  g_autoptr (AirValue) document = NULL;
  Opened *opened = g_new0 (Opened, 1);
  GError *error = NULL;

  if ((profile = air_client_profile_load (data, &error)) != NULL
      && (opened->client = air_client_new (profile, &error)) != NULL
      && (document = air_client_get (opened->client, "/v1/workflow", cancellable, &error)) != NULL
      && (opened->workflow = read_workflow (document, &error)) != NULL)
    {
      AirValue *plan = air_map_get_map (document, "plan");

      opened->plan = plan != NULL ? air_value_ref (plan) : NULL;
      g_task_return_pointer (task, opened, (GDestroyNotify) opened_free);
      return;
    }
  opened_free (opened);
  g_task_return_error (task, error);
}

static void
opened_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  AirConnection *self = AIR_CONNECTION (object);
  g_autoptr (GError) error = NULL;
  Opened *opened = g_task_propagate_pointer (G_TASK (result), &error);

  if (opened == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        set_state (self, AIR_CONNECTION_FAILED, error->message);
      return;
    }
  self->client = g_steal_pointer (&opened->client);
  self->workflow = g_steal_pointer (&opened->workflow);
  self->plan = g_steal_pointer (&opened->plan);
  opened_free (opened);
  self->stream = air_event_stream_new (self->client);
  self->runs = air_run_list_new (self->client, self->stream, NULL);
  self->gates = air_gate_list_new (self->client, self->stream);
  g_signal_connect_object (self->stream, "notify", G_CALLBACK (stream_changed_cb), self, G_CONNECT_SWAPPED);
  air_event_stream_start (self->stream);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NAME]);
  set_state (self, AIR_CONNECTION_OPEN, NULL);
}

static void
drop (AirConnection *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->stream != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->stream, self);
      air_event_stream_stop (self->stream);
    }
  g_clear_object (&self->stream);
  g_clear_object (&self->runs);
  g_clear_object (&self->gates);
  g_clear_object (&self->client);
  g_clear_pointer (&self->workflow, air_workflow_unref);
  g_clear_pointer (&self->plan, air_value_unref);
}

static void
air_connection_dispose (GObject *object)
{
  AirConnection *self = AIR_CONNECTION (object);

  drop (self);
  G_OBJECT_CLASS (air_connection_parent_class)->dispose (object);
}

static void
air_connection_finalize (GObject *object)
{
  AirConnection *self = AIR_CONNECTION (object);

  g_free (self->error);
  g_free (self->profile_path);
  G_OBJECT_CLASS (air_connection_parent_class)->finalize (object);
}

static void
air_connection_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AirConnection *self = AIR_CONNECTION (object);

  switch (id)
    {
    case PROP_STATE:
      g_value_set_enum (value, (int) self->state);
      break;
    case PROP_REACHABLE:
      g_value_set_boolean (value, air_connection_get_reachable (self));
      break;
    case PROP_ERROR:
      g_value_set_string (value, self->error);
      break;
    case PROP_NAME:
      g_value_set_string (value, air_connection_get_name (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
air_connection_class_init (AirConnectionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = air_connection_dispose;
  object_class->finalize = air_connection_finalize;
  object_class->get_property = air_connection_get_property;
  properties[PROP_STATE] =
      g_param_spec_enum ("state", NULL, NULL, AIR_TYPE_CONNECTION_STATE, AIR_CONNECTION_CLOSED, flags);
  properties[PROP_REACHABLE] = g_param_spec_boolean ("reachable", NULL, NULL, FALSE, flags);
  properties[PROP_ERROR] = g_param_spec_string ("error", NULL, NULL, NULL, flags);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
air_connection_init (AirConnection *self)
{
}

/**
 * air_connection_new:
 *
 * Returns: (transfer full): a connection that is closed
 */
AirConnection *
air_connection_new (void)
{
  return g_object_new (AIR_TYPE_CONNECTION, NULL);
}

/**
 * air_connection_open:
 * @self: a connection; what was open is closed first
 * @profile_path: of a profile
 *
 * Returns at once; "state" tells how it goes.
 */
void
air_connection_open (AirConnection *self, const char *profile_path)
{
  g_autoptr (GTask) task = NULL;
  g_autofree char *path = g_strdup (profile_path);

  air_connection_close (self);
  g_set_str (&self->profile_path, path);
  self->cancellable = g_cancellable_new ();
  task = g_task_new (self, self->cancellable, opened_cb, NULL);
  g_task_set_task_data (task, g_strdup (path), g_free);
  set_state (self, AIR_CONNECTION_OPENING, NULL);
  g_task_run_in_thread (task, open_thread);
}

/**
 * air_connection_close:
 * @self: a connection
 *
 * Lets everything go, at once.
 */
void
air_connection_close (AirConnection *self)
{
  drop (self);
  set_state (self, AIR_CONNECTION_CLOSED, NULL);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NAME]);
}

/**
 * air_connection_retry:
 * @self: a connection
 *
 * Does at once what would else happen a little later.
 */
void
air_connection_retry (AirConnection *self)
{
  if (self->state == AIR_CONNECTION_FAILED)
    air_connection_open (self, self->profile_path);
  else if (self->stream != NULL)
    air_event_stream_retry_now (self->stream);
}

/* --- what it holds ------------------------------------------------------ */

/**
 * air_connection_get_state:
 * @self: a connection
 *
 * Returns: where it stands
 */
AirConnectionState
air_connection_get_state (AirConnection *self)
{
  return self->state;
}

/**
 * air_connection_get_reachable:
 * @self: a connection
 *
 * Returns: whether it is open and the runtime answers
 */
gboolean
air_connection_get_reachable (AirConnection *self)
{
  return self->state == AIR_CONNECTION_OPEN && air_event_stream_get_state (self->stream) != AIR_EVENT_STREAM_WAITING
         && air_event_stream_get_error (self->stream) == NULL;
}

/**
 * air_connection_get_error:
 * @self: a connection
 *
 * Returns: (transfer none) (nullable): why not, for people
 */
const char *
air_connection_get_error (AirConnection *self)
{
  return self->error;
}

/**
 * air_connection_get_name:
 * @self: a connection
 *
 * Returns: (transfer none) (nullable): what the profile calls it
 */
const char *
air_connection_get_name (AirConnection *self)
{
  return self->client != NULL ? air_client_profile_get_name (air_client_get_profile (self->client)) : NULL;
}

/**
 * air_connection_get_identity:
 * @self: a connection
 *
 * Returns: (transfer none) (nullable): our certificate's URI
 */
const char *
air_connection_get_identity (AirConnection *self)
{
  return self->client != NULL ? air_client_get_identity (self->client) : NULL;
}

/**
 * air_connection_get_client:
 * @self: a connection
 *
 * Returns: (transfer none) (nullable): for the pages' own questions
 */
AirClient *
air_connection_get_client (AirConnection *self)
{
  return self->client;
}

/**
 * air_connection_get_stream:
 * @self: a connection
 *
 * Returns: (transfer none) (nullable): the runtime's events
 */
AirEventStream *
air_connection_get_stream (AirConnection *self)
{
  return self->stream;
}

/**
 * air_connection_get_runs:
 * @self: a connection
 *
 * Returns: (transfer none) (nullable): its runs
 */
AirRunList *
air_connection_get_runs (AirConnection *self)
{
  return self->runs;
}

/**
 * air_connection_get_gates:
 * @self: a connection
 *
 * Returns: (transfer none) (nullable): gates that wait
 */
AirGateList *
air_connection_get_gates (AirConnection *self)
{
  return self->gates;
}

/**
 * air_connection_get_workflow:
 * @self: a connection
 *
 * Returns: (transfer none) (nullable): the source of what it runs
 */
AirWorkflow *
air_connection_get_workflow (AirConnection *self)
{
  return self->workflow;
}

/**
 * air_connection_get_plan:
 * @self: a connection
 *
 * Returns: (transfer none) (nullable): the plan of what it runs
 */
AirValue *
air_connection_get_plan (AirConnection *self)
{
  return self->plan;
}

/**
 * air_connection_can_sign:
 * @self: a connection
 *
 * Returns: whether the profile names a decision key
 */
gboolean
air_connection_can_sign (AirConnection *self)
{
  return self->client != NULL && air_client_profile_get_decision_key (air_client_get_profile (self->client)) != NULL;
}

/* The attribute of a "pkcs11:" reference, decoded; NULL when it is not there. */
static char *
token_attribute (const char *reference, const char *name)
{
  g_auto (GStrv) parts = g_strsplit_set (reference + strlen ("pkcs11:"), ";?&", -1);
  gsize length = strlen (name);

  for (guint i = 0; parts[i] != NULL; i++)
    if (strncmp (parts[i], name, length) == 0 && parts[i][length] == '=')
      return g_uri_unescape_string (parts[i] + length + 1, NULL);
  return NULL;
}

/**
 * air_connection_dup_key_words:
 * @self: a connection
 *
 * Returns: (transfer full): where the decision key is kept, translated: "the key file ana.key", "a key of the token
 *   “Nitrokey”"
 */
char *
air_connection_dup_key_words (AirConnection *self)
{
  const char *key =
      self->client != NULL ? air_client_profile_get_decision_key (air_client_get_profile (self->client)) : NULL;
  g_autofree char *name = NULL;

  if (key == NULL)
    return g_strdup (_ ("no key"));
  if (g_str_has_prefix (key, "pkcs11:"))
    {
      name = token_attribute (key, "token");
      /* Translators: %s is a token, a card or a stick that holds a key */
      return name != NULL ? g_strdup_printf (_ ("a key of the token “%s”"), name) : g_strdup (_ ("a key of a token"));
    }
  if (g_str_has_prefix (key, "keyring:"))
    /* Translators: %s is the name of a key in the desktop's keyring */
    return g_strdup_printf (_ ("the key “%s” of your keyring"), key + strlen ("keyring:"));
  name = g_path_get_basename (key);
  /* Translators: %s is a file name */
  return g_strdup_printf (_ ("the key file %s"), name);
}

/* --- deciding ----------------------------------------------------------- */

typedef struct {
  AirClient *client;
  AirGate *gate;
  char *decision;
  AirValue *patch; /* nullable */
  char *reason;
} Decide;

static void
decide_free (Decide *decide)
{
  g_object_unref (decide->client);
  air_gate_unref (decide->gate);
  g_free (decide->decision);
  g_clear_pointer (&decide->patch, air_value_unref);
  g_free (decide->reason);
  g_free (decide);
}

static void
decide_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Decide *decide = data;
  const char *path = air_client_profile_get_decision_key (air_client_get_profile (decide->client));
  g_autoptr (AirPrivateKey) key = NULL;
  g_autoptr (AirDecisionResult) result = g_new0 (AirDecisionResult, 1);
  g_autoptr (GError) proof_error = NULL;
  GError *error = NULL;
  gint64 index;

  air_pin_dialog_begin ();
  if ((key = air_keystore_open (path, &error)) == NULL
      || (result->answer = air_client_decide_edit (decide->client, decide->gate, decide->decision, decide->patch,
                                                   decide->reason, key, cancellable, &error))
             == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  /* The decision stands from here on, whatever becomes of its proof. */
  index = air_map_get_int (result->answer, "index", -1);
  if (index < 0)
    result->error = g_strdup (_ ("The runtime named no ledger entry for it."));
  else if ((result->receipt = air_client_get_receipt (decide->client, (guint64) index, cancellable, &proof_error))
           == NULL)
    result->error = g_strdup (proof_error->message);
  g_task_return_pointer (task, g_steal_pointer (&result), (GDestroyNotify) air_decision_result_free);
}

/**
 * air_connection_decide_async:
 * @self: an open connection
 * @gate: what the person saw
 * @decision: "approve", "deny", "edit" or "request-info"
 * @patch: (nullable): what is approved instead; with "edit" only
 * @reason: in the person's words
 * @cancellable: (nullable): ends the wait; the decision may have been counted
 * @callback: called in the caller's main context
 * @user_data: for @callback
 *
 * Reads the decision key, signs, sends, fetches and follows the proof, in a thread.
 */
void
air_connection_decide_async (AirConnection *self,
                             AirGate *gate,
                             const char *decision,
                             AirValue *patch,
                             const char *reason,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Decide *decide;

  g_return_if_fail (air_connection_can_sign (self));
  decide = g_new0 (Decide, 1);
  decide->client = g_object_ref (self->client);
  decide->gate = air_gate_ref (gate);
  decide->decision = g_strdup (decision);
  decide->patch = patch != NULL ? air_value_ref (patch) : NULL;
  decide->reason = g_strdup (reason);
  g_task_set_task_data (task, decide, (GDestroyNotify) decide_free);
  g_task_run_in_thread (task, decide_thread);
}

/**
 * air_connection_decide_finish:
 * @self: the connection
 * @result: what the callback got
 * @error: return location
 *
 * Returns: (transfer full): the result, or %NULL with an %AIR_CLIENT_ERROR, %AIR_KEYSTORE_ERROR, %AIR_CRYPTO_ERROR or
 *   %G_IO_ERROR
 */
AirDecisionResult *
air_connection_decide_finish (AirConnection *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
