/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-witness-server.h"

#include <errno.h>
#include <fcntl.h>
#include <libsoup/soup.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "air-cli.h"
#include "ledger/air-cosignature.h"
#include "ledger/air-witness.h"

typedef struct {
  AirVkey *key;
  char *path;           /* of the note */
  AirCheckpoint *known; /* the largest tree cosigned; NULL: none */
} Log;

struct _AirWitnessServer {
  char *name;
  AirPrivateKey *key;
  GPtrArray *logs; /* Log */
  SoupServer *soup;
  int lock;
  AirWitnessTold told;
  gpointer told_data;
};

static void
log_free (gpointer data)
{
  Log *self = data;

  air_vkey_free (self->key);
  g_clear_pointer (&self->known, air_checkpoint_free);
  g_free (self->path);
  g_free (self);
}

/* What was cosigned before. A note that is damaged ends the witness: it cannot know what it must not contradict. */
static Log *
log_load (const char *state, const AirVkey *key, GError **error)
{
  const char *origin = air_vkey_get_name (key);
  AirDigest digest = air_sha256 (origin, strlen (origin));
  g_autofree char *hex = air_digest_to_hex (&digest), *name = g_strconcat (hex, ".checkpoint", NULL), *note = NULL;
  Log *log = g_new0 (Log, 1);
  GError *local = NULL;
  gsize length;

  log->key = air_vkey_copy (key);
  log->path = g_build_filename (state, name, NULL);
  if (!g_file_get_contents (log->path, &note, &length, &local))
    {
      if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        {
          g_error_free (local);
          return log;
        }
      g_propagate_error (error, local);
    }
  else if ((log->known = air_checkpoint_open (note, length, key, NULL, &local)) == NULL)
    {
      g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_REFUSED,
                   "%s: what was cosigned last for %s cannot be read (%s); restore the file: a witness that has "
                   "forgotten must not go on under its name",
                   log->path, origin, local->message);
      g_error_free (local);
    }
  if (log->known != NULL)
    return log;
  log_free (log);
  return NULL;
}

/**
 * air_witness_server_new:
 * @state: its folder; made when it is not there. Two witnesses never share one
 * @name: the name of its key
 * @key: Ed25519
 * @logs: (element-type AirVkey): whose checkpoints it cosigns
 *
 * Returns: (transfer full): NULL with AIR_CLI_ERROR or G_FILE_ERROR
 */
AirWitnessServer *
air_witness_server_new (const char *state, const char *name, AirPrivateKey *key, GPtrArray *logs, GError **error)
{
  g_autoptr (AirWitnessServer) self = g_new0 (AirWitnessServer, 1);
  g_autofree char *lock = g_build_filename (state, "lock", NULL);

  self->name = g_strdup (name);
  self->key = air_private_key_ref (key);
  self->logs = g_ptr_array_new_with_free_func (log_free);
  self->lock = -1;
  if (g_mkdir_with_parents (state, 0700) != 0 || (self->lock = open (lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0
      || flock (self->lock, LOCK_EX | LOCK_NB) != 0)
    {
      g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT, "%s: %s; a witness needs a folder of its own", state,
                   g_strerror (errno));
      return NULL;
    }
  for (guint i = 0; i < logs->len; i++)
    {
      Log *log = log_load (state, logs->pdata[i], error);

      if (log == NULL)
        return NULL;
      g_ptr_array_add (self->logs, log);
    }
  return g_steal_pointer (&self);
}

/**
 * air_witness_server_set_told:
 * @self: a witness
 * @told: (nullable): told of every answer
 * @user_data: for @told
 */
void
air_witness_server_set_told (AirWitnessServer *self, AirWitnessTold told, gpointer user_data)
{
  self->told = told;
  self->told_data = user_data;
}

static Log *
find_log (AirWitnessServer *self, const char *origin)
{
  for (guint i = 0; i < self->logs->len; i++)
    if (g_str_equal (air_vkey_get_name (((Log *) self->logs->pdata[i])->key), origin))
      return self->logs->pdata[i];
  return NULL;
}

/* Remembers, then signs: in that order, or a crash between would let two trees be cosigned. */
static char *
cosign (AirWitnessServer *self, Log *log, AirWitnessRequest *request, GError **error)
{
  g_autoptr (AirNote) note = air_note_parse (request->note, strlen (request->note), error);
  g_autoptr (AirNoteSignature) signature = NULL;

  if (note == NULL
      || !g_file_set_contents_full (log->path, request->note, -1,
                                    G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error))
    return NULL;
  g_clear_pointer (&log->known, air_checkpoint_free);
  log->known = g_steal_pointer (&request->checkpoint);
  signature = air_cosignature_sign (note, self->name, self->key, g_get_real_time () / G_USEC_PER_SEC, error);
  return signature != NULL ? air_note_signature_to_line (signature) : NULL;
}

static guint
answer (AirWitnessServer *self,
        const char *body,
        gsize length,
        char **ret_text,
        const char **ret_type,
        char **ret_words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirWitnessRequest) request = air_witness_request_parse (body, length, &error);
  AirWitnessVerdict verdict;
  Log *log;

  *ret_type = "text/plain; charset=utf-8";
  if (request == NULL)
    {
      *ret_words = g_strdup (error->message);
      return 400;
    }
  log = find_log (self, request->checkpoint->origin);
  verdict = air_witness_judge (request, log != NULL ? log->key : NULL, log != NULL ? log->known : NULL, ret_words);
  if (verdict == AIR_WITNESS_CONFLICT)
    {
      *ret_type = AIR_WITNESS_SIZE_TYPE;
      *ret_text = g_strdup_printf ("%" G_GUINT64_FORMAT "\n", log->known != NULL ? log->known->size : 0);
    }
  if (verdict != AIR_WITNESS_COSIGN)
    return air_witness_verdict_to_status (verdict);
  *ret_words =
      g_strdup_printf ("%s, %" G_GUINT64_FORMAT " entries", request->checkpoint->origin, request->checkpoint->size);
  *ret_text = cosign (self, log, request, &error);
  if (*ret_text != NULL)
    return 200;
  g_free (*ret_words);
  *ret_words = g_strdup (error->message);
  return 500;
}

static void
add_checkpoint_cb (SoupServer *soup,
                   SoupServerMessage *message,
                   const char *path,
                   GHashTable *query,
                   gpointer user_data)
{
  AirWitnessServer *self = user_data;
  g_autoptr (GBytes) body = NULL;
  g_autofree char *text = NULL, *words = NULL;
  const char *type = NULL;
  guint status;

  if (!g_str_equal (soup_server_message_get_method (message), "POST") || !g_str_equal (path, "/add-checkpoint"))
    {
      soup_server_message_set_status (message, g_str_equal (path, "/add-checkpoint") ? 405 : 404, NULL);
      return;
    }
  body = soup_message_body_flatten (soup_server_message_get_request_body (message));
  status = answer (self, g_bytes_get_data (body, NULL), g_bytes_get_size (body), &text, &type, &words);
  if (self->told != NULL)
    self->told (status, words, self->told_data);
  if (text == NULL)
    text = g_strconcat (words, "\n", NULL);
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, type, SOUP_MEMORY_COPY, text, strlen (text));
}

/* Somebody who sends without end is cut off before it is kept. */
static void
got_chunk_cb (SoupServerMessage *message, GBytes *chunk, gpointer user_data)
{
  if (soup_message_body_get_accumulate (soup_server_message_get_request_body (message))
      && soup_server_message_get_request_body (message)->length > AIR_WITNESS_MAX_SIZE)
    soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
}

static void
started_cb (SoupServer *soup, SoupServerMessage *message, gpointer user_data)
{
  g_signal_connect (message, "got-chunk", G_CALLBACK (got_chunk_cb), NULL);
}

/**
 * air_witness_server_listen:
 * @self: a witness
 * @address: "127.0.0.1:0": 0 for any free port
 * @certificate: (nullable): %NULL: then it is plain HTTP
 * @error: return location
 *
 * Answers in the caller's main context from now on.
 *
 * Returns: (transfer full): the URL it has, or %NULL with %AIR_CLI_ERROR_INPUT or a %G_IO_ERROR
 */
char *
air_witness_server_listen (AirWitnessServer *self, const char *address, GTlsCertificate *certificate, GError **error)
{
  g_autoptr (GSocketConnectable) parsed = g_network_address_parse (address, 0, error);
  g_autoptr (GInetAddress) host = NULL;
  g_autoptr (GSocketAddress) where = NULL;
  GSList *uris;
  char *bound;

  if (parsed == NULL)
    return NULL;
  host = g_inet_address_new_from_string (g_network_address_get_hostname (G_NETWORK_ADDRESS (parsed)));
  if (host == NULL)
    {
      g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT, "%s: not an address and a port", address);
      return NULL;
    }
  where = g_inet_socket_address_new (host, g_network_address_get_port (G_NETWORK_ADDRESS (parsed)));
  self->soup = soup_server_new ("server-header", "airails-witness", NULL);
  soup_server_add_handler (self->soup, NULL, add_checkpoint_cb, self, NULL);
  g_signal_connect (self->soup, "request-started", G_CALLBACK (started_cb), self);
  if (certificate != NULL)
    soup_server_set_tls_certificate (self->soup, certificate);
  if (!soup_server_listen (self->soup, where, certificate != NULL ? SOUP_SERVER_LISTEN_HTTPS : 0, error))
    return NULL;
  uris = soup_server_get_uris (self->soup);
  bound = g_strdup_printf ("%s:%d", g_uri_get_host (uris->data), g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  return bound;
}

void
air_witness_server_free (AirWitnessServer *self)
{
  if (self == NULL)
    return;
  if (self->soup != NULL)
    soup_server_disconnect (self->soup);
  g_clear_object (&self->soup);
  g_ptr_array_unref (self->logs);
  air_private_key_unref (self->key);
  if (self->lock >= 0)
    close (self->lock);
  g_free (self->name);
  g_free (self);
}
