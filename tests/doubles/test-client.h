/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-json.h"
#include "vendor-server.h"

/* A vendor asked directly: "POST /v1/refunds", a body, a token, a key, all but the first nullable. */

typedef struct {
  guint status;
  AirValue *body;
  char *replayed;
  gboolean dropped;
} Reply;

static inline void
reply_clear (Reply *reply)
{
  g_clear_pointer (&reply->body, air_value_unref);
  g_clear_pointer (&reply->replayed, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reply, reply_clear)

static inline void
ask (VendorHandler handler, gpointer vendor, const char *what, const char *body, const char *key, Reply *reply)
{
  g_auto (GStrv) parts = g_strsplit (what, " ", 2);
  g_auto (GStrv) halves = g_strsplit (parts[1], "?", 2);
  g_autofree char *path = g_uri_unescape_string (halves[0], NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (body, body != NULL ? strlen (body) : 0);
  g_autoptr (GHashTable) query = halves[1] != NULL
                                     ? g_uri_parse_params (halves[1], -1, "&", G_URI_PARAMS_NONE, NULL)
                                     : NULL;
  g_autoptr (SoupMessageHeaders) headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  VendorRequest request = { .method = parts[0], .path = path, .query = query, .headers = headers, .body = bytes };
  g_autoptr (VendorAnswer) answer = NULL;

  reply_clear (reply);
  soup_message_headers_append (headers, "Authorization", "Bearer t0ken");
  soup_message_headers_append (headers, "Content-Type",
                               body != NULL && *body == '{' ? "application/json" : "application/x-www-form-urlencoded");
  if (key != NULL)
    soup_message_headers_append (headers, "Idempotency-Key", key);
  answer = handler (&request, vendor);
  reply->status = answer->status;
  reply->body = answer->body != NULL ? air_json_parse (answer->body, strlen (answer->body), NULL) : NULL;
  reply->replayed = g_strdup (soup_message_headers_get_one (answer->headers, "Idempotent-Replayed"));
  reply->dropped = answer->dropped;
}
