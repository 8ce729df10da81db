/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

/* How a registry asks who one is (RFC 7235, and the token flow of the distribution project). Does no I/O but reading the
 * file of credentials. */

typedef struct {
  char *scheme;           /* in lower case: "basic", "bearer" */
  GHashTable *parameters; /* name in lower case → value */
} AirOciChallenge;

/* The first challenge of @header that is basic or bearer; NULL when there is none that can be read. */
AirOciChallenge *air_oci_challenge_parse   (const char            *header);
const char      *air_oci_challenge_get     (const AirOciChallenge *self,
                                            const char            *name);
/* realm?service=…&scope=…; NULL when it has no realm that is an http(s) address. */
char            *air_oci_challenge_get_url (const AirOciChallenge *self);
void             air_oci_challenge_free    (AirOciChallenge       *self);
/* What a token server answered: {"token"} or {"access_token"}. */
char            *air_oci_token_parse       (GBytes                *body,
                                            GError               **error);

/* "Basic …" for @authority from a file as docker, podman, skopeo and oras write it: {"auths":{host:{"auth":…}}}.
 * @path NULL: where they keep it. NULL without @error when nothing is there for this host. */
char            *air_oci_credentials_find  (const char            *path,
                                            const char            *authority,
                                            GError               **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirOciChallenge, air_oci_challenge_free)

G_END_DECLS
