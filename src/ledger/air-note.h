/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-key.h"
#include "air-ledger-error.h"

G_BEGIN_DECLS

/* C2SP signed-note. */

#define AIR_NOTE_MAX_SIZE       (1024 * 1024)
#define AIR_NOTE_MAX_SIGNATURES 100

/**
 * AirNoteKeyType:
 * @AIR_NOTE_KEY_ED25519: signs notes
 * @AIR_NOTE_KEY_COSIGNATURE: timestamped Ed25519, C2SP tlog-cosignature
 *
 * The algorithm of a note's key; the number is the one of C2SP signed-note.
 */
typedef enum {
  AIR_NOTE_KEY_ED25519     = 1,
  AIR_NOTE_KEY_COSIGNATURE = 4,
} AirNoteKeyType;

/**
 * AirVkey:
 *
 * A verifier key of C2SP signed-note, "name+hex (key id)+base64 (type ‖ key)". Immutable; freed with air_vkey_free().
 */
typedef struct _AirVkey AirVkey;

AirVkey       *air_vkey_new            (const char      *name,
                                        AirNoteKeyType   type,
                                        AirPublicKey    *key,
                                        GError         **error);
AirVkey       *air_vkey_parse          (const char      *text,
                                        GError         **error);
AirVkey       *air_vkey_copy           (const AirVkey   *self);
void           air_vkey_free           (AirVkey         *self);
char          *air_vkey_to_string      (const AirVkey   *self);
const char    *air_vkey_get_name       (const AirVkey   *self);
guint32        air_vkey_get_key_id     (const AirVkey   *self);
AirNoteKeyType air_vkey_get_key_type   (const AirVkey   *self);
AirPublicKey  *air_vkey_get_public_key (const AirVkey   *self);
gboolean       air_vkey_equal          (const AirVkey   *a,
                                        const AirVkey   *b);

/**
 * AirNoteSignature:
 * @name: the key's name
 * @key_id: the key's id
 * @signature: without the key id; for %AIR_NOTE_KEY_COSIGNATURE a big-endian u64 of seconds since the Unix epoch, then
 *   the signature
 *
 * One signature line of a note. Freed with air_note_signature_free().
 */
typedef struct {
  char *name;
  guint32 key_id;
  GBytes *signature;
} AirNoteSignature;

/**
 * AirNote:
 * @text: what is signed; ends in a newline
 * @signatures: (element-type AirNoteSignature): those by keys nobody knows too
 *
 * A C2SP signed-note, not verified by being read. Freed with air_note_free().
 */
typedef struct _AirNote AirNote;
struct _AirNote {
  char *text;
  GPtrArray *signatures;
};

AirNote          *air_note_new            (const char       *text,
                                           GError          **error);
AirNote          *air_note_parse          (const char       *data,
                                           gsize             length,
                                           GError          **error);
char             *air_note_write          (const AirNote    *self);
void              air_note_free           (AirNote          *self);
gboolean          air_note_sign           (AirNote          *self,
                                           const char       *name,
                                           AirPrivateKey    *key,
                                           GError          **error);
void              air_note_add_signature  (AirNote          *self,
                                           AirNoteSignature *take_signature);
gboolean          air_note_verify         (const AirNote    *self,
                                           const AirVkey    *key,
                                           GError          **error);
AirNoteSignature *air_note_find_signature (const AirNote    *self,
                                           const AirVkey    *key);
AirNoteSignature *air_note_signature_new  (const char       *name,
                                           guint32           key_id,
                                           GBytes           *signature);
char             *air_note_signature_to_line   (const AirNoteSignature *self);
AirNoteSignature *air_note_signature_from_line (const char             *line,
                                                gsize                   length,
                                                GError                **error);
void              air_note_signature_free (AirNoteSignature *self);
gboolean          air_note_name_is_valid  (const char       *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirVkey, air_vkey_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirNote, air_note_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirNoteSignature, air_note_signature_free)

G_END_DECLS
