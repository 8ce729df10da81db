/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "artifact/air-oci-client.h"
#include "artifact/air-oci-http.h"
#include "artifact/air-registry.h"
#include "fuzz.h"

/* A test double of air-oci-http.c: a registry that gives whatever the input says next, on whatever is asked.
 * An answer is a line "STATUS [NAME: VALUE]", a line with the number of bytes, and they. */

struct _AirOciHttp {
  int dummy;
};

static struct {
  const guint8 *data;
  gsize left;
} input;

static char *
take_line (void)
{
  const guint8 *newline = input.left > 0 ? memchr (input.data, '\n', input.left) : NULL;
  gsize length = newline != NULL ? (gsize) (newline - input.data) : input.left;
  char *line = g_strndup ((const char *) input.data, MIN (length, 4096));

  length = MIN (input.left, length + 1);
  input.data += length;
  input.left -= length;
  return line;
}

/* The blobs it really has: an input need not guess what has a given digest. */
static GBytes *
find_blob (const char *url)
{
  static const char *const blobs[] = { "{}", "{\"version\":\"1.0.0\",\"workflow\":\"refunds\"}" };

  for (guint i = 0; i < G_N_ELEMENTS (blobs); i++)
    {
      g_autoptr (GBytes) blob = g_bytes_new_static (blobs[i], strlen (blobs[i]));
      g_autofree char *digest = air_oci_digest (blob);

      if (strstr (url, "/blobs/") != NULL && g_str_has_suffix (url, digest))
        return g_steal_pointer (&blob);
    }
  return NULL;
}

AirOciHttp *
air_oci_http_new (const char *authority, const AirRegistryOptions *options, GError **error)
{
  return g_new0 (AirOciHttp, 1);
}

const char *
air_oci_http_get_base (AirOciHttp *self)
{
  return "https://r.example";
}

AirOciAnswer *
air_oci_http_send (AirOciHttp *self, const AirOciRequest *request, GError **error)
{
  AirOciAnswer *answer;
  g_autofree char *first = NULL, *second = NULL;
  char *colon, *space;
  gsize length;

  answer = g_new0 (AirOciAnswer, 1);
  answer->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  answer->status = 200;
  answer->body = find_blob (request->url);
  if (answer->body != NULL)
    return answer;
  if (input.left == 0)
    {
      soup_message_headers_unref (answer->headers);
      g_free (answer);
      g_set_error_literal (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_REGISTRY, "the registry is gone");
      return NULL;
    }
  first = take_line ();
  second = take_line ();
  answer->status = (guint) g_ascii_strtoull (first, NULL, 10) % 600;
  space = strchr (first, ' ');
  colon = space != NULL ? strstr (space, ": ") : NULL;
  if (colon != NULL && colon > space + 1)
    {
      *colon = '\0';
      if (strpbrk (space + 1, " \t\r\n:") == NULL && strpbrk (colon + 2, "\r\n") == NULL)
        soup_message_headers_append (answer->headers, space + 1, colon + 2);
    }
  length = MIN ((gsize) g_ascii_strtoull (second, NULL, 10), MIN (input.left, request->max_size));
  answer->body = g_bytes_new (input.data, length);
  input.data += length;
  input.left -= length;
  return answer;
}

void
air_oci_answer_free (AirOciAnswer *self)
{
  soup_message_headers_unref (self->headers);
  g_bytes_unref (self->body);
  g_free (self);
}

void
air_oci_http_free (AirOciHttp *self)
{
  g_free (self);
}

/* What a registry answers is read or refused; bytes that come are those that were asked for. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (AirRegistry) registry = NULL;
  g_autoptr (AirArtifact) artifact = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = NULL;

  input.data = data;
  input.left = size;
  registry = air_registry_open ("oci://r.example", NULL, &error);
  g_assert_no_error (error);
  artifact = air_registry_fetch (registry, "refunds", "1.0.0", &error);
  g_assert_true ((artifact == NULL) == (error != NULL));
  if (artifact != NULL)
    {
      g_autofree char *digest = air_oci_digest (artifact->manifest);

      g_assert_cmpstr (digest, ==, artifact->digest);
    }
  g_clear_error (&error);
  names = air_registry_list (registry, "refunds", &error);
  g_assert_true ((names == NULL) == (error != NULL));
  return 0;
}
