/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-hash.h"
#include "air-ledger-error.h"

G_BEGIN_DECLS

/* RFC 3161: somebody outside says that these bytes were there at that time. */

#define AIR_TIMESTAMP_MAX_SIZE (64 * 1024)

/**
 * AirTimestamp:
 * @time_us: when the authority says it saw the digest
 * @imprint: SHA-256 of what was stamped
 * @nonce: of the request, upper-case hex of the DER integer; %NULL when there is none
 * @policy: the authority's policy, dotted decimal
 * @serial: upper-case hex
 * @authority: the name in the signer's certificate; %NULL as long as nobody has verified it
 */
typedef struct _AirTimestamp AirTimestamp;
struct _AirTimestamp {
  gint64 time_us;
  AirDigest imprint;
  char *nonce;
  char *policy;
  char *serial;
  char *authority;
};

/**
 * AirTimestampTrust:
 *
 * Whose time counts: certificates of authorities or of their issuers. Immutable; freed with
 * air_timestamp_trust_free().
 */
typedef struct _AirTimestampTrust AirTimestampTrust;

AirTimestampTrust *air_timestamp_trust_new  (const char               *pem,
                                             gsize                     length,
                                             GError                  **error);
void               air_timestamp_trust_free (AirTimestampTrust        *self);

GBytes       *air_timestamp_request (const AirDigest          *imprint,
                                     const guint8              nonce[8]);
char         *air_timestamp_nonce_to_text (const guint8        nonce[8]);
AirTimestamp *air_timestamp_parse   (GBytes                   *response,
                                     GError                  **error);
AirTimestamp *air_timestamp_open    (GBytes                   *response,
                                     const AirTimestampTrust  *trust,
                                     GError                  **error);
void          air_timestamp_free    (AirTimestamp             *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirTimestamp, air_timestamp_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirTimestampTrust, air_timestamp_trust_free)

G_END_DECLS
