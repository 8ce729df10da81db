/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "ledger-fixture.h"
#include "ledger/air-checkpoint.h"
#include "ledger/air-dsse.h"
#include "ledger/air-proof.h"
#include "ledger/air-sd-jwt.h"
#include "ledger/air-tree.h"

/* Other people's vectors, from ../shared/vectors/ledger or the folder AIRAILS_LEDGER_VECTORS names: whatever lies there is
 * taken by its kind: RFC 8785 (input/ and output/), RFC 6962 proofs (JSON), signed notes, checkpoints and tlog-proofs
 * (files, and blocks in specifications), DSSE (envelopes, and the PAE of a specification), SD-JWT (disclosures beside their
 * digests, RFC 9901). What is left out is said, with the reason. */

typedef enum { JCS, INCLUSION, CONSISTENCY, NOTE, CHECKPOINT, PROOF, DSSE, SD_JWT, N_KINDS } Kind;

static const char *const kind_names[N_KINDS] = { "JCS",         "inclusion proof",  "consistency proof",
                                                 "signed note", "checkpoint",       "tlog-proof",
                                                 "DSSE",        "SD-JWT disclosure" };

typedef struct {
  guint passed[N_KINDS];
  guint skipped;
} Tally;

static void skip (Tally *tally, const char *path, const char *why);

static void
skip (Tally *tally, const char *path, const char *why)
{
  tally->skipped++;
  g_test_message ("skipped %s: %s", path, why);
}

/* --- RFC 6962 ----------------------------------------------------------------------- */

static gboolean
read_digest (const AirValue *map, const char *key, AirDigest *ret)
{
  const char *text = air_map_get_string (map, key);
  gsize length = 0;
  g_autofree guint8 *bytes = text != NULL ? air_base64_decode (text, strlen (text), &length) : NULL;

  if (bytes == NULL || length != sizeof ret->bytes)
    return FALSE;
  memcpy (ret->bytes, bytes, length);
  return TRUE;
}

/* FALSE: it holds something that is no hash, which no proof may. */
static gboolean
read_proof (const AirValue *map, GArray *proof)
{
  const AirValue *list = air_map_get_list (map, "proof");

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      gsize text_length, length = 0;
      const char *text = air_value_get_string (air_list_get (list, i), &text_length);
      g_autofree guint8 *bytes = air_base64_decode (text, text_length, &length);

      if (bytes == NULL || length != AIR_SHA256_SIZE)
        return FALSE;
      g_array_append_vals (proof, bytes, 1);
    }
  return TRUE;
}

static void
check_tree_proof (Tally *tally, const char *path, const AirValue *map)
{
  g_autoptr (GArray) proof = g_array_new (FALSE, FALSE, sizeof (AirDigest));
  gboolean refused = air_map_get_bool (map, "wantErr", FALSE), holds;
  AirDigest one, two;
  Kind kind;

  if (air_map_get (map, "start") != NULL)
    {
      skip (tally, path, "proofs of subtrees are no part of RFC 9162 and of no format of ours");
      return;
    }
  kind = air_map_get (map, "leafIdx") != NULL ? INCLUSION : CONSISTENCY;
  if (kind == INCLUSION)
    holds = read_digest (map, "leafHash", &one) && read_digest (map, "root", &two) && read_proof (map, proof)
            && air_map_get_int (map, "leafIdx", -1) >= 0 && air_map_get_int (map, "treeSize", -1) >= 0
            && air_tree_check_inclusion (&one, (guint64) air_map_get_int (map, "leafIdx", 0),
                                         (guint64) air_map_get_int (map, "treeSize", 0), (AirDigest *) proof->data,
                                         proof->len, &two, NULL);
  else
    {
      /* Some cases call an empty tree by no root at all. */
      holds = read_digest (map, "root1", &one) && read_digest (map, "root2", &two) && read_proof (map, proof)
              && air_map_get_int (map, "size1", -1) >= 0 && air_map_get_int (map, "size2", -1) >= 0;
      if (!holds && !refused)
        {
          skip (tally, path, "its roots are not digests of 32 bytes");
          return;
        }
      if (refused && holds && air_map_get_int (map, "size1", -1) == 0)
        {
          AirDigest empty = air_tree_empty_root ();

          if (air_digest_equal (&one, &empty) && proof->len == 0)
            {
              skip (tally, path, "C2SP tlog-witness has a proof from the empty tree, which these cases refuse");
              return;
            }
        }
      holds = holds
              && air_tree_check_consistency ((guint64) air_map_get_int (map, "size1", 0), &one,
                                             (guint64) air_map_get_int (map, "size2", 0), &two,
                                             (AirDigest *) proof->data, proof->len, NULL);
    }
  if (holds == refused)
    g_error ("%s: %s where it should be %s", path, holds ? "accepted" : "refused", refused ? "refused" : "accepted");
  tally->passed[kind]++;
}

/* --- RFC 8785 --------------------------------------------------------------------------- */

static void
check_jcs (Tally *tally, const char *path, const char *input, gsize length)
{
  g_autoptr (GString) other = g_string_new (path);
  g_autofree char *expected = NULL, *written = NULL;
  g_autoptr (AirValue) value = NULL;
  g_autoptr (GError) error = NULL;
  gsize expected_length, written_length;

  g_string_replace (other, "/input/", "/output/", 1);
  if (!g_file_get_contents (other->str, &expected, &expected_length, NULL))
    {
      skip (tally, path, "no output stands beside it");
      return;
    }
  value = air_json_parse (input, length, &error);
  if (value == NULL)
    {
      skip (tally, path, error->message);
      return;
    }
  written = air_jcs_write (value, &written_length, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (written, written_length, expected, expected_length);
  tally->passed[JCS]++;
}

/* --- notes and DSSE ------------------------------------------------------------------------ */

static void
check_note (Tally *tally, const char *path, const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirNote) note = air_note_parse (text, length, &error);
  g_autoptr (AirCheckpoint) checkpoint = NULL;
  g_autofree char *again = NULL;

  if (g_str_has_prefix (text, "c2sp.org/tlog-proof@v1\n"))
    {
      g_autoptr (AirProof) proof = air_proof_parse (text, length, NULL);

      if (proof == NULL)
        skip (tally, path, "a tlog-proof that is an excerpt, or wrong on purpose");
      else
        tally->passed[PROOF]++;
      return;
    }
  if (note == NULL)
    {
      skip (tally, path, error->message);
      return;
    }
  again = air_note_write (note);
  g_assert_cmpmem (again, strlen (again), text, length);
  tally->passed[NOTE]++;
  checkpoint = air_checkpoint_open (text, length, NULL, NULL, NULL);
  if (checkpoint != NULL)
    tally->passed[CHECKPOINT]++;
}

static void
check_dsse (Tally *tally, const char *path, const char *text, gsize length, const char *whole)
{
  g_autoptr (AirValue) map = air_json_parse (text, length, NULL);
  const char *payload = air_map_get_string (map, "payload"), *type = air_map_get_string (map, "payloadType");
  gsize payload_length = 0, pae_length;
  g_autofree guint8 *bytes = payload != NULL ? air_base64_decode (payload, strlen (payload), &payload_length) : NULL;
  g_autoptr (GBytes) body = NULL, pae = NULL;
  const char *pae_text;

  if (bytes == NULL || type == NULL)
    {
      skip (tally, path, "an envelope that is an excerpt");
      return;
    }
  body = g_bytes_new (bytes, payload_length);
  pae = air_dsse_pae (type, body);
  pae_text = g_bytes_get_data (pae, &pae_length);
  if (whole == NULL || g_strstr_len (whole, -1, "DSSEv1 ") == NULL)
    {
      skip (tally, path, "no PAE stands beside it");
      return;
    }
  g_assert_nonnull (memmem (whole, strlen (whole), pae_text, pae_length));
  tally->passed[DSSE]++;
}

/* --- RFC 9901 ---------------------------------------------------------------------------------- */

#define URL_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/* Each disclosure whose digest the same text shows. */
static void
check_disclosures (Tally *tally, const char *path, const char *text)
{
  for (const char *at = text; (at = strstr (at, "WyJ")) != NULL;)
    {
      gsize length = strspn (at, URL_CHARS);
      g_autofree char *disclosure = g_strndup (at, length);
      g_autoptr (AirDisclosure) parsed = NULL;
      char digest[AIR_SD_DIGEST_SIZE + 1];

      at += length;
      air_sd_digest (disclosure, digest);
      if (strstr (text, digest) == NULL)
        continue;
      parsed = air_sd_parse (disclosure, NULL);
      if (parsed == NULL)
        skip (tally, path, "a disclosure of a list's item, or with a name that no entry of ours has");
      else
        tally->passed[SD_JWT]++;
    }
}

/* --- whatever lies there --------------------------------------------------------------------------- */

/* The fenced blocks of a specification. */
static void
check_markdown (Tally *tally, const char *path, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "\n```", -1);

  for (guint i = 1; parts[0] != NULL && parts[i - 1] != NULL && parts[i] != NULL; i += 2)
    {
      const char *block = strchr (parts[i], '\n');
      g_autofree char *content = block != NULL ? g_strconcat (block + 1, "\n", NULL) : NULL;

      if (content == NULL)
        continue;
      if (strstr (content, "\n\n\xe2\x80\x94 ") != NULL)
        check_note (tally, path, content, strlen (content));
      else if (*content == '{' && strstr (content, "\"payloadType\"") != NULL)
        check_dsse (tally, path, content, strlen (content), text);
    }
  check_disclosures (tally, path, text);
}

static void
check_file (Tally *tally, const char *path)
{
  g_autofree char *text = NULL;
  g_autoptr (AirValue) value = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, NULL) || length > 8 * 1024 * 1024)
    return;
  if (strstr (path, "/input/") != NULL && g_str_has_suffix (path, ".json"))
    check_jcs (tally, path, text, length);
  else if (g_str_has_suffix (path, ".md"))
    check_markdown (tally, path, text);
  else if (strlen (text) == length && strstr (text, "\n\n\xe2\x80\x94 ") != NULL)
    check_note (tally, path, text, length);
  else if (g_str_has_suffix (path, ".json"))
    {
      value = air_json_parse (text, length, NULL);
      if (value == NULL || air_value_get_kind (value) != AIR_VALUE_MAP)
        return;
      if (air_map_get (value, "proof") != NULL)
        check_tree_proof (tally, path, value);
      else if (air_map_get (value, "payloadType") != NULL)
        check_dsse (tally, path, text, length, NULL);
      else
        check_disclosures (tally, path, text);
    }
  else if (strlen (text) == length)
    check_disclosures (tally, path, text);
}

static void
walk (Tally *tally, const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_SYMLINK) || *name == '.')
        continue;
      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        walk (tally, path);
      else
        check_file (tally, path);
    }
}

static void
test_vectors (void)
{
  const char *source = g_getenv ("AIRAILS_SOURCE"), *named = g_getenv ("AIRAILS_LEDGER_VECTORS");
  g_autofree char *folder =
      named != NULL ? g_strdup (named)
                    : g_build_filename (source != NULL ? source : ".", "..", "shared", "vectors", "ledger", NULL);
  Tally tally = { 0 };
  guint passed = 0;

  if (!g_file_test (folder, G_FILE_TEST_IS_DIR))
    {
      g_autofree char *why =
          g_strdup_printf ("%s is not there; AIRAILS_LEDGER_VECTORS may name another folder", folder);

      g_test_skip (why);
      return;
    }
  walk (&tally, folder);
  for (Kind kind = 0; kind < N_KINDS; kind++)
    {
      g_test_message ("%s: %u passed", kind_names[kind], tally.passed[kind]);
      passed += tally.passed[kind];
    }
  g_test_message ("%u passed, %u left out with their reason", passed, tally.skipped);
  g_assert_cmpuint (passed, >, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/ledger/vectors", test_vectors);
  return g_test_run ();
}
