/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-client"

#include "config.h"

#include "client/air-client.h"

#include "base/air-json.h"
#include "client/air-client-private.h"
#include "client/air-head-memory.h"
#include "wire/air-tls.h"

#define REQUEST_TIMEOUT_S 30
#define SILENCE_TIMEOUT_S 90 /* of the event stream */
#define IDLE_TIMEOUT_S    120
#define MAX_CONNECTIONS   16
/* What is read of one answer; a bundle of a very long run has some ten MiB. */
#define MAX_ANSWER (256 * 1024 * 1024)
#define CHUNK      65536

struct _AirClient {
  GObject parent_instance;
  AirClientProfile *profile;
  GTlsCertificate *certificate;
  char *identity;
  SoupSession *session;
  SoupSession *stream_session;
  GMutex lock; /* over what follows: worker threads ask for it */
  char *ledger_key;
  AirLedgerHead *head; /* the largest verified; NULL: none by this program */
  AirHeadMemory *memory;
};

G_DEFINE_QUARK (air-client-error-quark, air_client_error)
G_DEFINE_FINAL_TYPE (AirClient, air_client, G_TYPE_OBJECT)

static void
air_client_finalize (GObject *object)
{
  AirClient *self = AIR_CLIENT (object);

  g_clear_object (&self->session);
  g_clear_object (&self->stream_session);
  g_clear_object (&self->certificate);
  g_clear_pointer (&self->profile, air_client_profile_unref);
  g_clear_pointer (&self->identity, g_free);
  g_clear_pointer (&self->ledger_key, g_free);
  g_clear_pointer (&self->head, air_ledger_head_free);
  g_clear_pointer (&self->memory, air_head_memory_free);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (air_client_parent_class)->finalize (object);
}

static void
air_client_class_init (AirClientClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = air_client_finalize;
}

static void
air_client_init (AirClient *self)
{
  g_mutex_init (&self->lock);
}

static SoupSession *
new_session (GTlsDatabase *database, guint timeout_s)
{
  SoupSession *session = soup_session_new_with_options (
      "tls-database", database, "timeout", timeout_s, "idle-timeout", IDLE_TIMEOUT_S, "max-conns", MAX_CONNECTIONS,
      "max-conns-per-host", MAX_CONNECTIONS, "user-agent", "airails/" AIR_VERSION, "proxy-resolver", NULL, NULL);

  /* A runtime compresses nothing, and what seems small must not grow when it is read. */
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);
  return session;
}

/**
 * air_client_new:
 * @profile: where to and as whom
 *
 * Makes a client of one runtime. It trusts the profile's authority and no other, shows the
 * profile's certificate, and keeps its connections. Reads the certificate files, does not
 * connect yet.
 *
 * Returns: (transfer full): a client, or %NULL with %AIR_CLIENT_ERROR_PROFILE
 */
AirClient *
air_client_new (AirClientProfile *profile, GError **error)
{
  g_autoptr (AirClient) self = NULL;
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *folder = NULL;

  g_return_val_if_fail (profile != NULL, NULL);

  self = g_object_new (AIR_TYPE_CLIENT, NULL);
  self->profile = air_client_profile_ref (profile);
  folder = g_build_filename (g_get_user_state_dir (), "airails", "heads", NULL);
  self->memory = air_head_memory_new (folder, profile);
  database = air_tls_database_new (air_client_profile_get_ca (profile), &local);
  if (database == NULL)
    {
      g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_PROFILE, "profile: \"ca\": %s", local->message);
      return NULL;
    }
  self->certificate = air_tls_certificate_load (air_client_profile_get_certificate (profile),
                                                air_client_profile_get_private_key (profile), &local);
  if (self->certificate == NULL)
    {
      g_set_error (
          error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_PROFILE, "profile: certificate \"%s\" with private key \"%s\": %s",
          air_client_profile_get_certificate (profile), air_client_profile_get_private_key (profile), local->message);
      return NULL;
    }
  /* A certificate without our kind of identity still connects; the runtime says what it thinks of it. */
  self->identity = air_tls_certificate_get_uri (self->certificate, NULL);
  self->session = new_session (database, REQUEST_TIMEOUT_S);
  self->stream_session = new_session (database, SILENCE_TIMEOUT_S);
  return g_steal_pointer (&self);
}

/**
 * air_client_get_profile:
 * @self: a client
 *
 * Returns: (transfer none): the profile it was made with
 */
AirClientProfile *
air_client_get_profile (AirClient *self)
{
  g_return_val_if_fail (AIR_IS_CLIENT (self), NULL);
  return self->profile;
}

/**
 * air_client_get_identity:
 * @self: a client
 *
 * Returns: (transfer none) (nullable): our certificate's URI: as whom the runtime sees us
 */
const char *
air_client_get_identity (AirClient *self)
{
  g_return_val_if_fail (AIR_IS_CLIENT (self), NULL);
  return self->identity;
}

SoupSession *
_air_client_get_session (AirClient *self)
{
  return self->session;
}

char *
_air_client_dup_ledger_key (AirClient *self)
{
  char *key;

  g_mutex_lock (&self->lock);
  key = g_strdup (self->ledger_key);
  g_mutex_unlock (&self->lock);
  return key;
}

char *
_air_client_learn_ledger_key (AirClient *self, const char *key)
{
  char *kept;

  g_mutex_lock (&self->lock);
  if (self->ledger_key == NULL)
    self->ledger_key = g_strdup (key);
  kept = g_strdup (self->ledger_key);
  g_mutex_unlock (&self->lock);
  return kept;
}

const char *
_air_client_get_head_path (AirClient *self)
{
  return air_head_memory_get_path (self->memory);
}

gboolean
_air_client_get_known_head (AirClient *self, AirLedgerHead **ret_head, GError **error)
{
  g_autoptr (AirLedgerHead) kept = NULL;
  gboolean good;

  /* Each time anew: another program may have seen more. */
  g_mutex_lock (&self->lock);
  good = air_head_memory_read (self->memory, &kept, error);
  if (good && self->head != NULL && (kept == NULL || kept->size < self->head->size))
    *ret_head = air_ledger_head_copy (self->head);
  else
    *ret_head = g_steal_pointer (&kept);
  g_mutex_unlock (&self->lock);
  return good;
}

void
_air_client_learn_head (AirClient *self, const AirLedgerHead *head)
{
  g_autoptr (GError) error = NULL;

  g_mutex_lock (&self->lock);
  if (self->head == NULL || head->size > self->head->size)
    {
      g_clear_pointer (&self->head, air_ledger_head_free);
      self->head = air_ledger_head_copy (head);
    }
  if (!air_head_memory_keep (self->memory, head, &error))
    g_warning ("the ledger's head is not remembered for next time: %s", error->message);
  g_mutex_unlock (&self->lock);
}

/* Events have connections of their own: a quiet stream must not hold up those that requests share. */
SoupSession *
_air_client_get_stream_session (AirClient *self)
{
  return self->stream_session;
}

SoupMessage *
_air_client_new_message (AirClient *self, const char *method, const char *path)
{
  g_autofree char *url = g_strconcat (air_client_profile_get_url (self->profile), path, NULL);
  SoupMessage *message = soup_message_new (method, url);

  g_return_val_if_fail (message != NULL, NULL);
  soup_message_set_tls_client_certificate (message, self->certificate);
  /* A runtime is where the profile says, and nowhere else. */
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  if (g_strcmp0 (method, "GET") != 0)
    {
      g_autofree char *key = g_uuid_string_random ();

      /* The key makes a repetition harmless; so libsoup may keep the connection for a POST too. */
      soup_message_headers_replace (soup_message_get_request_headers (message), "Idempotency-Key", key);
      soup_message_add_flags (message, SOUP_MESSAGE_IDEMPOTENT);
    }
  return message;
}

void
_air_client_map_error (AirClient *self, SoupMessage *message, GError **error)
{
  g_autoptr (GError) original = NULL;
  const char *url = air_client_profile_get_url (self->profile);
  GTlsCertificateFlags flags = soup_message_get_tls_peer_certificate_errors (message);

  if (error == NULL || *error == NULL || g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || (*error)->domain == AIR_CLIENT_ERROR)
    return;
  original = g_steal_pointer (error);
  if (flags & G_TLS_CERTIFICATE_UNKNOWN_CA)
    g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_IDENTITY,
                 "%s: the server's certificate is of another authority; nothing was sent. Check \"ca\" and \"url\" of "
                 "the profile",
                 url);
  else if (flags != 0)
    g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_IDENTITY,
                 "%s: the server's certificate is not good for this address or this time (%s); nothing was sent", url,
                 original->message);
  /* The connection broke before the two had told each other who they are. GIO says CERTIFICATE_REQUIRED of a break
   * after the server asked for a certificate; a profile always has one to give. */
  else if (original->domain == G_TLS_ERROR && original->code != G_TLS_ERROR_NOT_TLS && original->code != G_TLS_ERROR_EOF
           && original->code != G_TLS_ERROR_CERTIFICATE_REQUIRED)
    g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_IDENTITY,
                 "%s: no trust between us and the server (%s); check the profile's certificate", url,
                 original->message);
  else
    g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNREACHABLE, "%s cannot be reached: %s", url,
                 original->message);
}

static AirClientError
code_of_status (guint status)
{
  switch (status)
    {
    case 401:
    case 403:
      return AIR_CLIENT_ERROR_FORBIDDEN;
    case 404:
    case 410:
      return AIR_CLIENT_ERROR_NOT_FOUND;
    case 409:
    case 412:
      return AIR_CLIENT_ERROR_CONFLICT;
    case 429:
    case 503:
      return AIR_CLIENT_ERROR_BUSY;
    default:
      return status >= 500   ? AIR_CLIENT_ERROR_SERVER
             : status >= 400 ? AIR_CLIENT_ERROR_INVALID
                             : AIR_CLIENT_ERROR_PROTOCOL;
    }
}

/* RFC 9457, with our "mend". What is not a problem document still gives its status line. */
gboolean
_air_client_check_status (AirClient *self, SoupMessage *message, GBytes *body, GError **error)
{
  g_autoptr (AirValue) problem = NULL;
  guint status = soup_message_get_status (message);
  const char *title = NULL, *detail = NULL, *mend = NULL;
  GString *text;

  if (status >= 200 && status < 300)
    return TRUE;
  if (body != NULL && g_bytes_get_size (body) > 0)
    problem = air_json_parse_bytes (body, NULL);
  if (problem != NULL && air_value_get_kind (problem) == AIR_VALUE_MAP)
    {
      title = air_map_get_string (problem, "title");
      detail = air_map_get_string (problem, "detail");
      mend = air_map_get_string (problem, "mend");
    }
  text = g_string_new (NULL);
  if (title != NULL)
    g_string_append (text, title);
  else
    g_string_append_printf (text, "HTTP %u %s", status, soup_message_get_reason_phrase (message));
  if (detail != NULL)
    g_string_append_printf (text, ": %s", detail);
  if (mend != NULL)
    g_string_append_printf (text, "; %s", mend);
  g_set_error_literal (error, AIR_CLIENT_ERROR, code_of_status (status), text->str);
  g_string_free (text, TRUE);
  return FALSE;
}

static AirValue *
parse_answer (const char *path, GBytes *body, GError **error)
{
  g_autoptr (GError) local = NULL;
  AirValue *value;

  if (g_bytes_get_size (body) == 0)
    return air_value_new_null ();
  value = air_json_parse_bytes (body, &local);
  if (value == NULL)
    g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_PROTOCOL, "%s: the answer is not JSON: %s", path,
                 local->message);
  return value;
}

/* FALSE: the answer is longer than anybody would send. */
static gboolean
check_length (const char *path, gsize length, GError **error)
{
  if (length <= MAX_ANSWER)
    return TRUE;
  g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_PROTOCOL, "%s: the answer is longer than %d MiB", path,
               MAX_ANSWER >> 20);
  return FALSE;
}

/* --- asynchronous ------------------------------------------------------- */

typedef struct {
  char *path;
  SoupMessage *message;
  GInputStream *stream;
  GByteArray *body;
} Exchange;

static void
exchange_free (gpointer data)
{
  Exchange *self = data;

  g_free (self->path);
  g_object_unref (self->message);
  g_clear_object (&self->stream);
  g_byte_array_unref (self->body);
  g_free (self);
}

static void
return_failure (GTask *take_task, GError *take_error)
{
  g_autoptr (GTask) task = take_task;
  Exchange *exchange = g_task_get_task_data (task);

  _air_client_map_error (g_task_get_source_object (task), exchange->message, &take_error);
  g_task_return_error (task, take_error);
}

static void
read_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Exchange *exchange = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) chunk = g_input_stream_read_bytes_finish (G_INPUT_STREAM (object), result, &error);
  g_autoptr (GBytes) body = NULL;

  if (chunk == NULL)
    {
      return_failure (task, error);
      return;
    }
  if (g_bytes_get_size (chunk) > 0)
    {
      g_byte_array_append (exchange->body, g_bytes_get_data (chunk, NULL), g_bytes_get_size (chunk));
      if (!check_length (exchange->path, exchange->body->len, &error))
        return_failure (task, error);
      else
        g_input_stream_read_bytes_async (exchange->stream, CHUNK, G_PRIORITY_DEFAULT, g_task_get_cancellable (task),
                                         read_cb, task);
      return;
    }
  body = g_byte_array_free_to_bytes (g_steal_pointer (&exchange->body));
  exchange->body = g_byte_array_new ();
  if (!_air_client_check_status (g_task_get_source_object (task), exchange->message, body, &error))
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_steal_pointer (&body), (GDestroyNotify) g_bytes_unref);
  g_object_unref (task);
}

static void
send_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Exchange *exchange = g_task_get_task_data (task);
  GError *error = NULL;

  exchange->stream = soup_session_send_finish (SOUP_SESSION (object), result, &error);
  if (exchange->stream == NULL)
    return_failure (task, error);
  else
    g_input_stream_read_bytes_async (exchange->stream, CHUNK, G_PRIORITY_DEFAULT, g_task_get_cancellable (task),
                                     read_cb, task);
}

static void
send_async (AirClient *self,
            const char *method,
            const char *path,
            const char *content_type,
            GBytes *body,
            gpointer tag,
            GCancellable *cancellable,
            GAsyncReadyCallback callback,
            gpointer user_data)
{
  Exchange *exchange = g_new0 (Exchange, 1);
  GTask *task;

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, tag);
  exchange->path = g_strdup (path);
  exchange->message = _air_client_new_message (self, method, path);
  exchange->body = g_byte_array_new ();
  g_task_set_task_data (task, exchange, exchange_free);
  if (body != NULL)
    soup_message_set_request_body_from_bytes (exchange->message,
                                              content_type != NULL ? content_type : "application/json", body);
  soup_session_send_async (self->session, exchange->message, G_PRIORITY_DEFAULT, cancellable, send_cb, task);
}

static AirValue *
finish_value (GAsyncResult *result, GError **error)
{
  const Exchange *exchange = g_task_get_task_data (G_TASK (result));
  g_autoptr (GBytes) body = g_task_propagate_pointer (G_TASK (result), error);

  return body == NULL ? NULL : parse_answer (exchange->path, body, error);
}

/**
 * air_client_get_async:
 * @self: a client
 * @path: a path of the API, starting with "/v1/"
 * @cancellable: (nullable): ends it
 * @callback: called in the caller's main context
 *
 * Asks for a JSON document. Fails with an #AirClientError whose message is what the server's
 * problem document says (title: detail; mend), or with %G_IO_ERROR_CANCELLED.
 */
void
air_client_get_async (AirClient *self,
                      const char *path,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_return_if_fail (AIR_IS_CLIENT (self) && path != NULL && path[0] == '/');
  send_async (self, "GET", path, NULL, NULL, air_client_get_async, cancellable, callback, user_data);
}

/**
 * air_client_get_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location
 *
 * Returns: (transfer full): the document, or %NULL with an %AIR_CLIENT_ERROR or %G_IO_ERROR_CANCELLED
 */
AirValue *
air_client_get_finish (AirClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return finish_value (result, error);
}

/**
 * air_client_get_bytes_async:
 * @self: a client
 * @path: a path of the API, starting with "/v1/"
 * @cancellable: (nullable): ends it
 * @callback: called in the caller's main context
 *
 * The same for what is not JSON: checkpoints, proofs, tiles, bundles.
 */
void
air_client_get_bytes_async (AirClient *self,
                            const char *path,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_return_if_fail (AIR_IS_CLIENT (self) && path != NULL && path[0] == '/');
  send_async (self, "GET", path, NULL, NULL, air_client_get_bytes_async, cancellable, callback, user_data);
}

/**
 * air_client_get_bytes_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location
 *
 * Returns: (transfer full): the body as it came, or %NULL with an %AIR_CLIENT_ERROR or %G_IO_ERROR_CANCELLED
 */
GBytes *
air_client_get_bytes_finish (AirClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * air_client_post_async:
 * @self: a client
 * @path: a path of the API, starting with "/v1/"
 * @content_type: (nullable): "application/json" if %NULL
 * @body: (nullable): what to send
 * @cancellable: (nullable): ends the wait; what was sent may have had its effect
 * @callback: called in the caller's main context
 *
 * Sends a document. The request carries an Idempotency-Key.
 */
void
air_client_post_async (AirClient *self,
                       const char *path,
                       const char *content_type,
                       GBytes *body,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_return_if_fail (AIR_IS_CLIENT (self) && path != NULL && path[0] == '/');
  send_async (self, "POST", path, content_type, body, air_client_post_async, cancellable, callback, user_data);
}

/**
 * air_client_post_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location
 *
 * Returns: (transfer full): the answer's document, or %NULL with an %AIR_CLIENT_ERROR or %G_IO_ERROR_CANCELLED
 */
AirValue *
air_client_post_finish (AirClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return finish_value (result, error);
}

/* --- blocking ----------------------------------------------------------- */

static GBytes *
read_sync (AirClient *self, SoupMessage *message, const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GInputStream) stream = soup_session_send (self->session, message, cancellable, error);
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_autofree guint8 *chunk = g_malloc (CHUNK);
  gssize n = -1;

  while (stream != NULL && (n = g_input_stream_read (stream, chunk, CHUNK, cancellable, error)) > 0)
    {
      g_byte_array_append (all, chunk, n);
      if (!check_length (path, all->len, error))
        return NULL;
    }
  return n == 0 ? g_byte_array_free_to_bytes (g_steal_pointer (&all)) : NULL;
}

static GBytes *
send_sync (AirClient *self,
           const char *method,
           const char *path,
           const char *content_type,
           GBytes *body,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (SoupMessage) message = _air_client_new_message (self, method, path);
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GError) local = NULL;

  if (body != NULL)
    soup_message_set_request_body_from_bytes (message, content_type != NULL ? content_type : "application/json", body);
  answer = read_sync (self, message, path, cancellable, &local);
  if (answer == NULL)
    {
      _air_client_map_error (self, message, &local);
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (!_air_client_check_status (self, message, answer, error))
    return NULL;
  return g_steal_pointer (&answer);
}

/**
 * air_client_get:
 * @self: a client
 * @path: a path of the API, starting with "/v1/"
 * @cancellable: (nullable): ends the wait
 * @error: return location
 *
 * Blocks.
 *
 * Returns: (transfer full): the document, or %NULL with an %AIR_CLIENT_ERROR or %G_IO_ERROR_CANCELLED
 */
AirValue *
air_client_get (AirClient *self, const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GBytes) body = air_client_get_bytes (self, path, cancellable, error);

  return body == NULL ? NULL : parse_answer (path, body, error);
}

/**
 * air_client_get_bytes:
 * @self: a client
 * @path: a path of the API, starting with "/v1/"
 * @cancellable: (nullable): ends the wait
 * @error: return location
 *
 * Blocks.
 *
 * Returns: (transfer full): the body as it came, or %NULL with an %AIR_CLIENT_ERROR or %G_IO_ERROR_CANCELLED
 */
GBytes *
air_client_get_bytes (AirClient *self, const char *path, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (AIR_IS_CLIENT (self) && path != NULL && path[0] == '/', NULL);
  return send_sync (self, "GET", path, NULL, NULL, cancellable, error);
}

/**
 * air_client_post:
 * @self: a client
 * @path: a path of the API, starting with "/v1/"
 * @content_type: (nullable): "application/json" if %NULL
 * @body: (nullable): what to send
 * @cancellable: (nullable): ends the wait
 * @error: return location
 *
 * Blocks. The request carries an Idempotency-Key.
 *
 * Returns: (transfer full): the answer's document, or %NULL with an %AIR_CLIENT_ERROR or %G_IO_ERROR_CANCELLED
 */
AirValue *
air_client_post (AirClient *self,
                 const char *path,
                 const char *content_type,
                 GBytes *body,
                 GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (GBytes) answer = NULL;

  g_return_val_if_fail (AIR_IS_CLIENT (self) && path != NULL && path[0] == '/', NULL);
  answer = send_sync (self, "POST", path, content_type, body, cancellable, error);
  return answer == NULL ? NULL : parse_answer (path, answer, error);
}

/* --- paths -------------------------------------------------------------- */

/**
 * air_client_run_path:
 * @run: the run's id
 * @rest: (nullable): what follows, say "entries"
 *
 * Returns: (transfer full): the path in the API, the id escaped
 */
char *
air_client_run_path (const char *run, const char *rest)
{
  g_autofree char *escaped = g_uri_escape_string (run, NULL, FALSE);

  return g_strconcat ("/v1/runs/", escaped, rest != NULL ? "/" : NULL, rest, NULL);
}

/**
 * air_client_gate_path:
 * @run: the run's id
 * @node: the step
 * @rest: (nullable): what follows, say "decisions"
 *
 * Returns: (transfer full): the path in the API, the ids escaped
 */
char *
air_client_gate_path (const char *run, const char *node, const char *rest)
{
  g_autofree char *escaped_run = g_uri_escape_string (run, NULL, FALSE);
  g_autofree char *escaped_node = g_uri_escape_string (node, NULL, FALSE);

  return g_strconcat ("/v1/gates/", escaped_run, "/", escaped_node, rest != NULL ? "/" : NULL, rest, NULL);
}
