/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-note.h"

#include <string.h>

#include "base/air-hash.h"

#define EM_DASH "\342\200\224" /* U+2014 */

struct _AirVkey {
  char *name;
  AirPublicKey *key;
  guint32 key_id;
  AirNoteKeyType type;
};

static gboolean
malformed (GError **error, const char *words)
{
  g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "%s", words);
  return FALSE;
}

/**
 * air_note_name_is_valid:
 * @name: a key name
 *
 * Not empty, UTF-8, neither spaces nor '+' (C2SP signed-note).
 *
 * Returns: whether it is
 */
gboolean
air_note_name_is_valid (const char *name)
{
  if (name == NULL || *name == '\0' || !g_utf8_validate (name, -1, NULL))
    return FALSE;
  for (const char *c = name; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar u = g_utf8_get_char (c);

      if (u == '+' || g_unichar_isspace (u) || g_unichar_iscntrl (u))
        return FALSE;
    }
  return TRUE;
}

static guint32
read_u32 (const guint8 *bytes)
{
  return (guint32) bytes[0] << 24 | (guint32) bytes[1] << 16 | (guint32) bytes[2] << 8 | bytes[3];
}

static void
write_u32 (guint8 *bytes, guint32 number)
{
  for (guint i = 0; i < 4; i++)
    bytes[i] = (guint8) (number >> (24 - 8 * i));
}

/* SHA-256 (name ‖ 0A ‖ type ‖ key)[:4] */
static guint32
compute_key_id (const char *name, AirNoteKeyType type, const guint8 raw[32])
{
  const guint8 middle[2] = { '\n', (guint8) type };
  AirDigest digest = air_sha256_parts (name, strlen (name), middle, sizeof middle, raw, 32);

  return read_u32 (digest.bytes);
}

/**
 * air_vkey_new:
 * @name: the key's name; a log's is its origin
 * @type: what the key signs
 * @key: an Ed25519 key
 * @error: return location
 *
 * Fails with %AIR_LEDGER_ERROR_MALFORMED on the name, with
 * %AIR_LEDGER_ERROR_UNSUPPORTED on another kind of key.
 *
 * Returns: (transfer full): the key, or %NULL
 */
AirVkey *
air_vkey_new (const char *name, AirNoteKeyType type, AirPublicKey *key, GError **error)
{
  const guint8 *raw = air_public_key_get_ed25519 (key);
  AirVkey *self;

  if (!air_note_name_is_valid (name))
    {
      malformed (error, "verifier key: the name is empty or holds a space or '+'");
      return NULL;
    }
  if (raw == NULL || (type != AIR_NOTE_KEY_ED25519 && type != AIR_NOTE_KEY_COSIGNATURE))
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_UNSUPPORTED,
                   "verifier key %s: only Ed25519 keys (types 1 and 4) sign notes here", name);
      return NULL;
    }

  self = g_new0 (AirVkey, 1);
  self->name = g_strdup (name);
  self->type = type;
  self->key = air_public_key_ref (key);
  self->key_id = compute_key_id (name, type, raw);
  return self;
}

/**
 * air_vkey_parse:
 * @text: "name+hex (key id)+base64 (type ‖ key)"
 * @error: return location
 *
 * Fails with %AIR_LEDGER_ERROR_MALFORMED (also when the key id is not that of
 * name and key), %AIR_LEDGER_ERROR_UNSUPPORTED, or %AIR_CRYPTO_ERROR_BAD_KEY.
 *
 * Returns: (transfer full): the key, or %NULL
 */
AirVkey *
air_vkey_parse (const char *text, GError **error)
{
  g_autoptr (AirVkey) self = NULL;
  g_autoptr (AirPublicKey) key = NULL;
  g_autofree char *name = NULL;
  g_autofree char *canonical = NULL;
  g_autofree guint8 *raw = NULL;
  const char *first, *second;
  gsize length;

  g_return_val_if_fail (text != NULL, NULL);

  first = strchr (text, '+');
  second = first != NULL ? strchr (first + 1, '+') : NULL;
  if (second == NULL || second - first != 9)
    {
      malformed (error, "verifier key: not of the form name+keyid+key");
      return NULL;
    }
  raw = air_base64_decode (second + 1, strlen (second + 1), &length);
  if (raw == NULL || length < 1)
    {
      malformed (error, "verifier key: the key is not base64");
      return NULL;
    }
  if ((raw[0] != AIR_NOTE_KEY_ED25519 && raw[0] != AIR_NOTE_KEY_COSIGNATURE) || length != 33)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_UNSUPPORTED,
                   "verifier key: type %u with %" G_GSIZE_FORMAT " bytes; types 1 and 4 (Ed25519) are known", raw[0],
                   length - 1);
      return NULL;
    }

  key = air_public_key_new_ed25519 (raw + 1, error);
  if (key == NULL)
    {
      g_prefix_error (error, "verifier key: ");
      return NULL;
    }
  name = g_strndup (text, (gsize) (first - text));
  self = air_vkey_new (name, (AirNoteKeyType) raw[0], key, error);
  if (self == NULL)
    return NULL;

  canonical = air_vkey_to_string (self);
  if (!g_str_equal (canonical, text))
    {
      malformed (error, "verifier key: the key id is not that of name and key");
      return NULL;
    }
  return g_steal_pointer (&self);
}

AirVkey *
air_vkey_copy (const AirVkey *self)
{
  AirVkey *copy = g_new0 (AirVkey, 1);

  *copy = *self;
  copy->name = g_strdup (self->name);
  air_public_key_ref (self->key);
  return copy;
}

void
air_vkey_free (AirVkey *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_clear_pointer (&self->key, air_public_key_unref);
  g_free (self);
}

/**
 * air_vkey_to_string:
 * @self: a verifier key
 *
 * Returns: (transfer full): without a newline
 */
char *
air_vkey_to_string (const AirVkey *self)
{
  guint8 raw[33];
  g_autofree char *text = NULL;

  raw[0] = (guint8) self->type;
  memcpy (raw + 1, air_public_key_get_ed25519 (self->key), 32);
  text = g_base64_encode (raw, sizeof raw);
  return g_strdup_printf ("%s+%08x+%s", self->name, self->key_id, text);
}

/**
 * air_vkey_get_name:
 * @self: a key
 *
 * Returns: (transfer none): its name, which for a log is the origin of its checkpoints
 */
const char *
air_vkey_get_name (const AirVkey *self)
{
  return self->name;
}

/**
 * air_vkey_get_key_id:
 * @self: a key
 *
 * Returns: the first four bytes of SHA-256 (name ‖ "\n" ‖ type ‖ key), big-endian: a hint for finding a signature
 */
guint32
air_vkey_get_key_id (const AirVkey *self)
{
  return self->key_id;
}

/**
 * air_vkey_get_key_type:
 * @self: a key
 *
 * Returns: whether it signs notes or cosigns checkpoints
 */
AirNoteKeyType
air_vkey_get_key_type (const AirVkey *self)
{
  return self->type;
}

/**
 * air_vkey_get_public_key:
 * @self: a key
 *
 * Returns: (transfer none): the Ed25519 key itself
 */
AirPublicKey *
air_vkey_get_public_key (const AirVkey *self)
{
  return self->key;
}

/**
 * air_vkey_equal:
 * @a: a key
 * @b: another
 *
 * Returns: whether name, type and key are the same
 */
gboolean
air_vkey_equal (const AirVkey *a, const AirVkey *b)
{
  return a->type == b->type && g_str_equal (a->name, b->name)
         && memcmp (air_public_key_get_ed25519 (a->key), air_public_key_get_ed25519 (b->key), 32) == 0;
}

/* --- signatures ------------------------------------------------------------ */

/**
 * air_note_signature_new:
 * @name: the key's name
 * @key_id: the key's id
 * @signature: without the key id
 *
 * Returns: (transfer full): a signature to add to a note
 */
AirNoteSignature *
air_note_signature_new (const char *name, guint32 key_id, GBytes *signature)
{
  AirNoteSignature *self = g_new0 (AirNoteSignature, 1);

  self->name = g_strdup (name);
  self->key_id = key_id;
  self->signature = g_bytes_ref (signature);
  return self;
}

void
air_note_signature_free (AirNoteSignature *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_clear_pointer (&self->signature, g_bytes_unref);
  g_free (self);
}

/**
 * air_note_signature_to_line:
 * @self: a signature
 *
 * Returns: (transfer full): the line, "— name base64\n"
 */
char *
air_note_signature_to_line (const AirNoteSignature *self)
{
  gsize length;
  const guint8 *signature = g_bytes_get_data (self->signature, &length);
  g_autofree guint8 *blob = g_malloc (4 + length);
  g_autofree char *text = NULL;

  write_u32 (blob, self->key_id);
  memcpy (blob + 4, signature, length);
  text = g_base64_encode (blob, 4 + length);
  return g_strdup_printf (EM_DASH " %s %s\n", self->name, text);
}

/**
 * air_note_signature_from_line:
 * @line: the line without its newline
 * @length: its bytes
 * @error: return location
 *
 * Fails with %AIR_LEDGER_ERROR_MALFORMED.
 *
 * Returns: (transfer full): the signature, not verified; or %NULL
 */
AirNoteSignature *
air_note_signature_from_line (const char *line, gsize length, GError **error)
{
  const gsize dash = strlen (EM_DASH " ");
  g_autofree char *name = NULL;
  g_autofree guint8 *blob = NULL;
  g_autoptr (GBytes) signature = NULL;
  const char *space;
  gsize blob_length;

  if (length < dash || memcmp (line, EM_DASH " ", dash) != 0)
    {
      malformed (error, "note: a signature line does not begin with a dash (U+2014) and a space");
      return NULL;
    }
  line += dash;
  length -= dash;

  space = memchr (line, ' ', length);
  name = space != NULL ? g_strndup (line, (gsize) (space - line)) : NULL;
  if (name == NULL || strlen (name) != (gsize) (space - line) || !air_note_name_is_valid (name))
    {
      malformed (error, "note: a signature line has no valid key name");
      return NULL;
    }

  blob = air_base64_decode (space + 1, length - (gsize) (space + 1 - line), &blob_length);
  if (blob == NULL || blob_length < 5)
    {
      malformed (error, "note: a signature is not base64 of key id and signature");
      return NULL;
    }
  signature = g_bytes_new (blob + 4, blob_length - 4);
  return air_note_signature_new (name, read_u32 (blob), signature);
}

/* --- notes ----------------------------------------------------------------- */

static gboolean
check_text (const char *text, gsize length, GError **error)
{
  if (length == 0 || text[length - 1] != '\n')
    return malformed (error, "note: the text does not end in a newline");
  if (!g_utf8_validate (text, (gssize) length, NULL))
    return malformed (error, "note: the text is not UTF-8");
  for (gsize i = 0; i < length; i++)
    if ((guchar) text[i] < 0x20 && text[i] != '\n')
      return malformed (error, "note: a control character stands in the text");
  return TRUE;
}

/**
 * air_note_new:
 * @text: ends in a newline
 * @error: return location
 *
 * A note that nobody has signed yet. Fails with %AIR_LEDGER_ERROR_MALFORMED.
 *
 * Returns: (transfer full): a note without signatures, or %NULL
 */
AirNote *
air_note_new (const char *text, GError **error)
{
  AirNote *self;

  if (!check_text (text, strlen (text), error))
    return NULL;

  self = g_new0 (AirNote, 1);
  self->text = g_strdup (text);
  self->signatures = g_ptr_array_new_with_free_func ((GDestroyNotify) air_note_signature_free);
  return self;
}

static const char *
find_last_blank_line (const char *data, gsize length)
{
  for (gsize i = length; i >= 2; i--)
    if (data[i - 1] == '\n' && data[i - 2] == '\n')
      return data + i - 1;
  return NULL;
}

/**
 * air_note_parse:
 * @data: a signed note
 * @length: its bytes
 * @error: return location
 *
 * C2SP signed-note, strictly; says nothing yet about whether a signature is right.
 * Fails with %AIR_LEDGER_ERROR_MALFORMED or %AIR_LEDGER_ERROR_TOO_LARGE.
 *
 * Returns: (transfer full): the note, not verified; or %NULL
 */
AirNote *
air_note_parse (const char *data, gsize length, GError **error)
{
  g_autoptr (AirNote) self = NULL;
  g_autofree char *text = NULL;
  const char *blank, *line, *end = data + length;

  if (length > AIR_NOTE_MAX_SIZE)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_TOO_LARGE, "note: more than %d bytes", AIR_NOTE_MAX_SIZE);
      return NULL;
    }
  if (!check_text (data, length, error))
    return NULL;

  blank = find_last_blank_line (data, length);
  if (blank == NULL || blank + 1 == end)
    {
      malformed (error, "note: no blank line with signatures after it");
      return NULL;
    }

  text = g_strndup (data, (gsize) (blank - data));
  self = air_note_new (text, error);
  if (self == NULL)
    return NULL;

  for (line = blank + 1; line < end;)
    {
      const char *newline = memchr (line, '\n', (gsize) (end - line));
      AirNoteSignature *signature = air_note_signature_from_line (line, (gsize) (newline - line), error);

      if (signature == NULL)
        return NULL;
      g_ptr_array_add (self->signatures, signature);
      if (self->signatures->len > AIR_NOTE_MAX_SIGNATURES)
        {
          g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_TOO_LARGE, "note: more than %d signatures",
                       AIR_NOTE_MAX_SIGNATURES);
          return NULL;
        }
      line = newline + 1;
    }

  return g_steal_pointer (&self);
}

/**
 * air_note_write:
 * @self: a note with at least one signature
 *
 * Returns: (transfer full): the signed note
 */
char *
air_note_write (const AirNote *self)
{
  GString *out = g_string_new (self->text);

  g_string_append_c (out, '\n');
  for (guint i = 0; i < self->signatures->len; i++)
    {
      g_autofree char *line = air_note_signature_to_line (g_ptr_array_index (self->signatures, i));

      g_string_append (out, line);
    }
  return g_string_free (out, FALSE);
}

void
air_note_free (AirNote *self)
{
  if (self == NULL)
    return;
  g_free (self->text);
  g_clear_pointer (&self->signatures, g_ptr_array_unref);
  g_free (self);
}

/**
 * air_note_sign:
 * @self: a note
 * @name: the key's name
 * @key: an Ed25519 key
 * @error: return location
 *
 * Adds a signature of type 1. Fails with %AIR_LEDGER_ERROR_UNSUPPORTED as air_vkey_new(), or with
 * %AIR_CRYPTO_ERROR_FAILED as air_private_key_sign().
 *
 * Returns: whether it could; else nothing is added
 */
gboolean
air_note_sign (AirNote *self, const char *name, AirPrivateKey *key, GError **error)
{
  g_autoptr (AirVkey) vkey = air_vkey_new (name, AIR_NOTE_KEY_ED25519, air_private_key_get_public (key), error);
  g_autoptr (GBytes) signature = NULL;

  if (vkey == NULL)
    return FALSE;
  signature = air_private_key_sign (key, self->text, strlen (self->text), error);
  if (signature == NULL)
    return FALSE;
  air_note_add_signature (self, air_note_signature_new (name, vkey->key_id, signature));
  return TRUE;
}

/**
 * air_note_add_signature:
 * @self: a note
 * @take_signature: (transfer full): not checked
 */
void
air_note_add_signature (AirNote *self, AirNoteSignature *take_signature)
{
  g_ptr_array_add (self->signatures, take_signature);
}

/**
 * air_note_find_signature:
 * @self: a note
 * @key: whose signature
 *
 * By name and key id alone; it may still be wrong.
 *
 * Returns: (transfer none) (nullable): the signature, %NULL when there is none
 */
AirNoteSignature *
air_note_find_signature (const AirNote *self, const AirVkey *key)
{
  for (guint i = 0; i < self->signatures->len; i++)
    {
      AirNoteSignature *signature = g_ptr_array_index (self->signatures, i);

      if (signature->key_id == key->key_id && g_str_equal (signature->name, key->name))
        return signature;
    }
  return NULL;
}

/**
 * air_note_verify:
 * @self: a note
 * @key: a key of type 1
 * @error: return location
 *
 * That @key signed the text. Fails with %AIR_LEDGER_ERROR_SIGNATURE, or with
 * %AIR_LEDGER_ERROR_UNSUPPORTED for a cosignature key: see air_cosignature_verify().
 *
 * Returns: whether it holds
 */
gboolean
air_note_verify (const AirNote *self, const AirVkey *key, GError **error)
{
  AirNoteSignature *signature;

  if (key->type != AIR_NOTE_KEY_ED25519)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_UNSUPPORTED,
                   "key %s: a witness's key; it cosigns and does not sign", key->name);
      return FALSE;
    }

  signature = air_note_find_signature (self, key);
  if (signature == NULL)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_SIGNATURE, "note: not signed by %s with key id %08x",
                   key->name, key->key_id);
      return FALSE;
    }
  if (!air_public_key_verify (key->key, self->text, strlen (self->text), g_bytes_get_data (signature->signature, NULL),
                              g_bytes_get_size (signature->signature), NULL))
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_SIGNATURE,
                   "note: the signature of %s with key id %08x is wrong", key->name, key->key_id);
      return FALSE;
    }
  return TRUE;
}
