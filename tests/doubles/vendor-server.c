/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "vendor"

#include "config.h"

#include "vendor-server.h"

#include <glib-unix.h>
#include <string.h>

#include "base/air-json.h"

G_DEFINE_QUARK (vendor-error-quark, vendor_error)

struct _VendorServer {
  SoupServer *server;
  VendorHandler handler;
  gpointer user_data;
  char *address;
};

typedef struct {
  SoupServerMessage *message;
  VendorAnswer *answer;
} Delayed;

/* Takes @take_body; a body JSON cannot carry is a mistake in the vendor's code. */
VendorAnswer *
vendor_answer_new (guint status, AirValue *take_body)
{
  VendorAnswer *self = g_new0 (VendorAnswer, 1);

  self->status = status;
  self->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  if (take_body != NULL)
    {
      g_autoptr (GError) error = NULL;

      self->body = air_jcs_write (take_body, NULL, &error);
      g_assert_no_error (error);
      air_value_unref (take_body);
    }
  return self;
}

static void
copy_header (const char *name, const char *value, gpointer user_data)
{
  soup_message_headers_append (user_data, name, value);
}

VendorAnswer *
vendor_answer_copy (const VendorAnswer *self)
{
  VendorAnswer *copy = vendor_answer_new (self->status, NULL);

  soup_message_headers_foreach (self->headers, copy_header, copy->headers);
  copy->body = g_strdup (self->body);
  copy->dropped = self->dropped;
  copy->delay_ms = self->delay_ms;
  return copy;
}

void
vendor_answer_free (VendorAnswer *self)
{
  soup_message_headers_unref (self->headers);
  g_free (self->body);
  g_free (self);
}

gboolean
vendor_request_has_token (const VendorRequest *request, const char *token)
{
  const char *given = soup_message_headers_get_one (request->headers, "Authorization");

  if (token == NULL)
    return TRUE;
  return given != NULL && g_str_has_prefix (given, "Bearer ") && g_str_equal (given + strlen ("Bearer "), token);
}

static void
send_answer (SoupServerMessage *message, const VendorAnswer *answer)
{
  if (answer->dropped)
    {
      /* What a client sees when the vendor acted and the line then broke: end of stream, no status line. */
      GSocket *socket = soup_server_message_get_socket (message);

      soup_server_message_set_status (message, SOUP_STATUS_INTERNAL_SERVER_ERROR, NULL);
      if (socket != NULL)
        g_socket_shutdown (socket, TRUE, TRUE, NULL);
      return;
    }

  soup_server_message_set_status (message, answer->status, NULL);
  soup_message_headers_foreach (answer->headers, copy_header, soup_server_message_get_response_headers (message));
  if (answer->body != NULL)
    {
      const char *type = soup_message_headers_get_one (answer->headers, "Content-Type");

      soup_message_headers_remove (soup_server_message_get_response_headers (message), "Content-Type");
      soup_server_message_set_response (message, type != NULL ? type : "application/json", SOUP_MEMORY_COPY,
                                        answer->body, strlen (answer->body));
    }
}

static gboolean
delayed_cb (gpointer user_data)
{
  Delayed *delayed = user_data;

  send_answer (delayed->message, delayed->answer);
  soup_server_message_unpause (delayed->message);
  return G_SOURCE_REMOVE;
}

static void
delayed_free (gpointer data)
{
  Delayed *delayed = data;

  g_object_unref (delayed->message);
  vendor_answer_free (delayed->answer);
  g_free (delayed);
}

static void
request_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  VendorServer *self = user_data;
  g_autoptr (GBytes) body = soup_message_body_flatten (soup_server_message_get_request_body (message));
  VendorRequest request = {
    .method = soup_server_message_get_method (message),
    .path = path,
    .query = query,
    .headers = soup_server_message_get_request_headers (message),
    .body = body,
  };
  g_autoptr (VendorAnswer) answer = self->handler (&request, self->user_data);

  if (answer->delay_ms > 0)
    {
      Delayed *delayed = g_new0 (Delayed, 1);
      guint delay_ms = answer->delay_ms;

      delayed->message = g_object_ref (message);
      delayed->answer = g_steal_pointer (&answer);
      soup_server_message_pause (message);
      g_timeout_add_full (G_PRIORITY_DEFAULT, delay_ms, delayed_cb, delayed, delayed_free);
      return;
    }
  send_answer (message, answer);
}

/* @user_data stays the caller's. */
VendorServer *
vendor_server_new (VendorHandler handler, gpointer user_data)
{
  VendorServer *self = g_new0 (VendorServer, 1);

  self->server = soup_server_new ("server-header", "stand-in ", NULL);
  self->handler = handler;
  self->user_data = user_data;
  soup_server_add_handler (self->server, NULL, request_cb, self, NULL);
  return self;
}

void
vendor_server_free (VendorServer *self)
{
  soup_server_disconnect (self->server);
  g_object_unref (self->server);
  g_free (self->address);
  g_free (self);
}

/* Listens on a free port of 127.0.0.1. Fails with VENDOR_ERROR_LISTEN. */
gboolean
vendor_server_listen (VendorServer *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  GSList *uris;

  if (!soup_server_listen_local (self->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &local))
    {
      g_set_error (error, VENDOR_ERROR, VENDOR_ERROR_LISTEN, "cannot listen on 127.0.0.1: %s", local->message);
      return FALSE;
    }
  uris = soup_server_get_uris (self->server);
  g_assert (uris != NULL);
  self->address = g_strdup_printf ("127.0.0.1:%d", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  return TRUE;
}

const char *
vendor_server_get_address (VendorServer *self)
{
  return self->address;
}

static gboolean
quit_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_CONTINUE;
}

gboolean
vendor_server_run (VendorServer *self, const char *address_file, GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  guint term, interrupt;

  if (!vendor_server_listen (self, error))
    return FALSE;
  /* g_file_set_contents renames into place: whoever sees the file reads all of it. */
  if (address_file != NULL && !g_file_set_contents (address_file, self->address, -1, error))
    return FALSE;

  term = g_unix_signal_add (SIGTERM, quit_cb, loop);
  interrupt = g_unix_signal_add (SIGINT, quit_cb, loop);
  g_main_loop_run (loop);
  g_source_remove (term);
  g_source_remove (interrupt);
  return TRUE;
}
