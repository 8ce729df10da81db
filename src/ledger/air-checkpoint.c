/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-checkpoint.h"

#include <string.h>

#include "air-ledger-private.h"

/**
 * air_checkpoint_new:
 * @origin: the log's name
 * @size: leaves of the tree
 * @root: its root
 *
 * Returns: (transfer full): a checkpoint, not signed
 */
AirCheckpoint *
air_checkpoint_new (const char *origin, guint64 size, const AirDigest *root)
{
  AirCheckpoint *self = g_new0 (AirCheckpoint, 1);

  self->origin = g_strdup (origin);
  self->size = size;
  self->root = *root;
  return self;
}

void
air_checkpoint_free (AirCheckpoint *self)
{
  if (self == NULL)
    return;
  g_free (self->origin);
  g_free (self);
}

static AirCheckpoint *
malformed (GError **error, const char *words)
{
  g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "checkpoint: %s", words);
  return NULL;
}

/**
 * air_checkpoint_parse_text:
 * @text: the text of a note
 * @error: return location
 *
 * C2SP tlog-checkpoint: origin, size, root, and nothing more (extension lines are
 * not ours to understand, so they are refused). Fails with %AIR_LEDGER_ERROR_MALFORMED.
 *
 * Returns: (transfer full): the checkpoint, not signed; or %NULL
 */
AirCheckpoint *
air_checkpoint_parse_text (const char *text, GError **error)
{
  const char *rest = text, *end = text + strlen (text);
  const char *origin, *size, *root;
  gsize origin_length, size_length, root_length, hash_length;
  g_autofree char *name = NULL;
  g_autofree guint8 *hash = NULL;
  AirDigest digest;
  guint64 number;

  if (!air_ledger_next_line (&rest, end, &origin, &origin_length)
      || !air_ledger_next_line (&rest, end, &size, &size_length)
      || !air_ledger_next_line (&rest, end, &root, &root_length))
    return malformed (error, "fewer than three lines");
  if (rest != end)
    return malformed (error, "more than three lines");

  name = g_strndup (origin, origin_length);
  if (!air_note_name_is_valid (name))
    return malformed (error, "the origin (line 1) is empty or holds a space or '+'");
  if (!air_ledger_parse_decimal (size, size_length, &number))
    return malformed (error, "the size (line 2) is not a decimal number");
  hash = air_base64_decode (root, root_length, &hash_length);
  if (hash == NULL || hash_length != AIR_SHA256_SIZE)
    return malformed (error, "the root (line 3) is not base64 of 32 bytes");

  memcpy (digest.bytes, hash, AIR_SHA256_SIZE);
  return air_checkpoint_new (name, number, &digest);
}

/**
 * air_checkpoint_to_text:
 * @self: a checkpoint
 *
 * Returns: (transfer full): the text that is signed
 */
char *
air_checkpoint_to_text (const AirCheckpoint *self)
{
  g_autofree char *root = g_base64_encode (self->root.bytes, sizeof self->root.bytes);

  return g_strdup_printf ("%s\n%" G_GUINT64_FORMAT "\n%s\n", self->origin, self->size, root);
}

/**
 * air_checkpoint_sign:
 * @self: a checkpoint; whoever signs has recomputed the root
 * @key: the log's Ed25519 key
 * @error: return location
 *
 * The signer's name is the origin. Fails with %AIR_LEDGER_ERROR_UNSUPPORTED or %AIR_CRYPTO_ERROR_FAILED, as
 * air_note_sign() does.
 *
 * Returns: (transfer full): the signed note
 */
char *
air_checkpoint_sign (const AirCheckpoint *self, AirPrivateKey *key, GError **error)
{
  g_autofree char *text = air_checkpoint_to_text (self);
  g_autoptr (AirNote) note = air_note_new (text, error);

  if (note == NULL || !air_note_sign (note, self->origin, key, error))
    return NULL;
  return air_note_write (note);
}

/**
 * air_checkpoint_open:
 * @note: a signed note
 * @length: its bytes
 * @key: (nullable): the log's key; without it nothing is verified
 * @ret_note: (out) (optional) (transfer full): the note with all its signatures
 * @error: return location
 *
 * With @key the origin must be the key's name, and its signature right.
 * Fails with %AIR_LEDGER_ERROR_MALFORMED or %AIR_LEDGER_ERROR_SIGNATURE.
 *
 * Returns: (transfer full): the checkpoint, to be believed with a @key; or %NULL
 */
AirCheckpoint *
air_checkpoint_open (const char *note, gsize length, const AirVkey *key, AirNote **ret_note, GError **error)
{
  g_autoptr (AirNote) parsed = air_note_parse (note, length, error);
  g_autoptr (AirCheckpoint) self = NULL;

  if (parsed == NULL)
    return NULL;
  self = air_checkpoint_parse_text (parsed->text, error);
  if (self == NULL)
    return NULL;

  if (key != NULL)
    {
      if (!g_str_equal (self->origin, air_vkey_get_name (key)))
        {
          g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_SIGNATURE,
                       "checkpoint: its origin is %s, the key's is %s", self->origin, air_vkey_get_name (key));
          return NULL;
        }
      if (!air_note_verify (parsed, key, error))
        {
          g_prefix_error (error, "checkpoint: ");
          return NULL;
        }
    }

  if (ret_note != NULL)
    *ret_note = g_steal_pointer (&parsed);
  return g_steal_pointer (&self);
}
