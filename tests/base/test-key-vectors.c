/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-hash.h"
#include "base/air-json.h"
#include "base/air-key.h"

/*
 * Other people's vectors of signatures, from $AIRAILS_KEY_VECTORS or ../shared/vectors/keys: the JSON files there, of
 * C2SP CCTV (ed25519vectors.json: points at the edges) and of Wycheproof (ed25519_test.json,
 * ecdsa_secp256r1_sha256_test.json, ecdsa_secp384r1_sha384_test.json). Skipped when there are none.
 */

typedef struct {
  guint passed, accepted, left_out;
} Tally;

static guint8 *
bytes_at (const AirValue *map, const char *key, gsize *ret_length)
{
  const char *text = air_map_get_string (map, key);
  guint8 *bytes = text != NULL ? air_hex_decode (text, ret_length) : NULL;

  g_assert_true (text != NULL && (bytes != NULL || *text == '\0'));
  if (bytes == NULL)
    *ret_length = 0;
  return bytes;
}

static gboolean
has_flag (const AirValue *test, const char *flag)
{
  const AirValue *flags = air_map_get_list (test, "flags");

  for (gsize i = 0; flags != NULL && i < air_list_get_size (flags); i++)
    if (g_str_equal (air_value_get_string (air_list_get (flags, i), NULL), flag))
      return TRUE;
  return FALSE;
}

/* RFC 8032 refuses what is not canonical; we refuse keys of small order too, and use the formula without the cofactor:
 * as strict as any library is. */
static void
check_edge (const AirValue *test, Tally *tally)
{
  gsize key_length, length;
  g_autofree guint8 *key = bytes_at (test, "key", &key_length), *signature = bytes_at (test, "sig", &length);
  const char *message = air_map_get_string (test, "msg");
  gboolean expected = !has_flag (test, "low_order_A") && !has_flag (test, "non_canonical_A")
                      && !has_flag (test, "non_canonical_R") && !has_flag (test, "low_order_residue");
  g_autoptr (AirPublicKey) public_key = NULL;
  gboolean good;

  g_assert_cmpuint (key_length, ==, 32);
  public_key = air_public_key_new_ed25519 (key, NULL);
  good = public_key != NULL && air_public_key_verify (public_key, message, strlen (message), signature, length, NULL);
  if (good != expected)
    g_error ("edge %" G_GINT64_FORMAT ": %s", air_map_get_int (test, "number", -1), good ? "accepted" : "refused");
  tally->passed++;
  tally->accepted += good;
}

static void
check_group (const char *file, const AirValue *group, Tally *tally)
{
  const char *pem = air_map_get_string (group, "publicKeyPem");
  const AirValue *tests = air_map_get_list (group, "tests");
  g_autoptr (AirPublicKey) key = pem != NULL ? air_public_key_from_pem (pem, NULL) : NULL;

  for (gsize i = 0; tests != NULL && i < air_list_get_size (tests); i++)
    {
      const AirValue *test = air_list_get (tests, i);
      const char *result = air_map_get_string (test, "result");
      gsize message_length, length;
      g_autofree guint8 *message = bytes_at (test, "msg", &message_length);
      g_autofree guint8 *signature = bytes_at (test, "sig", &length);
      gboolean good = key != NULL
                      && air_public_key_verify (key, message != NULL ? message : (const guint8 *) "", message_length,
                                                signature != NULL ? signature : (const guint8 *) "", length, NULL);

      if (g_strcmp0 (result, "acceptable") == 0)
        {
          tally->left_out++;
          g_test_message ("left out: %s %" G_GINT64_FORMAT ": a library may do either", file,
                          air_map_get_int (test, "tcId", 0));
          continue;
        }
      if (good != (g_strcmp0 (result, "valid") == 0))
        g_error ("%s: case %" G_GINT64_FORMAT " (%s): %s", file, air_map_get_int (test, "tcId", 0),
                 air_map_get_string (test, "comment"), good ? "accepted" : "refused");
      tally->passed++;
      tally->accepted += good;
    }
}

static void
test_vectors (void)
{
  const char *source = g_getenv ("AIRAILS_SOURCE") != NULL ? g_getenv ("AIRAILS_SOURCE") : ".";
  g_autofree char *beside = g_build_filename (source, "..", "shared", "vectors", "keys", NULL);
  const char *folder = g_getenv ("AIRAILS_KEY_VECTORS") != NULL ? g_getenv ("AIRAILS_KEY_VECTORS") : beside;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (AirValue) root = g_str_has_suffix (name, ".json") ? air_json_load_file (path, &error) : NULL;
      const AirValue *groups = root != NULL ? air_map_get_list (root, "testGroups") : NULL;
      Tally tally = { 0 };

      g_assert_no_error (error);
      for (gsize i = 0; groups != NULL && i < air_list_get_size (groups); i++)
        check_group (name, air_list_get (groups, i), &tally);
      for (gsize i = 0; root != NULL && air_value_get_kind (root) == AIR_VALUE_LIST && i < air_list_get_size (root);
           i++)
        check_edge (air_list_get (root, i), &tally);
      if (root != NULL)
        g_test_message ("%s: %u as they should be, %u of them accepted; %u left out", name, tally.passed,
                        tally.accepted, tally.left_out);
      n += tally.passed;
    }
  if (n == 0)
    g_test_skip ("no vectors of signatures are there; AIRAILS_KEY_VECTORS may name their folder");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/base/key-vectors", test_vectors);
  return g_test_run ();
}
