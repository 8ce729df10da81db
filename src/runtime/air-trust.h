/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-hash.h"
#include "base/air-key.h"
#include "base/air-value.h"

G_BEGIN_DECLS

#define AIR_CONFIG_ERROR (air_config_error_quark ())

/**
 * AirConfigError:
 * @AIR_CONFIG_ERROR_INVALID: runtime.json or trust.json is not as it should be; the message names the member
 */
typedef enum { AIR_CONFIG_ERROR_INVALID } AirConfigError;

GQuark air_config_error_quark (void);

typedef enum {
  AIR_ROLE_OPERATOR = 1 << 0,
  AIR_ROLE_APPROVER = 1 << 1,
  AIR_ROLE_AUDITOR  = 1 << 2,
  AIR_ROLE_DESIGNER = 1 << 3,
  AIR_ROLE_ADMIN    = 1 << 4,
} AirRole;

#define AIR_ROLE_ANY 0x1f

typedef struct {
  char         *uri;
  char         *name;  /* nullable */
  GStrv         roles;
  guint         mask;  /* of AirRole */
  AirPublicKey *key;   /* nullable: decides nothing */
} AirPerson;

/**
 * AirTrust:
 *
 * The pinned trust roots: who may connect, sign artifacts, and decide. Read once, at the start.
 */
typedef struct {
  char      *tenant;
  char      *ca;       /* PEM */
  GPtrArray *signers;  /* AirPerson */
  GPtrArray *people;   /* AirPerson */
  AirDigest  digest;   /* of the file's bytes */
  AirValue  *document;
} AirTrust;

AirTrust        *air_trust_load        (const char     *path,
                                        GError        **error);
const AirPerson *air_trust_find_uri    (const AirTrust *self,
                                        const char     *uri);
const AirPerson *air_trust_find_key    (const AirTrust *self,
                                        const char     *key_id);
char            *air_roles_to_string   (guint           mask); /* "operator or admin" */
void             air_trust_free        (AirTrust       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirTrust, air_trust_free)

G_END_DECLS
