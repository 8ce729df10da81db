/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-key.h"
#include "air-ledger-error.h"

G_BEGIN_DECLS

/* Dead Simple Signing Envelope. */

#define AIR_DSSE_IN_TOTO  "application/vnd.in-toto+json"
#define AIR_DSSE_MAX_SIZE (256 * 1024)

/**
 * AirDsseSignature:
 * @key_id: ours: hexadecimal SHA-256 of the SPKI; a hint, never proof
 * @signature: its bytes
 */
typedef struct {
  char *key_id;
  GBytes *signature;
} AirDsseSignature;

/**
 * AirDsse:
 * @payload_type: the media type of @payload
 * @payload: what is signed, as bytes
 * @signatures: (element-type AirDsseSignature): at least one
 *
 * A Dead Simple Signing Envelope, not verified yet. Freed with air_dsse_free().
 */
typedef struct _AirDsse AirDsse;
struct _AirDsse {
  char *payload_type;
  GBytes *payload;
  GPtrArray *signatures;
};

GBytes  *air_dsse_pae    (const char     *payload_type,
                          GBytes         *payload);
AirDsse *air_dsse_sign   (const char     *payload_type,
                          GBytes         *payload,
                          AirPrivateKey  *key,
                          GError        **error);
AirDsse *air_dsse_parse  (const char     *text,
                          gsize           length,
                          GError        **error);
char    *air_dsse_write  (const AirDsse  *self);
gboolean air_dsse_verify (const AirDsse  *self,
                          AirPublicKey   *key,
                          GError        **error);
void     air_dsse_free   (AirDsse        *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirDsse, air_dsse_free)

G_END_DECLS
