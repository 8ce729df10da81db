/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "ledger/air-timestamp.h"
#include "run-fixture.h"

/* A real authority: Debian's `openssl ts`, with a certificate authority made for each test. */
typedef struct {
  char *folder;
  GBytes *stamped;
  AirDigest imprint;
} Tsa;

static const char config[] =
    "[tsa]\ndefault_tsa = t\n[t]\nserial = serial\ncrypto_device = builtin\nsigner_digest = sha256\n"
    "default_policy = 1.2.3.4.1\ndigests = sha256\naccuracy = secs:1\nordering = yes\ntsa_name = yes\n"
    "ess_cert_id_chain = no\ness_cert_id_alg = sha256\n"
    "[req]\ndistinguished_name = dn\n[dn]\n"
    "[ca]\nbasicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign\nsubjectKeyIdentifier=hash\n"
    "[good]\nkeyUsage = critical,digitalSignature\nextendedKeyUsage = critical,timeStamping\n"
    "[loose]\nkeyUsage = critical,digitalSignature\nextendedKeyUsage = critical,timeStamping,serverAuth\n";

static gboolean
run (Tsa *tsa, const char *script)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GSubprocess) process = NULL;

  g_subprocess_launcher_set_cwd (launcher, tsa->folder);
  process = g_subprocess_launcher_spawn (launcher, NULL, "sh", "-euc", script, NULL);
  g_assert_nonnull (process);
  return g_subprocess_wait_check (process, NULL, NULL);
}

static void
put (Tsa *tsa, const char *name, const void *data, gsize length)
{
  g_autofree char *path = g_build_filename (tsa->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, data, (gssize) length, NULL));
}

static GBytes *
get (Tsa *tsa, const char *name)
{
  g_autofree char *path = g_build_filename (tsa->folder, name, NULL);
  char *data;
  gsize length;

  g_assert_true (g_file_get_contents (path, &data, &length, NULL));
  return g_bytes_new_take (data, length);
}

static AirTimestampTrust *
trust_of (Tsa *tsa, const char *name)
{
  g_autoptr (GBytes) pem = get (tsa, name);
  g_autoptr (GError) error = NULL;
  gsize length;
  const char *data = g_bytes_get_data (pem, &length);
  AirTimestampTrust *trust = air_timestamp_trust_new (data, length, &error);

  g_assert_no_error (error);
  return trust;
}

static Tsa *
tsa_new (void)
{
  static const guint8 nonce[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
  Tsa *tsa = g_new0 (Tsa, 1);
  g_autoptr (GBytes) request = NULL;

  tsa->folder = g_dir_make_tmp ("tsa-XXXXXX", NULL);
  put (tsa, "tsa.cnf", config, strlen (config));
  put (tsa, "checkpoint", "rails.example/a\n1\nAAAA\n", 23);
  tsa->stamped = get (tsa, "checkpoint");
  tsa->imprint = air_sha256 (g_bytes_get_data (tsa->stamped, NULL), g_bytes_get_size (tsa->stamped));
  request = air_timestamp_request (&tsa->imprint, nonce);
  put (tsa, "request.tsq", g_bytes_get_data (request, NULL), g_bytes_get_size (request));
  g_assert_true (run (
      tsa, "for ca in ca other; do openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=$ca "
           "-days 30 -config tsa.cnf -extensions ca -keyout $ca.key -out $ca.pem; done\n"
           "for kind in good loose; do\n"
           "openssl req -new -newkey rsa:2048 -nodes -subj /CN=$kind-tsa -config tsa.cnf -keyout $kind.key -out "
           "$kind.csr\n"
           "openssl x509 -req -in $kind.csr -CA ca.pem -CAkey ca.key -set_serial 17 -days 20 -extfile tsa.cnf "
           "-extensions $kind -out $kind.pem\n"
           "done; echo 01 > serial\n"
           "openssl ts -reply -queryfile request.tsq -config tsa.cnf -section t -signer good.pem -inkey good.key "
           "-chain ca.pem -out good.tsr\n"));
  return tsa;
}

static void
tsa_free (Tsa *tsa)
{
  g_assert_true (run (tsa, "rm -f -- *"));
  g_rmdir (tsa->folder);
  g_free (tsa->folder);
  g_bytes_unref (tsa->stamped);
  g_free (tsa);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Tsa, tsa_free)

/* What our request asks, openssl reads; what it answers, we believe; and openssl believes it too. */
static void
test_good (void)
{
  g_autoptr (Tsa) tsa = tsa_new ();
  g_autoptr (AirTimestampTrust) trust = trust_of (tsa, "ca.pem"), pinned = trust_of (tsa, "good.pem");
  g_autoptr (GBytes) response = get (tsa, "good.tsr");
  g_autoptr (GError) error = NULL;
  g_autoptr (AirTimestamp) read = air_timestamp_parse (response, &error), stamp = NULL, own = NULL;
  static const guint8 nonce[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
  g_autofree char *text = air_timestamp_nonce_to_text (nonce);
  gint64 now = g_get_real_time ();

  g_assert_no_error (error);
  g_assert_cmpstr (read->nonce, ==, text);
  g_assert_cmpstr (read->policy, ==, "1.2.3.4.1");
  g_assert_true (air_digest_equal (&read->imprint, &tsa->imprint));
  g_assert_cmpint (read->time_us, <, now + 5 * G_USEC_PER_SEC);
  g_assert_cmpint (read->time_us, >, now - 60 * G_USEC_PER_SEC);
  g_assert_null (read->authority);

  stamp = air_timestamp_open (response, trust, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (stamp->authority, ==, "CN=good-tsa");
  own = air_timestamp_open (response, pinned, &error);
  g_assert_no_error (error);
  g_assert_true (run (tsa, "openssl ts -verify -data checkpoint -in good.tsr -CAfile ca.pem"));
}

static void
test_other_authority (void)
{
  g_autoptr (Tsa) tsa = tsa_new ();
  g_autoptr (AirTimestampTrust) trust = trust_of (tsa, "other.pem");
  g_autoptr (GBytes) response = get (tsa, "good.tsr");
  g_autoptr (GError) error = NULL;

  g_assert_null (air_timestamp_open (response, trust, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_SIGNATURE, "not signed by one of the authorities");
}

/* A server's certificate of the same issuer must not be able to stamp; openssl makes no such token, so we sign one. */
static void
test_other_purpose (void)
{
  g_autoptr (Tsa) tsa = tsa_new ();

  if (!run (tsa,
            "openssl ts -reply -queryfile request.tsq -config tsa.cnf -section t -signer loose.pem -inkey loose.key "
            "-chain ca.pem -out loose.tsr"))
    {
      /* The authority itself refuses: then make the token by hand out of the good one's content. */
      g_assert_true (run (tsa, "openssl ts -reply -in good.tsr -token_out -out good.tst\n"
                               "openssl cms -verify -noverify -inform DER -in good.tst -out info.der -binary\n"
                               "openssl cms -sign -binary -nodetach -econtent_type 1.2.840.113549.1.9.16.1.4 -cades "
                               "-in info.der -signer loose.pem -inkey loose.key -outform DER -out loose.tst\n"
                               "openssl ts -reply -in loose.tst -token_in -out loose.tsr"));
    }
  {
    g_autoptr (AirTimestampTrust) trust = trust_of (tsa, "ca.pem");
    g_autoptr (GBytes) response = get (tsa, "loose.tsr");
    g_autoptr (GError) error = NULL;

    g_assert_null (air_timestamp_open (response, trust, &error));
    fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_SIGNATURE, "not for timestamps alone");
  }
}

/* Two certificates under one issuer and number: one that looks right and nobody issued, one that was issued and is no
 * authority's. The token is by the second's key and names the first. */
static void
test_two_signers (void)
{
  g_autoptr (Tsa) tsa = tsa_new ();
  g_autoptr (AirTimestampTrust) trust = trust_of (tsa, "ca.pem");
  g_autoptr (GBytes) response = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (run (
      tsa, "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=ca -days 30 -config tsa.cnf "
           "-extensions ca -keyout fakeca.key -out fakeca.pem\n"
           "openssl req -new -key loose.key -subj /CN=t -config tsa.cnf -out fake.csr\n"
           "openssl x509 -req -in fake.csr -CA fakeca.pem -CAkey fakeca.key -set_serial 17 -days 20 -extfile tsa.cnf "
           "-extensions good -out fake.pem\n"
           "openssl ts -reply -in good.tsr -token_out -out good.tst\n"
           "openssl cms -verify -noverify -inform DER -in good.tst -out info.der -binary\n"
           "openssl cms -sign -binary -nodetach -econtent_type 1.2.840.113549.1.9.16.1.4 -cades -in info.der "
           "-signer fake.pem -inkey loose.key -certfile loose.pem -outform DER -out two.tst\n"
           "openssl ts -reply -in two.tst -token_in -out two.tsr"));
  response = get (tsa, "two.tsr");
  g_assert_null (air_timestamp_open (response, trust, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_SIGNATURE, "two certificates");
}

/* Every byte, one at a time: what is still believed says the same, byte for byte. */
static void
test_flips (void)
{
  g_autoptr (Tsa) tsa = tsa_new ();
  g_autoptr (AirTimestampTrust) trust = trust_of (tsa, "ca.pem");
  g_autoptr (GBytes) response = get (tsa, "good.tsr");
  gsize length, believed = 0;
  const guint8 *data = g_bytes_get_data (response, &length);

  for (gsize i = 0; i < length; i++)
    {
      g_autofree guint8 *copy = g_memdup2 (data, length);
      g_autoptr (GBytes) changed = NULL;
      g_autoptr (AirTimestamp) stamp = NULL;

      copy[i] ^= 1;
      changed = g_bytes_new (copy, length);
      stamp = air_timestamp_open (changed, trust, NULL);
      if (stamp == NULL)
        continue;
      believed++;
      g_assert_true (air_digest_equal (&stamp->imprint, &tsa->imprint));
      g_assert_cmpstr (stamp->authority, ==, "CN=good-tsa");
    }
  g_test_message ("%" G_GSIZE_FORMAT " bytes, %" G_GSIZE_FORMAT " flips leave the same stamp", length, believed);
  /* The status, and what CMS leaves unsigned beside it: versions, the digests' list, certificates not on the way. */
  g_assert_cmpuint (believed, <, length / 2);
}

/* The clock of a ledger stands years ahead; the authority's does not. */
static void
test_entries_from_the_future (void)
{
  g_autoptr (Tsa) tsa = tsa_new ();
  static const guint8 nonce[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
  gint64 now = g_get_real_time ();
  const gint64 starts[] = { now - G_TIME_SPAN_HOUR, now + 3 * 365 * G_TIME_SPAN_DAY };

  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    {
      g_autoptr (Run) ledger = run_new ();
      g_autofree char *note = NULL;
      g_autoptr (GBytes) request = NULL, zip = NULL;
      g_autoptr (AirVerifierTrust) trust = air_verifier_trust_new ();
      g_autoptr (AirReport) report = NULL;
      AirDigest imprint;

      ledger->time_us = starts[i];
      run_add_enrolments (ledger);
      run_add_trigger (ledger);
      run_add_closing (ledger, 0);
      note = run_sign_checkpoint (ledger);
      imprint = air_sha256 (note, strlen (note));
      request = air_timestamp_request (&imprint, nonce);
      put (tsa, "request.tsq", g_bytes_get_data (request, NULL), g_bytes_get_size (request));
      g_assert_true (run (tsa, "openssl ts -reply -queryfile request.tsq -config tsa.cnf -section t -signer good.pem "
                               "-inkey good.key -chain ca.pem -out ledger.tsr"));
      ledger->timestamp = get (tsa, "ledger.tsr");
      zip = run_make_bundle (ledger);
      air_verifier_trust_set_timestamps (trust, trust_of (tsa, "ca.pem"));
      report = air_verifier_check_zip (zip, trust);
      g_assert_cmpint (air_report_passed (report), ==, i == 0);
      g_assert_true ((run_find_fault (report, AIR_CHECK_EVIDENCE, "entries/3.json", "was stamped") != NULL)
                     == (i == 1));
    }
}

static void
test_refused (void)
{
  g_autoptr (GError) error = NULL;
  static const guint8 rejection[] = { 0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02 };
  g_autoptr (GBytes) response = g_bytes_new_static (rejection, sizeof rejection);
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);

  g_assert_null (air_timestamp_parse (response, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "did not grant it (status 2)");
  g_assert_null (air_timestamp_parse (empty, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "TimeStampResp");
  g_assert_null (air_timestamp_trust_new ("x", 1, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "PEM");
}

int
main (int argc, char *argv[])
{
  g_autofree char *openssl = g_find_program_in_path ("openssl");

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/ledger/timestamp/refused", test_refused);
  if (openssl == NULL)
    g_test_message ("skipped: openssl, the timestamp authority of these tests, is not installed");
  else
    {
      g_test_add_func ("/ledger/timestamp/good", test_good);
      g_test_add_func ("/ledger/timestamp/other-authority", test_other_authority);
      g_test_add_func ("/ledger/timestamp/other-purpose", test_other_purpose);
      g_test_add_func ("/ledger/timestamp/two-signers", test_two_signers);
      g_test_add_func ("/ledger/timestamp/flips", test_flips);
      g_test_add_func ("/ledger/timestamp/entries-from-the-future", test_entries_from_the_future);
    }
  return g_test_run ();
}
