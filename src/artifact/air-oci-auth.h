/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

/* How a registry asks who one is (RFC 7235, and the token flow of the distribution project). Does no I/O but reading the
 * file of credentials. */

/**
 * AirOciChallenge:
 * @scheme: in lower case: "basic", "bearer"
 * @parameters: (element-type utf8 utf8): name in lower case to value
 *
 * A WWW-Authenticate header (RFC 7235), read. Freed with air_oci_challenge_free().
 */
typedef struct {
  char *scheme;
  GHashTable *parameters;
} AirOciChallenge;

AirOciChallenge *air_oci_challenge_parse   (const char            *header);
const char      *air_oci_challenge_get     (const AirOciChallenge *self,
                                            const char            *name);
char            *air_oci_challenge_get_url (const AirOciChallenge *self);
void             air_oci_challenge_free    (AirOciChallenge       *self);
char            *air_oci_token_parse       (GBytes                *body,
                                            GError               **error);

char            *air_oci_credentials_find  (const char            *path,
                                            const char            *authority,
                                            GError               **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirOciChallenge, air_oci_challenge_free)

G_END_DECLS
