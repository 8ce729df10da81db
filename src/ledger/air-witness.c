/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-witness.h"

#include <string.h>

#include "air-ledger-private.h"
#include "air-tree.h"

/* More hashes no consistency proof needs. */
#define MAX_PROOF 63

void
air_witness_request_free (AirWitnessRequest *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->proof, g_array_unref);
  g_clear_pointer (&self->checkpoint, air_checkpoint_free);
  g_free (self->note);
  g_free (self);
}

static AirWitnessRequest *
malformed (GError **error, const char *words)
{
  g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "add-checkpoint: %s", words);
  return NULL;
}

/**
 * air_witness_request_parse:
 * @data: the body of add-checkpoint
 * @length: its bytes
 * @error: return location
 *
 * "old N", the hashes of the proof, an empty line, the checkpoint. Fails with
 * %AIR_LEDGER_ERROR_MALFORMED, or as air_checkpoint_open() does.
 *
 * Returns: (transfer full): what is asked, not believed yet; or %NULL
 */
AirWitnessRequest *
air_witness_request_parse (const char *data, gsize length, GError **error)
{
  g_autoptr (AirWitnessRequest) self = g_new0 (AirWitnessRequest, 1);
  const char *at = data, *end = data + length, *line;
  gsize size;

  if (length > AIR_WITNESS_MAX_SIZE)
    return malformed (error, "it is too long");
  self->proof = g_array_new (FALSE, FALSE, sizeof (AirDigest));
  if (!air_ledger_next_line (&at, end, &line, &size) || size < 5 || memcmp (line, "old ", 4) != 0
      || !air_ledger_parse_decimal (line + 4, size - 4, &self->old_size))
    return malformed (error, "the first line is not \"old\" and a size");
  for (;;)
    {
      g_autofree guint8 *hash = NULL;
      gsize n;

      if (!air_ledger_next_line (&at, end, &line, &size))
        return malformed (error, "no checkpoint follows the proof");
      if (size == 0)
        break;
      if (self->proof->len == MAX_PROOF)
        return malformed (error, "the proof has more than 63 hashes");
      hash = air_base64_decode (line, size, &n);
      if (hash == NULL || n != AIR_SHA256_SIZE)
        return malformed (error, "a line of the proof is no hash");
      g_array_append_vals (self->proof, hash, 1);
    }
  self->checkpoint = air_checkpoint_open (at, (gsize) (end - at), NULL, NULL, error);
  if (self->checkpoint == NULL)
    return NULL;
  self->note = g_strndup (at, (gsize) (end - at));
  return g_steal_pointer (&self);
}

/**
 * air_witness_request_write:
 * @old_size: the tree the log believes the witness to know
 * @proof: (element-type AirDigest): consistency from there
 * @note: the signed checkpoint, as text
 *
 * Returns: (transfer full): the body of an add-checkpoint request, C2SP tlog-witness
 */
char *
air_witness_request_write (guint64 old_size, const GArray *proof, const char *note)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "old %" G_GUINT64_FORMAT "\n", old_size);
  for (guint i = 0; i < proof->len; i++)
    {
      g_autofree char *hash = g_base64_encode (g_array_index (proof, AirDigest, i).bytes, AIR_SHA256_SIZE);

      g_string_append_printf (text, "%s\n", hash);
    }
  g_string_append_printf (text, "\n%s", note);
  return g_string_free_and_steal (text);
}

static AirWitnessVerdict
say (AirWitnessVerdict verdict, char **ret_words, const char *format, ...) G_GNUC_PRINTF (3, 4);

static AirWitnessVerdict
say (AirWitnessVerdict verdict, char **ret_words, const char *format, ...)
{
  va_list args;

  if (ret_words == NULL)
    return verdict;
  va_start (args, format);
  *ret_words = g_strdup_vprintf (format, args);
  va_end (args);
  return verdict;
}

/**
 * air_witness_judge:
 * @request: what the log asks
 * @key: (nullable): the key under which this witness knows the log
 * @known: (nullable): the largest tree of the log it has cosigned
 * @ret_words: (out) (optional): why not
 *
 * Pure. Whether a witness may cosign: the tree is the log's, it is not smaller than the
 * one known, and it contains that one. Two trees of one size are never both
 * cosigned. Only after the new tree is remembered durably may the cosignature be
 * made.
 *
 * Returns: what to answer; %AIR_WITNESS_COSIGN only when all of it holds
 */
AirWitnessVerdict
air_witness_judge (const AirWitnessRequest *request, const AirVkey *key, const AirCheckpoint *known, char **ret_words)
{
  const AirCheckpoint *asked = request->checkpoint;
  guint64 size = known != NULL ? known->size : 0;
  AirDigest empty = air_tree_empty_root ();
  const AirDigest *root = known != NULL ? &known->root : &empty;
  g_autoptr (AirCheckpoint) opened = NULL;
  g_autoptr (GError) error = NULL;

  if (key == NULL || !g_str_equal (air_vkey_get_name (key), asked->origin))
    return say (AIR_WITNESS_UNKNOWN_LOG, ret_words, "%s is no log this witness knows", asked->origin);
  opened = air_checkpoint_open (request->note, strlen (request->note), key, NULL, &error);
  if (opened == NULL)
    return say (AIR_WITNESS_BAD_SIGNATURE, ret_words, "%s", error->message);
  if (request->old_size > asked->size)
    return say (AIR_WITNESS_BAD_REQUEST, ret_words, "the old size is larger than the checkpoint's");
  if (request->old_size != size)
    return say (AIR_WITNESS_CONFLICT, ret_words,
                "the tree cosigned last has %" G_GUINT64_FORMAT " entries, not %" G_GUINT64_FORMAT "%s", size,
                request->old_size, asked->size < size ? ", and the ledger does not go back" : "");
  if (asked->size == size && !air_digest_equal (&asked->root, root))
    return say (AIR_WITNESS_CONFLICT, ret_words,
                "another tree of the same size, %" G_GUINT64_FORMAT " entries, was cosigned: the log is forked", size);
  if (!air_tree_check_consistency (size, root, asked->size, &asked->root, (const AirDigest *) request->proof->data,
                                   request->proof->len, &error))
    return say (AIR_WITNESS_BAD_PROOF, ret_words, "%s", error->message);
  return AIR_WITNESS_COSIGN;
}

/**
 * air_witness_verdict_to_status:
 * @verdict: what was judged
 *
 * Returns: the HTTP status of C2SP tlog-witness
 */
guint
air_witness_verdict_to_status (AirWitnessVerdict verdict)
{
  static const guint statuses[] = {
    [AIR_WITNESS_COSIGN] = 200,      [AIR_WITNESS_UNKNOWN_LOG] = 404, [AIR_WITNESS_BAD_SIGNATURE] = 403,
    [AIR_WITNESS_BAD_REQUEST] = 400, [AIR_WITNESS_CONFLICT] = 409,    [AIR_WITNESS_BAD_PROOF] = 422,
  };

  return statuses[verdict];
}
