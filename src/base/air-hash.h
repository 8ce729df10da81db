/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define AIR_SHA256_SIZE 32

/**
 * AirDigest:
 * @bytes: the hash, as it is
 *
 * A SHA-256. A plain value: copied, compared with air_digest_equal(), never freed.
 */
typedef struct { guint8 bytes[AIR_SHA256_SIZE]; } AirDigest;

AirDigest  air_sha256           (const void      *data,
                                 gsize            length);
AirDigest  air_sha256_parts     (const void      *a,
                                 gsize            a_length,
                                 const void      *b,
                                 gsize            b_length,
                                 const void      *c,
                                 gsize            c_length);
void       air_sha384           (const void      *data,
                                 gsize            length,
                                 guint8           ret[48]);
void       air_sha512           (const void      *data,
                                 gsize            length,
                                 guint8           ret[64]);
gboolean   air_digest_equal     (const AirDigest *a,
                                 const AirDigest *b);
char      *air_digest_to_hex    (const AirDigest *self);
gboolean   air_digest_from_hex  (const char      *hex,
                                 AirDigest       *ret_digest);

char      *air_hex_encode       (const void      *data,
                                 gsize            length);
guint8    *air_hex_decode       (const char      *text,
                                 gsize           *ret_length);
char      *air_base64url_encode (const void      *data,
                                 gsize            length);
gsize      air_base64url_encode_to (const void      *data,
                                 gsize            length,
                                 char            *ret_text);
guint8    *air_base64url_decode (const char      *text,
                                 gsize            length,
                                 gsize           *ret_length);
guint8    *air_base64_decode    (const char      *text,
                                 gsize            length,
                                 gsize           *ret_length);
char      *air_base32_encode    (const void      *data,
                                 gsize            length);
guint8    *air_base32_decode    (const char      *text,
                                 gsize           *ret_length);

G_END_DECLS
