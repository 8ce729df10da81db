/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include <string.h>

#include "base/air-hash.h"
#include "base/air-key.h"

static char *directory;

/* Runs other people's tool in the test's directory; its output, or NULL when it fails. */
static char *
run (const char *command)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *out = NULL;
  g_auto (GStrv) argv = NULL;
  int status;

  g_assert_true (g_shell_parse_argv (command, NULL, &argv, &error));
  g_spawn_sync (directory, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &out, NULL,
                &status, &error);
  g_assert_no_error (error);
  return g_spawn_check_wait_status (status, NULL) ? g_steal_pointer (&out) : NULL;
}

static void
write_file (const char *name, const void *data, gsize length)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);

  g_assert_true (g_file_set_contents (path, data, length, NULL));
}

static char *
read_file (const char *name, gsize *ret_length)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  char *data = NULL;

  g_assert_true (g_file_get_contents (path, &data, ret_length, NULL));
  return data;
}

/* A key of openssl's: we read it, name it, sign with it; openssl checks; the other way round too. */
static void
round_trip (const char *make, AirKeyType type, const char *sign, const char *verify)
{
  g_autofree char *made = run (make), *pem = NULL, *public_pem = NULL, *der = NULL, *out = NULL, *theirs = NULL,
                  *ours = NULL;
  g_autofree char *checked = NULL, *signed_out = NULL;
  g_autoptr (AirPrivateKey) key = NULL;
  g_autoptr (AirPublicKey) public_key = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) signature = NULL, again = NULL;
  gsize length, der_length;
  AirDigest digest;

  g_assert_nonnull (made);
  pem = read_file ("key.pem", &length);
  key = air_private_key_from_pem (pem, &error);
  g_assert_no_error (error);
  ours = air_private_key_to_pem (key);
  g_assert_cmpstr (ours, ==, pem);

  out = run ("openssl pkey -in key.pem -pubout -out public.pem");
  public_pem = read_file ("public.pem", &length);
  public_key = air_public_key_from_pem (public_pem, &error);
  g_assert_no_error (error);
  g_assert_cmpint (air_public_key_get_key_type (public_key), ==, type);
  g_assert_cmpstr (air_public_key_get_id (public_key), ==, air_public_key_get_id (air_private_key_get_public (key)));
  g_free (out);
  out = air_public_key_to_pem (public_key);
  g_assert_cmpstr (out, ==, public_pem);

  g_free (out);
  out = run ("openssl pkey -pubin -in public.pem -outform DER -out public.der");
  der = read_file ("public.der", &der_length);
  digest = air_sha256 (der, der_length);
  g_free (out);
  out = air_digest_to_hex (&digest);
  g_assert_cmpstr (air_public_key_get_id (public_key), ==, out);
  g_assert_cmpmem (der, der_length, g_bytes_get_data (air_public_key_get_spki (public_key), NULL),
                   g_bytes_get_size (air_public_key_get_spki (public_key)));

  write_file ("message", "hello", 5);
  signature = air_private_key_sign (key, "hello", 5, &error);
  g_assert_no_error (error);
  again = air_private_key_sign (key, "hello", 5, &error);
  g_assert_true (g_bytes_equal (signature, again));
  write_file ("signature", g_bytes_get_data (signature, NULL), g_bytes_get_size (signature));
  checked = run (verify);
  g_assert_nonnull (checked);
  write_file ("message", "hellO", 5);
  g_assert_null (run (verify));

  write_file ("message", "hello", 5);
  signed_out = run (sign);
  g_assert_nonnull (signed_out);
  theirs = read_file ("signature", &length);
  g_assert_true (air_public_key_verify (public_key, "hello", 5, theirs, length, &error));
  g_assert_no_error (error);
  g_assert_false (air_public_key_verify (public_key, "hellO", 5, theirs, length, &error));
  g_assert_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_SIGNATURE);
  for (gsize i = 0; i < length; i++)
    {
      theirs[i] ^= 1;
      g_assert_false (air_public_key_verify (public_key, "hello", 5, theirs, length, NULL));
      theirs[i] ^= 1;
    }
  g_assert_false (air_public_key_verify (public_key, "hello", 5, theirs, length - 1, NULL));
  g_assert_false (air_public_key_verify (public_key, "hello", 5, "", 0, NULL));
}

static void
test_ed25519_with_openssl (void)
{
  round_trip ("openssl genpkey -algorithm ed25519 -out key.pem", AIR_KEY_ED25519,
              "openssl pkeyutl -sign -inkey key.pem -rawin -in message -out signature",
              "openssl pkeyutl -verify -pubin -inkey public.pem -rawin -in message -sigfile signature");
}

static void
test_p256_with_openssl (void)
{
  round_trip ("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem", AIR_KEY_ECDSA_P256,
              "openssl dgst -sha256 -sign key.pem -out signature message",
              "openssl dgst -sha256 -verify public.pem -signature signature message");
}

static void
test_p384_with_openssl (void)
{
  round_trip ("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out key.pem", AIR_KEY_ECDSA_P384,
              "openssl dgst -sha384 -sign key.pem -out signature message",
              "openssl dgst -sha384 -verify public.pem -signature signature message");
}

/* RFC 8032, section 7.1, test 2. */
static void
test_rfc8032 (void)
{
  gsize n;
  g_autofree guint8 *seed = air_hex_decode ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", &n);
  g_autofree guint8 *raw = air_hex_decode ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", &n);
  g_autofree guint8 *expected = air_hex_decode ("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                                                "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
                                                &n);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirPrivateKey) key = air_private_key_new_ed25519 (seed, &error);
  g_autoptr (AirPublicKey) public_key = air_public_key_new_ed25519 (raw, &error);
  g_autoptr (GBytes) signature = NULL;

  g_assert_no_error (error);
  g_assert_cmpmem (air_public_key_get_ed25519 (air_private_key_get_public (key)), 32, raw, 32);
  g_assert_cmpmem (air_public_key_get_ed25519 (public_key), 32, raw, 32);
  signature = air_private_key_sign (key, "\x72", 1, &error);
  g_assert_cmpmem (g_bytes_get_data (signature, NULL), g_bytes_get_size (signature), expected, n);
  g_assert_true (air_public_key_verify (public_key, "\x72", 1, expected, n, NULL));
}

/* S + L is the same scalar: a lax verifier takes both signatures for one message. */
static void
test_ed25519_refuses_large_s (void)
{
  static const guint8 order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,       0xd6,
                                    0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10 };
  g_autoptr (AirPrivateKey) key = air_private_key_generate (AIR_KEY_ED25519, NULL);
  g_autoptr (GBytes) bytes = air_private_key_sign (key, "m", 1, NULL);
  g_autoptr (GError) error = NULL;
  guint8 signature[64];
  guint carry = 0;

  memcpy (signature, g_bytes_get_data (bytes, NULL), 64);
  g_assert_true (air_public_key_verify (air_private_key_get_public (key), "m", 1, signature, 64, NULL));
  for (guint i = 0; i < 32; i++)
    {
      carry += signature[32 + i] + order[i];
      signature[32 + i] = carry & 0xff;
      carry >>= 8;
    }
  g_assert_false (air_public_key_verify (air_private_key_get_public (key), "m", 1, signature, 64, &error));
  g_assert_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_SIGNATURE);
}

static void
test_ed25519_refuses_weak_keys (void)
{
  static const char *const keys[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      gsize n;
      g_autofree guint8 *raw = air_hex_decode (keys[i], &n);
      g_autoptr (GError) error = NULL;

      g_assert_null (air_public_key_new_ed25519 (raw, &error));
      g_assert_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_KEY);
    }
}

static void
test_refuses_other_keys (void)
{
  g_autofree char *out = run ("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out key.pem");
  g_autofree char *path = g_build_filename (directory, "key.pem", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (air_private_key_load (path, &error));
  g_assert_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_UNSUPPORTED);
  g_assert_true (g_str_has_prefix (error->message, path));
  g_clear_error (&error);
  g_free (out);
  out = run ("openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem");
  g_assert_null (air_private_key_load (path, &error));
  g_assert_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_UNSUPPORTED);
  g_clear_error (&error);
  g_assert_null (air_private_key_from_pem ("nothing", &error));
  g_assert_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_KEY);
  g_clear_error (&error);
  g_assert_null (air_public_key_from_pem ("", &error));
  g_assert_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_KEY);
  g_clear_error (&error);
  g_assert_null (air_public_key_from_pem ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", &error));
  g_assert_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_KEY);
}

/* One signature, one spelling: GnuTLS would take these too. */
static void
test_ecdsa_refuses_other_spellings (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirPrivateKey) key = air_private_key_generate (AIR_KEY_ECDSA_P256, &error);
  AirPublicKey *public_key = air_private_key_get_public (key);
  gboolean bare = FALSE, padded = FALSE;

  g_assert_no_error (error);
  /* Whether a number has a zero before it is chance: until both kinds have come. */
  for (guint8 m = 0; !bare || !padded; m++)
    {
      g_autoptr (GBytes) signature = air_private_key_sign (key, &m, 1, &error);
      g_autoptr (GByteArray) other = g_byte_array_new ();
      gsize length;
      const guint8 *der = g_bytes_get_data (signature, &length);
      gboolean has_zero = der[4] == 0;

      g_assert_true (air_public_key_verify (public_key, &m, 1, der, length, NULL));
      g_byte_array_append (other, der, 4);
      other->data[1] += has_zero ? -1 : 1;
      other->data[3] += has_zero ? -1 : 1;
      if (!has_zero)
        g_byte_array_append (other, (const guint8 *) "", 1);
      g_byte_array_append (other, der + 4 + has_zero, (guint) length - 4 - has_zero);
      g_assert_false (air_public_key_verify (public_key, &m, 1, other->data, other->len, NULL));
      *(has_zero ? &bare : &padded) = TRUE;

      g_byte_array_set_size (other, 0);
      g_byte_array_append (other, der, (guint) length);
      g_byte_array_append (other, (const guint8 *) "", 1);
      g_assert_false (air_public_key_verify (public_key, &m, 1, other->data, other->len, NULL));
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  int status;

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  directory = g_dir_make_tmp ("test-key-XXXXXX", &error);
  g_assert_no_error (error);

  g_test_add_func ("/base/key/ed25519-with-openssl", test_ed25519_with_openssl);
  g_test_add_func ("/base/key/p256-with-openssl", test_p256_with_openssl);
  g_test_add_func ("/base/key/p384-with-openssl", test_p384_with_openssl);
  g_test_add_func ("/base/key/rfc8032", test_rfc8032);
  g_test_add_func ("/base/key/ed25519-refuses-large-s", test_ed25519_refuses_large_s);
  g_test_add_func ("/base/key/ed25519-refuses-weak-keys", test_ed25519_refuses_weak_keys);
  g_test_add_func ("/base/key/refuses-other-keys", test_refuses_other_keys);
  g_test_add_func ("/base/key/ecdsa-refuses-other-spellings", test_ecdsa_refuses_other_spellings);

  status = g_test_run ();
  g_free (directory);
  return status;
}
