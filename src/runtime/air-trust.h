/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-hash.h"
#include "base/air-key.h"
#include "base/air-value.h"
#include "policy/air-permission.h"

G_BEGIN_DECLS

#define AIR_CONFIG_ERROR (air_config_error_quark ())

/**
 * AirConfigError:
 * @AIR_CONFIG_ERROR_INVALID: runtime.json or trust.json is not as it should be; the message names the member
 */
typedef enum { AIR_CONFIG_ERROR_INVALID } AirConfigError;

GQuark air_config_error_quark (void);

/**
 * AirGrant:
 * @role: its name
 * @workflows: (nullable): ids, "name-*"; %NULL: all of the tenant
 * @tenant: (nullable): %NULL: that of the trust roots
 *
 * A role for some workflows only.
 */
typedef struct {
  char *role;
  GStrv workflows;
  char *tenant;
} AirGrant;

/**
 * AirPerson:
 * @uri: who it is
 * @name: (nullable): for people
 * @roles: those that hold here: see air_trust_bind()
 * @grants: (element-type AirGrant): as written
 * @mask: of #AirRole
 * @key: (nullable): what decisions are signed with; %NULL: decides nothing
 */
typedef struct {
  char         *uri;
  char         *name;
  GStrv         roles;
  GPtrArray    *grants;
  guint         mask;
  AirPublicKey *key;
} AirPerson;

/**
 * AirTrust:
 *
 * The pinned trust roots: who may connect, sign artifacts, and decide.
 */
typedef struct {
  char      *tenant;
  char      *ca;       /* PEM */
  GPtrArray *signers;  /* AirPerson */
  GPtrArray *people;   /* AirPerson */
  GStrv      apart;    /* pairs of roles nobody may hold together, besides the built-in ones */
  AirDigest  digest;   /* of the file's bytes */
  AirValue  *document;
} AirTrust;

AirTrust        *air_trust_load        (const char     *path,
                                        GError        **error);
void             air_trust_bind        (AirTrust       *self,
                                        const char     *workflow);
const AirPerson *air_trust_find_uri    (const AirTrust *self,
                                        const char     *uri);
const AirPerson *air_trust_find_key    (const AirTrust *self,
                                        const char     *key_id);
void             air_trust_free        (AirTrust       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirTrust, air_trust_free)

G_END_DECLS
