/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include <string.h>

#include "base/air-hash.h"

/* FIPS 180-2, appendix B. */
static void
test_sha256 (void)
{
  g_autofree char *abc = NULL, *empty = NULL;
  AirDigest digest = air_sha256 ("abc", 3);

  abc = air_digest_to_hex (&digest);
  g_assert_cmpstr (abc, ==, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  digest = air_sha256 (NULL, 0);
  empty = air_digest_to_hex (&digest);
  g_assert_cmpstr (empty, ==, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void
test_parts (void)
{
  g_autofree char *data = g_strnfill (10000, 'x');

  for (gsize length = 0; length <= 10000; length += 1250)
    {
      AirDigest whole = air_sha256 (data, length);
      AirDigest parts = air_sha256_parts (data, length / 3, NULL, 0, data, length - length / 3);

      g_assert_true (air_digest_equal (&whole, &parts));
    }
}

static void
test_digest_hex (void)
{
  AirDigest digest = air_sha256 ("abc", 3), before = digest, back;
  g_autofree char *hex = air_digest_to_hex (&digest);

  g_assert_true (air_digest_from_hex (hex, &back));
  g_assert_true (air_digest_equal (&digest, &back));
  g_assert_false (air_digest_from_hex ("ab", &digest));
  hex[0] = 'B';
  g_assert_false (air_digest_from_hex (hex, &digest));
  hex[0] = 'g';
  g_assert_false (air_digest_from_hex (hex, &digest));
  g_assert_true (air_digest_equal (&digest, &before));
}

static void
test_base64url_round_trip (void)
{
  guint8 data[64];

  for (guint i = 0; i < sizeof data; i++)
    data[i] = i * 37 + 11;
  for (gsize length = 0; length <= sizeof data; length++)
    {
      g_autofree char *text = air_base64url_encode (data, length);
      g_autofree char *plain = g_base64_encode (data, length);
      g_autofree guint8 *back = NULL, *plain_back = NULL;
      gsize n;

      back = air_base64url_decode (text, strlen (text), &n);
      g_assert_cmpmem (back, n, data, length);
      plain_back = air_base64_decode (plain, strlen (plain), &n);
      g_assert_cmpmem (plain_back, n, data, length);
      g_strdelimit (plain, "+", '-');
      g_strdelimit (plain, "/", '_');
      plain[strcspn (plain, "=")] = '\0';
      g_assert_cmpstr (text, ==, plain);
    }
}

static void
test_strict_decoders (void)
{
  static const char *const bad_url[] = { "A", "AA==", "AB", "AAB", "A+", "A/", "A A", "AAAAA", "AA\n" };
  static const char *const bad_plain[] = { "AA", "AA=", "A===", "AB==", "AAB=", "A-==", "====", "AA==AAAA", "AAA=\n" };
  static const char *const bad_hex[] = { "a", "0g", "0A", " 0" };
  gsize n = 12345;

  for (guint i = 0; i < G_N_ELEMENTS (bad_url); i++)
    g_assert_null (air_base64url_decode (bad_url[i], strlen (bad_url[i]), &n));
  for (guint i = 0; i < G_N_ELEMENTS (bad_plain); i++)
    g_assert_null (air_base64_decode (bad_plain[i], strlen (bad_plain[i]), &n));
  for (guint i = 0; i < G_N_ELEMENTS (bad_hex); i++)
    g_assert_null (air_hex_decode (bad_hex[i], &n));
  g_assert_cmpuint (n, ==, 12345);
}

/* RFC 4648, section 10, lower case and unpadded. */
static void
test_base32 (void)
{
  static const char *const pairs[][2] = {
    { "", "" },
    { "f", "my" },
    { "fo", "mzxq" },
    { "foo", "mzxw6" },
    { "foob", "mzxw6yq" },
    { "fooba", "mzxw6ytb" },
    { "foobar", "mzxw6ytboi" },
  };
  static const char *const bad[] = { "m", "mzx", "mzxw6y", "mz", "MY", "my======", "m1", "mzxq\n" };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autofree char *text = air_base32_encode (pairs[i][0], strlen (pairs[i][0]));

      g_autofree guint8 *back = NULL;
      gsize n;

      g_assert_cmpstr (text, ==, pairs[i][1]);
      back = air_base32_decode (text, &n);
      g_assert_cmpmem (back, n, pairs[i][0], strlen (pairs[i][0]));
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      gsize n;

      g_assert_null (air_base32_decode (bad[i], &n));
    }
}

/* FIPS 180-4's examples. */
static void
test_longer_hashes (void)
{
  guint8 digest[64];
  g_autofree char *sha384 = NULL, *sha512 = NULL;

  air_sha384 ("abc", 3, digest);
  sha384 = air_hex_encode (digest, 48);
  g_assert_cmpstr (sha384, ==,
                   "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
  air_sha512 ("abc", 3, digest);
  sha512 = air_hex_encode (digest, 64);
  g_assert_cmpstr (sha512, ==,
                   "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                   "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/base/hash/sha256", test_sha256);
  g_test_add_func ("/base/hash/parts", test_parts);
  g_test_add_func ("/base/hash/digest-hex", test_digest_hex);
  g_test_add_func ("/base/encoding/base64url-round-trip", test_base64url_round_trip);
  g_test_add_func ("/base/encoding/strict-decoders", test_strict_decoders);
  g_test_add_func ("/base/encoding/base32", test_base32);
  g_test_add_func ("/base/hash/longer", test_longer_hashes);

  return g_test_run ();
}
