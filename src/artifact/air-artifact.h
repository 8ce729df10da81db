/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-key.h"
#include "base/air-value.h"

G_BEGIN_DECLS

#define AIR_ARTIFACT_ERROR (air_artifact_error_quark ())

/**
 * AirArtifactError:
 * @AIR_ARTIFACT_ERROR_LAYOUT: the folder is no OCI layout, or holds something else than one artifact of ours
 * @AIR_ARTIFACT_ERROR_DIGEST: bytes are not those that were digested, or a blob is missing
 * @AIR_ARTIFACT_ERROR_MANIFEST: a manifest has not the form, the media types or the content it must have
 * @AIR_ARTIFACT_ERROR_UNSIGNED: there is no signature at all
 * @AIR_ARTIFACT_ERROR_SIGNATURE: a signature does not hold, or is for something else
 * @AIR_ARTIFACT_ERROR_SIGNER: it holds, but nobody who may sign made it
 * @AIR_ARTIFACT_ERROR_DENIED: that version is published already and is another one
 * @AIR_ARTIFACT_ERROR_UNSUPPORTED: this kind of key or of registry cannot be used
 * @AIR_ARTIFACT_ERROR_NOT_FOUND: the registry has none of that name
 * @AIR_ARTIFACT_ERROR_ACCESS: the registry does not know who asks, or does not let them
 * @AIR_ARTIFACT_ERROR_REGISTRY: the registry is not reached, or answers what it should not
 */
typedef enum {
  AIR_ARTIFACT_ERROR_LAYOUT,
  AIR_ARTIFACT_ERROR_DIGEST,
  AIR_ARTIFACT_ERROR_MANIFEST,
  AIR_ARTIFACT_ERROR_UNSIGNED,
  AIR_ARTIFACT_ERROR_SIGNATURE,
  AIR_ARTIFACT_ERROR_SIGNER,
  AIR_ARTIFACT_ERROR_DENIED,
  AIR_ARTIFACT_ERROR_UNSUPPORTED,
  AIR_ARTIFACT_ERROR_NOT_FOUND,
  AIR_ARTIFACT_ERROR_ACCESS,
  AIR_ARTIFACT_ERROR_REGISTRY,
} AirArtifactError;

GQuark air_artifact_error_quark (void);

#define AIR_ARTIFACT_TYPE           "application/vnd.airails.workflow.v1+json"
#define AIR_COMPILE_PREDICATE_TYPE  "https://airails.dev/compile/v1"

/**
 * AirLayer:
 * @AIR_LAYER_PLAN: what the engine runs
 * @AIR_LAYER_SOURCE: the workflow's source
 * @AIR_LAYER_LOCK: digest of every pack, operation, policy and schema used
 * @AIR_LAYER_POLICIES: the policies
 * @AIR_LAYER_TESTS: what the checks and the tests of the source gave
 * @AIR_N_LAYERS: their number
 *
 * The layers of an artifact, in their order.
 */
typedef enum {
  AIR_LAYER_PLAN,
  AIR_LAYER_SOURCE,
  AIR_LAYER_LOCK,
  AIR_LAYER_POLICIES,
  AIR_LAYER_TESTS,
  AIR_N_LAYERS,
} AirLayer;

/**
 * AirArtifactSignature:
 * @payload: the simple-signing payload, exactly as signed
 * @signature: ASN.1 DER
 *
 * A signature as cosign keeps it.
 */
typedef struct {
  GBytes *payload;
  GBytes *signature;
} AirArtifactSignature;

/**
 * AirArtifactAttestation:
 * @predicate_type: of the in-toto statement
 * @envelope: DSSE
 */
typedef struct {
  char *predicate_type;
  GBytes *envelope;
} AirArtifactAttestation;

/**
 * AirArtifact:
 * @ref_count: see air_artifact_ref()
 * @digest: "sha256:<hex>" of @manifest: the artifact's name everywhere
 * @workflow: the workflow's id
 * @version: its version
 * @reference: "airails/<workflow>", the docker-reference that is signed
 * @manifest: the OCI image manifest, exact bytes
 * @config: the deployment manifest
 * @layers: in the order of #AirLayer
 * @signatures: (element-type AirArtifactSignature): none of them believed yet
 * @attestations: (element-type AirArtifactAttestation): what is said of it
 * @signer: (nullable): URI; set by air_artifact_verify()
 * @signer_key: (nullable): set by air_artifact_verify()
 * @verified: (nullable): one of @signatures; set by air_artifact_verify()
 *
 * One workflow version as it is signed, stored and run. Reference counted; immutable once handed on.
 */
typedef struct _AirArtifact AirArtifact;
struct _AirArtifact {
  gatomicrefcount ref_count;
  char *digest;
  char *workflow;
  char *version;
  char *reference;
  GBytes *manifest;
  GBytes *config;
  GBytes *layers[AIR_N_LAYERS];
  GPtrArray *signatures;
  GPtrArray *attestations;
  char *signer;
  AirPublicKey *signer_key;
  AirArtifactSignature *verified;
};

AirArtifact *air_artifact_pack    (const char    *workflow,
                                   const char    *version,
                                   GBytes        *config,
                                   GBytes *const  layers[AIR_N_LAYERS],
                                   GError       **error);
gboolean     air_artifact_sign    (AirArtifact   *self,
                                   AirPrivateKey *key,
                                   GError       **error);
gboolean     air_artifact_write   (AirArtifact   *self,
                                   const char    *directory,
                                   GError       **error);
AirArtifact *air_artifact_load    (const char    *directory,
                                   GError       **error);
AirArtifact *air_artifact_ref     (AirArtifact   *self);
void         air_artifact_unref   (AirArtifact   *self);

/* --- who may sign ------------------------------------------------------------ */

/**
 * AirSigner:
 * @uri: who it is
 * @key: their key
 * @roles: what they may do: "designer"
 *
 * Somebody whose signature counts. Freed with air_signer_free().
 */
typedef struct {
  char *uri;
  AirPublicKey *key;
  char **roles;
} AirSigner;

void         air_signer_free          (AirSigner       *self);
GPtrArray   *air_signers_from_trust   (const AirValue  *trust,
                                       GError         **error);

gboolean     air_artifact_verify        (AirArtifact    *self,
                                         GPtrArray      *signers,
                                         GError        **error);
AirArtifact *air_artifact_load_verified (const char     *directory,
                                         GPtrArray      *signers,
                                         GError        **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirArtifact, air_artifact_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirSigner, air_signer_free)

G_END_DECLS
