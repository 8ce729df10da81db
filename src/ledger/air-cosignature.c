/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-cosignature.h"

#include <string.h>

static char *
signed_text (const AirNote *checkpoint, guint64 unix_s)
{
  return g_strdup_printf ("cosignature/v1\ntime %" G_GUINT64_FORMAT "\n%s", unix_s, checkpoint->text);
}

/**
 * air_cosignature_sign:
 * @checkpoint: a checkpoint whose consistency with all earlier ones the witness has checked and stored
 * @witness_name: the witness's key name
 * @key: its Ed25519 key
 * @unix_s: now
 * @error: return location
 *
 * C2SP tlog-cosignature v1: "this is the largest consistent tree I had seen at that time". Fails with
 * %AIR_LEDGER_ERROR_UNSUPPORTED or %AIR_CRYPTO_ERROR_FAILED.
 *
 * Returns: (transfer full): to add to the note
 */
AirNoteSignature *
air_cosignature_sign (const AirNote *checkpoint,
                      const char *witness_name,
                      AirPrivateKey *key,
                      gint64 unix_s,
                      GError **error)
{
  g_autoptr (AirVkey) vkey = NULL;
  g_autoptr (GBytes) signature = NULL;
  g_autoptr (GBytes) blob = NULL;
  g_autofree char *text = NULL;
  GByteArray *bytes;
  guint64 time = GUINT64_TO_BE ((guint64) unix_s);

  g_return_val_if_fail (unix_s >= 0, NULL);

  vkey = air_vkey_new (witness_name, AIR_NOTE_KEY_COSIGNATURE, air_private_key_get_public (key), error);
  if (vkey == NULL)
    return NULL;
  text = signed_text (checkpoint, (guint64) unix_s);
  signature = air_private_key_sign (key, text, strlen (text), error);
  if (signature == NULL)
    return NULL;

  bytes = g_byte_array_new ();
  g_byte_array_append (bytes, (const guint8 *) &time, sizeof time);
  g_byte_array_append (bytes, g_bytes_get_data (signature, NULL), (guint) g_bytes_get_size (signature));
  blob = g_byte_array_free_to_bytes (bytes);
  return air_note_signature_new (witness_name, air_vkey_get_key_id (vkey), blob);
}

/**
 * air_cosignature_verify:
 * @checkpoint: a checkpoint's note
 * @witness_key: a key of type 4
 * @ret_unix_s: (out) (optional): when the witness saw it
 * @error: return location
 *
 * Fails with %AIR_LEDGER_ERROR_SIGNATURE when the witness has not cosigned, or
 * wrongly; with %AIR_LEDGER_ERROR_UNSUPPORTED for a key of another type.
 *
 * Returns: whether it holds
 */
gboolean
air_cosignature_verify (const AirNote *checkpoint, const AirVkey *witness_key, gint64 *ret_unix_s, GError **error)
{
  const char *name = air_vkey_get_name (witness_key);
  AirNoteSignature *signature;
  const guint8 *blob;
  gsize length;
  guint64 time;
  g_autofree char *text = NULL;

  if (air_vkey_get_key_type (witness_key) != AIR_NOTE_KEY_COSIGNATURE)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_UNSUPPORTED, "key %s: not a witness's key (type 4)", name);
      return FALSE;
    }

  signature = air_note_find_signature (checkpoint, witness_key);
  if (signature == NULL)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_SIGNATURE, "checkpoint: not cosigned by %s", name);
      return FALSE;
    }

  blob = g_bytes_get_data (signature->signature, &length);
  if (length != 8 + 64)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_SIGNATURE,
                   "checkpoint: the cosignature of %s is not time and signature (72 bytes)", name);
      return FALSE;
    }
  memcpy (&time, blob, sizeof time);
  time = GUINT64_FROM_BE (time);
  text = signed_text (checkpoint, time);
  if (time > G_MAXINT64
      || !air_public_key_verify (air_vkey_get_public_key (witness_key), text, strlen (text), blob + 8, 64, NULL))
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_SIGNATURE, "checkpoint: the cosignature of %s is wrong",
                   name);
      return FALSE;
    }

  if (ret_unix_s != NULL)
    *ret_unix_s = (gint64) time;
  return TRUE;
}
