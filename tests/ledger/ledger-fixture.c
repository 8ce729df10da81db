/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ledger-fixture.h"

#include <string.h>

#include "base/air-json.h"

const char fixture_example_leaf[] =
    "{\"_sd\":[\"-wZJG4rdt0HcfQpgnj8-AaTiONdwNHpJTNpU7rZG_oQ\",\"nOvtGlIp4nWsWSnQGssPmWnPNIRytnOUlTO9aSa6zNQ\"],"
    "\"_sd_alg\":\"sha-256\",\"instance\":\"01JD9ZK3\","
    "\"prev\":\"0000000000000000000000000000000000000000000000000000000000000000\",\"seq\":3,"
    "\"time\":\"2026-11-22T09:30:00.000Z\",\"type\":\"HUMAN_GATE_DECISIONED\",\"v\":1}";
const char fixture_example_email[] =
    "WyJSLTM0VE50Q0RlcnJORFBjbkZqSTlnIiwiYXBwcm92ZXJfZW1haWwiLCJhbmFAZXhhbXBsZS5jb20iXQ";
const char fixture_example_comment[] =
    "WyJHMmRsRVdKbzhxZWxPUjY2SmZ5RGJnIiwiY29tbWVudCIsIlJlZnVuZCBhcHByb3ZlZDogaW52b2ljZSA0NzExIl0";
const char fixture_example_checkpoint[] =
    "rails.example/tenant-a\n1\nrXS4FDoJrEvWAARje+FyjL+NxB6w6xh5Iz/0liYxBiQ=\n\n"
    "\342\200\224 rails.example/tenant-a "
    "/44AWSKdTugJBzFci86S0Pyb8OUYOFuYSdL2PFyrd9S79TJxlCYkKF7Eq9k9VSRSo2ev5m9pSJAIyti6ZReoNyUBQAU=\n";
const char fixture_example_vkey[] = "rails.example/tenant-a+ff8e0059+AftxvhxfqVayiuqH2Cvv7CbZp13RkKJd+4pckRxJKR7I";

AirPrivateKey *
fixture_key (const char *phrase)
{
  AirDigest seed = air_sha256 (phrase, strlen (phrase));
  g_autoptr (GError) error = NULL;
  AirPrivateKey *key = air_private_key_new_ed25519 (seed.bytes, &error);

  g_assert_no_error (error);
  return key;
}

AirValue *
fixture_json (const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  AirValue *value;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_strdelimit (text, "'", '"');
  value = air_json_parse (text, strlen (text), &error);
  g_assert_no_error (error);
  return value;
}

GBytes *
fixture_bytes (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

static void
fill_fixed (gpointer user_data, guint8 *buffer, gsize length)
{
  const char ***texts = user_data;
  gsize decoded_length;
  g_autofree guint8 *decoded = NULL;

  g_assert_nonnull (**texts);
  decoded = air_base64url_decode (**texts, strlen (**texts), &decoded_length);
  g_assert_cmpuint (decoded_length, ==, length);
  memcpy (buffer, decoded, length);
  (*texts)++;
}

AirRandom
fixture_fixed_random (const char **texts)
{
  static const char **at;

  at = texts;
  return (AirRandom) { fill_fixed, &at };
}

void
fixture_assert_error (GError **error, GQuark domain, int code, const char *words)
{
  g_assert_error (*error, domain, code);
  if (strstr ((*error)->message, words) == NULL)
    g_error ("\"%s\" does not say \"%s\"", (*error)->message, words);
  g_clear_error (error);
}
