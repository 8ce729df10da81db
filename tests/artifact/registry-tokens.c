/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <libsoup/soup.h>
#include <string.h>

#include "base/air-hash.h"
#include "base/air-json.h"
#include "base/air-key.h"
#include "base/air-x509.h"
#include "registry-tokens.h"

/* In a thread of its own: who asks waits for the answer. */
struct _Tokens {
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  SoupServer *server;
  AirPrivateKey *key;
  char *x5c; /* base64 of the certificate */
  char *expected;
  char *realm;
  gint count;
};

/* ASN.1 DER → r ‖ s (RFC 7518, 3.4). */
static void
raw_signature (const guint8 *der, guint8 raw[64])
{
  const guint8 *p = der + 2;

  memset (raw, 0, 64);
  for (guint i = 0; i < 2; i++)
    {
      guint length = p[1], skip = length > 32 ? length - 32 : 0;

      memcpy (raw + 32 * i + (32 - (length - skip)), p + 2 + skip, length - skip);
      p += 2 + length;
    }
}

static char *
base64url (const void *data, gsize length)
{
  return air_base64url_encode (data, length);
}

static char *
make_token (Tokens *self, const char *service, const char *scope)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_auto (GStrv) parts = g_strsplit (scope != NULL ? scope : "::", ":", 3);
  g_autofree char *actions =
      scope != NULL && g_strv_length (parts) == 3
          ? g_strdup_printf ("{\"type\":\"%s\",\"name\":\"%s\",\"actions\":[\"pull\",\"push\"]}", parts[0], parts[1])
          : g_strdup ("");
  g_autofree char *head_text = g_strdup_printf ("{\"typ\":\"JWT\",\"alg\":\"ES256\",\"x5c\":[\"%s\"]}", self->x5c);
  g_autofree char *claims_text =
      g_strdup_printf ("{\"iss\":\"tokens\",\"sub\":\"dora\",\"aud\":\"%s\",\"exp\":%" G_GINT64_FORMAT
                       ",\"nbf\":%" G_GINT64_FORMAT ",\"iat\":%" G_GINT64_FORMAT ",\"jti\":\"1\",\"access\":[%s]}",
                       service, now + 300, now - 10, now - 10, actions);
  g_autofree char *head = base64url (head_text, strlen (head_text));
  g_autofree char *claims = base64url (claims_text, strlen (claims_text));
  g_autofree char *signed_text = g_strconcat (head, ".", claims, NULL), *signature = NULL;
  g_autoptr (GBytes) der = air_private_key_sign (self->key, signed_text, strlen (signed_text), NULL);
  guint8 raw[64];

  raw_signature (g_bytes_get_data (der, NULL), raw);
  signature = base64url (raw, sizeof raw);
  return g_strconcat (signed_text, ".", signature, NULL);
}

static void
token_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  Tokens *self = user_data;
  const char *authorization =
      soup_message_headers_get_one (soup_server_message_get_request_headers (message), "Authorization");
  const char *service = query != NULL ? g_hash_table_lookup (query, "service") : NULL;
  g_autofree char *token = NULL, *text = NULL;

  if (g_strcmp0 (authorization, self->expected) != 0 || service == NULL)
    {
      soup_server_message_set_status (message, 401, NULL);
      return;
    }
  g_atomic_int_inc (&self->count);
  token = make_token (self, service, g_hash_table_lookup (query, "scope"));
  text = g_strdup_printf ("{\"token\":\"%s\",\"expires_in\":300}", token);
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, text, strlen (text));
}

static gpointer
thread_main (gpointer data)
{
  Tokens *self = data;
  g_autoptr (GError) error = NULL;
  GSList *uris;

  g_main_context_push_thread_default (self->context);
  self->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (self->server, NULL, token_cb, self, NULL);
  soup_server_listen_local (self->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (self->server);
  g_atomic_pointer_set (&self->realm, g_strdup_printf ("http://127.0.0.1:%d/token", g_uri_get_port (uris->data)));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  g_main_loop_run (self->loop);
  soup_server_disconnect (self->server);
  g_clear_object (&self->server);
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

Tokens *
tokens_new (const char *roots, const char *user, const char *password)
{
  Tokens *self = g_new0 (Tokens, 1);
  g_autofree char *pair = g_strconcat (user, ":", password, NULL);
  g_autofree char *encoded = g_base64_encode ((const guchar *) pair, strlen (pair));
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autoptr (AirPrivateKey) ca_key = air_private_key_generate (AIR_KEY_ECDSA_P256, NULL);
  g_autofree char *ca = air_x509_issue_ca (ca_key, "Tokens", now - 60, now + 3600, NULL), *leaf = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GString) base64 = g_string_new (NULL);

  self->expected = g_strconcat ("Basic ", encoded, NULL);
  self->key = air_private_key_generate (AIR_KEY_ECDSA_P256, NULL);
  leaf = air_x509_issue_leaf (ca_key, ca, air_private_key_get_public (self->key), "tokens", "airails://example/tokens",
                              NULL, now - 60, now + 3600, NULL);
  lines = g_strsplit (leaf, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (!g_str_has_prefix (lines[i], "-----"))
      g_string_append (base64, lines[i]);
  self->x5c = g_strdup (base64->str);
  g_assert_true (g_file_set_contents (roots, ca, -1, NULL));
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->thread = g_thread_new ("tokens", thread_main, self);
  while (g_atomic_pointer_get (&self->realm) == NULL)
    g_usleep (1000);
  return self;
}

const char *
tokens_get_realm (Tokens *self)
{
  return self->realm;
}

guint
tokens_get_count (Tokens *self)
{
  return g_atomic_int_get (&self->count);
}

void
tokens_free (Tokens *self)
{
  g_main_loop_quit (self->loop);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  air_private_key_unref (self->key);
  g_free (self->x5c);
  g_free (self->expected);
  g_free (self->realm);
  g_free (self);
}
