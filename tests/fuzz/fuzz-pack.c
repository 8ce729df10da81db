/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "components/air-pack-replay.h"
#include "fuzz.h"

static const char *const texts[][2] = {
  { "pack.json",
    "{\"$schema\":\"airails:pack/1\",\"id\":\"p\",\"version\":\"1.0.0\",\"title\":\"P\",\"connectors\":[\"v\"],"
    "\"operations\":[\"v.do\"]}" },
  { "connectors/v.json",
    "{\"$schema\":\"airails:connector/1\",\"id\":\"v\",\"version\":\"1.0.0\",\"title\":\"V\","
    "\"base_url\":\"https://v.example\",\"auth\":{\"kind\":\"bearer\",\"token\":\"${secret.token}\"},"
    "\"egress\":[\"v.example:443\"],\"scopes\":[\"a\"]}" },
  { "ops/v.do.json",
    "{\"$schema\":\"airails:op/1\",\"id\":\"v.do\",\"version\":\"1.0.0\",\"category\":\"tool\",\"title\":\"Do\","
    "\"connector\":\"v\",\"input\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}},\"output\":{"
    "\"type\":"
    "\"object\",\"properties\":{\"id\":{\"type\":\"string\"}}},\"policy\":{\"risk\":\"low\",\"effect\":\"read\","
    "\"data\":{"
    "\"sends_to\":\"v.example\"},\"reversibility\":\"reversible\"},\"request\":{\"method\":\"GET\",\"path\":"
    "\"/v1/${input.a}\"},\"response\":{\"ok\":\"status == "
    "200\",\"output\":{\"id\":\"${body.id}\"},\"errors\":[{\"when\":"
    "\"true\",\"class\":\"fatal\"}]},\"evidence\":{\"bind\":[\"run.idem\"]},\"idempotency\":{\"kind\":\"natural\"},"
    "\"egress\":[\"v.example:443\"],\"scopes\":[\"a\"],\"fixtures\":[\"ok\"]}" },
  { "fixtures/v.do.json",
    "{\"$schema\":\"airails:fixtures/1\",\"operation\":\"v.do\",\"cases\":[{\"id\":\"ok\",\"title\":\"Ok\",\"input\":{"
    "\"a\":\"b\"},\"run\":{\"id\":\"r\",\"step\":\"s\",\"idem\":\"k\"},\"exchanges\":[{\"purpose\":\"execute\","
    "\"request\":{\"method\":\"GET\",\"path\":\"/v1/b\"},\"response\":{\"status\":200,\"json\":{\"id\":\"x\"}}}],"
    "\"expect\":{\"class\":\"ok\",\"output\":{\"id\":\"x\"}}}]}" },
};

/* The first line is a path, the rest that file of a small pack: refused with words, or its fixtures are replayed. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const guint8 *newline = size > 0 ? memchr (data, '\n', size) : NULL;
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func ((GDestroyNotify) air_pack_file_free);
  g_autoptr (GBytes) given = NULL;
  g_autoptr (AirPack) pack = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  gboolean replayed;
  guint n;

  if (newline == NULL)
    return 0;
  path = g_strndup ((const char *) data, (gsize) (newline - data));
  if (!g_utf8_validate (path, -1, NULL))
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (!g_str_equal (path, texts[i][0]))
      {
        g_autoptr (GBytes) bytes = g_bytes_new_static (texts[i][1], strlen (texts[i][1]));

        g_ptr_array_add (files, air_pack_file_new (texts[i][0], bytes));
      }
  given = g_bytes_new (newline + 1, size - (gsize) (newline + 1 - data));
  g_ptr_array_add (files, air_pack_file_new (path, given));
  pack = air_pack_load (files, "p", &error);
  g_assert_true ((pack == NULL) == (error != NULL));
  if (pack == NULL)
    {
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  replayed = air_pack_replay (pack, NULL, NULL, &n, &error);
  g_assert_true (replayed == (error == NULL));
  return 0;
}
