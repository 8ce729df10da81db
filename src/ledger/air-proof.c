/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-proof.h"

#include <string.h>

#include "air-ledger-private.h"
#include "air-tree.h"

#define MAGIC      "c2sp.org/tlog-proof@v1"
#define MAX_HASHES 63

/**
 * air_proof_new:
 * @index: of the entry
 * @hashes: (array length=n_hashes): the inclusion proof
 * @n_hashes: their number
 * @checkpoint: the signed note
 * @extra: (nullable): further bytes for the reader
 *
 * Returns: (transfer full): the proof, not verified
 */
AirProof *
air_proof_new (guint64 index, const AirDigest *hashes, gsize n_hashes, const char *checkpoint, GBytes *extra)
{
  AirProof *self = g_new0 (AirProof, 1);

  self->index = index;
  self->hashes = g_array_new (FALSE, FALSE, sizeof (AirDigest));
  if (n_hashes > 0)
    g_array_append_vals (self->hashes, hashes, (guint) n_hashes);
  self->checkpoint = g_strdup (checkpoint);
  self->extra = extra != NULL ? g_bytes_ref (extra) : NULL;
  return self;
}

void
air_proof_free (AirProof *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->extra, g_bytes_unref);
  g_clear_pointer (&self->hashes, g_array_unref);
  g_free (self->checkpoint);
  g_free (self);
}

static AirProof *
malformed (GError **error, guint line, const char *words)
{
  g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "proof: line %u: %s", line, words);
  return NULL;
}

static gboolean
strip_prefix (const char **line, gsize *length, const char *prefix)
{
  gsize n = strlen (prefix);

  if (*length < n || memcmp (*line, prefix, n) != 0)
    return FALSE;
  *line += n;
  *length -= n;
  return TRUE;
}

/**
 * air_proof_parse:
 * @data: a tlog-proof file
 * @length: its bytes
 * @error: return location
 *
 * C2SP tlog-proof, strictly. Fails with %AIR_LEDGER_ERROR_MALFORMED or
 * %AIR_LEDGER_ERROR_TOO_LARGE.
 *
 * Returns: (transfer full): the proof, not verified; or %NULL
 */
AirProof *
air_proof_parse (const char *data, gsize length, GError **error)
{
  g_autoptr (AirProof) self = NULL;
  g_autoptr (AirNote) note = NULL;
  const char *rest = data, *end = data + length, *line;
  gsize line_length;
  guint number = 1;

  if (length > AIR_NOTE_MAX_SIZE)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_TOO_LARGE, "proof: more than %d bytes", AIR_NOTE_MAX_SIZE);
      return NULL;
    }
  if (!air_ledger_next_line (&rest, end, &line, &line_length) || !strip_prefix (&line, &line_length, MAGIC)
      || line_length != 0)
    return malformed (error, number, "not \"" MAGIC "\"");

  self = air_proof_new (0, NULL, 0, NULL, NULL);
  number++;
  if (!air_ledger_next_line (&rest, end, &line, &line_length))
    return malformed (error, number, "it ends before the index");
  if (strip_prefix (&line, &line_length, "extra "))
    {
      gsize extra_length;
      guint8 *extra = air_base64_decode (line, line_length, &extra_length);

      if (extra == NULL)
        return malformed (error, number, "\"extra\" is not base64");
      self->extra = g_bytes_new_take (extra, extra_length);
      number++;
      if (!air_ledger_next_line (&rest, end, &line, &line_length))
        return malformed (error, number, "it ends before the index");
    }
  if (!strip_prefix (&line, &line_length, "index ") || !air_ledger_parse_decimal (line, line_length, &self->index))
    return malformed (error, number, "not \"index\" and a decimal number");

  for (;;)
    {
      g_autofree guint8 *hash = NULL;
      gsize hash_length;

      number++;
      if (!air_ledger_next_line (&rest, end, &line, &line_length))
        return malformed (error, number, "it ends before the checkpoint");
      if (line_length == 0)
        break;
      hash = air_base64_decode (line, line_length, &hash_length);
      if (hash == NULL || hash_length != AIR_SHA256_SIZE)
        return malformed (error, number, "not base64 of a hash");
      if (self->hashes->len == MAX_HASHES)
        return malformed (error, number, "more hashes than any tree needs");
      g_array_append_vals (self->hashes, hash, 1);
    }

  note = air_note_parse (rest, (gsize) (end - rest), error);
  if (note == NULL)
    {
      g_prefix_error (error, "proof: ");
      return NULL;
    }
  self->checkpoint = g_strndup (rest, (gsize) (end - rest));
  return g_steal_pointer (&self);
}

/**
 * air_proof_write:
 * @self: a proof
 *
 * Returns: (transfer full): the tlog-proof file
 */
char *
air_proof_write (const AirProof *self)
{
  GString *out = g_string_new (MAGIC "\n");

  if (self->extra != NULL)
    {
      g_autofree char *text = g_base64_encode (g_bytes_get_data (self->extra, NULL), g_bytes_get_size (self->extra));

      g_string_append_printf (out, "extra %s\n", text);
    }
  g_string_append_printf (out, "index %" G_GUINT64_FORMAT "\n", self->index);
  for (guint i = 0; i < self->hashes->len; i++)
    {
      g_autofree char *text = g_base64_encode (g_array_index (self->hashes, AirDigest, i).bytes, AIR_SHA256_SIZE);

      g_string_append_printf (out, "%s\n", text);
    }
  g_string_append_c (out, '\n');
  g_string_append (out, self->checkpoint);
  return g_string_free (out, FALSE);
}

static gboolean
check_inclusion (const AirProof *self, const AirDigest *leaf_hash, const AirCheckpoint *checkpoint, GError **error)
{
  if (!air_tree_check_inclusion (leaf_hash, self->index, checkpoint->size, (const AirDigest *) self->hashes->data,
                                 self->hashes->len, &checkpoint->root, error))
    {
      g_prefix_error (error, "proof of entry %" G_GUINT64_FORMAT ": ", self->index);
      return FALSE;
    }
  return TRUE;
}

/**
 * air_proof_verify:
 * @self: a proof
 * @leaf_hash: the entry's
 * @policy: which log and witnesses to believe
 * @error: return location
 *
 * Signatures, quorum and inclusion. Fails with %AIR_LEDGER_ERROR_PROOF, or as air_tlog_policy_open() does.
 *
 * Returns: whether it holds
 */
gboolean
air_proof_verify (const AirProof *self, const AirDigest *leaf_hash, const AirTlogPolicy *policy, GError **error)
{
  g_autoptr (AirCheckpoint) checkpoint =
      air_tlog_policy_open (policy, self->checkpoint, strlen (self->checkpoint), error);

  return checkpoint != NULL && check_inclusion (self, leaf_hash, checkpoint, error);
}

/**
 * air_proof_verify_in:
 * @self: a proof
 * @leaf_hash: the entry's
 * @checkpoint: one that the caller has verified
 * @error: return location
 *
 * For many proofs in one tree; its size and root must be the proof's own. Fails with %AIR_LEDGER_ERROR_PROOF.
 *
 * Returns: whether it holds
 */
gboolean
air_proof_verify_in (const AirProof *self, const AirDigest *leaf_hash, const AirCheckpoint *checkpoint, GError **error)
{
  g_autoptr (AirCheckpoint) own = air_checkpoint_open (self->checkpoint, strlen (self->checkpoint), NULL, NULL, error);

  if (own == NULL)
    return FALSE;
  if (!g_str_equal (own->origin, checkpoint->origin) || own->size != checkpoint->size
      || !air_digest_equal (&own->root, &checkpoint->root))
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_PROOF,
                   "proof of entry %" G_GUINT64_FORMAT ": its checkpoint is another one", self->index);
      return FALSE;
    }
  return check_inclusion (self, leaf_hash, checkpoint, error);
}
