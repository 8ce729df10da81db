/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "components/air-operation.h"
#include "fuzz.h"
#include "model/air-pack.h"

static const char pack_text[] =
    "{\"$schema\":\"airails:pack/1\",\"id\":\"p\",\"version\":\"1.0.0\",\"title\":\"P\",\"connectors\":[\"v\"],"
    "\"operations\":[\"v.do\"]}";
static const char connector_text[] =
    "{\"$schema\":\"airails:connector/1\",\"id\":\"v\",\"version\":\"1.0.0\",\"title\":\"V\",\"base_url\":\"https://"
    "v.example\","
    "\"auth\":{\"kind\":\"none\"},\"egress\":[\"v.example:443\"],\"scopes\":[\"a\"]}";
static const char fixtures_text[] =
    "{\"$schema\":\"airails:fixtures/"
    "1\",\"operation\":\"v.do\",\"cases\":[{\"id\":\"ok\",\"title\":\"Ok\",\"input\":{},"
    "\"run\":{\"id\":\"r\",\"step\":\"s\",\"idem\":\"k\"},\"exchanges\":[{\"purpose\":\"execute\",\"request\":{"
    "\"method\":\"GET\","
    "\"path\":\"/\"},\"failure\":\"timeout\"}],\"expect\":{\"class\":\"unknown\"}}]}";

static void
add (GPtrArray *files, const char *path, const void *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);

  g_ptr_array_add (files, air_pack_file_new (path, bytes));
}

/* Whatever an operation's file holds: a pack with it is refused with words, or runs. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func ((GDestroyNotify) air_pack_file_free);
  g_autoptr (AirPack) pack = NULL;
  g_autoptr (AirConnector) connector = NULL;
  g_autoptr (AirOperation) operation = NULL;
  g_autoptr (GError) error = NULL;

  add (files, "pack.json", pack_text, sizeof pack_text - 1);
  add (files, "connectors/v.json", connector_text, sizeof connector_text - 1);
  add (files, "fixtures/v.do.json", fixtures_text, sizeof fixtures_text - 1);
  add (files, "ops/v.do.json", data, size);
  pack = air_pack_load (files, "p", &error);
  if (pack == NULL)
    {
      g_assert_nonnull (error);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  connector = air_connector_new (air_document_get_value (air_pack_get_connector (pack, "v")), NULL, NULL, NULL);
  g_assert_nonnull (connector);
  operation = air_operation_new (air_document_get_value (air_pack_get_operation (pack, "v.do")), connector, &error);
  g_assert_true ((operation == NULL) == (error != NULL));
  return 0;
}
