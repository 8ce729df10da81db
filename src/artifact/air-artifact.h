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

typedef enum {
  AIR_LAYER_PLAN,
  AIR_LAYER_SOURCE,
  AIR_LAYER_LOCK,
  AIR_LAYER_POLICIES,
  AIR_LAYER_TESTS, /* what the checks and the tests of the source gave */
  AIR_N_LAYERS,
} AirLayer;

typedef struct {
  GBytes *payload;   /* the simple-signing payload, exactly as signed */
  GBytes *signature; /* ASN.1 DER */
} AirArtifactSignature;

typedef struct {
  char *predicate_type;
  GBytes *envelope; /* DSSE */
} AirArtifactAttestation;

/* One workflow version as it is signed, stored and run. Reference counted; immutable once handed on. */
typedef struct _AirArtifact AirArtifact;
struct _AirArtifact {
  gatomicrefcount ref_count;
  char *digest;    /* "sha256:<hex>" of @manifest: the artifact's name everywhere */
  char *workflow;
  char *version;
  char *reference; /* "airails/<workflow>", the docker-reference that is signed */
  GBytes *manifest;
  GBytes *config;  /* the deployment manifest */
  GBytes *layers[AIR_N_LAYERS];
  GPtrArray *signatures;   /* AirArtifactSignature */
  GPtrArray *attestations; /* AirArtifactAttestation */
  /* Set by air_artifact_verify(): */
  char *signer; /* URI */
  AirPublicKey *signer_key;
  AirArtifactSignature *verified; /* one of @signatures */
};

/* All bytes are JSON. The same input gives the same bytes, on any machine. */
AirArtifact *air_artifact_pack    (const char    *workflow,
                                   const char    *version,
                                   GBytes        *config,
                                   GBytes *const  layers[AIR_N_LAYERS],
                                   GError       **error);
/* Adds a signature and an attestation of what the tests layer says, by an ECDSA P-256 key. Not on a shared artifact. */
gboolean     air_artifact_sign    (AirArtifact   *self,
                                   AirPrivateKey *key,
                                   GError       **error);
/* Writes an OCI layout into @directory: a new or empty folder, or a layout of the same workflow, which it replaces. */
gboolean     air_artifact_write   (AirArtifact   *self,
                                   const char    *directory,
                                   GError       **error);
/* Reads a layout; checks every digest, size and media type, but no signature. */
AirArtifact *air_artifact_load    (const char    *directory,
                                   GError       **error);
AirArtifact *air_artifact_ref     (AirArtifact   *self);
void         air_artifact_unref   (AirArtifact   *self);

/* --- who may sign ------------------------------------------------------------ */

typedef struct {
  char *uri;
  AirPublicKey *key;
  char **roles;
} AirSigner;

void         air_signer_free          (AirSigner       *self);
/* The "signers" of a trust.json: (element-type AirSigner). */
GPtrArray   *air_signers_from_trust   (const AirValue  *trust,
                                       GError         **error);

/* At least one signature must be by one of @signers (AirSigner) with the role "designer", over this manifest, this
 * reference and of the right type. On success the artifact says who it was. */
gboolean     air_artifact_verify        (AirArtifact    *self,
                                         GPtrArray      *signers,
                                         GError        **error);
AirArtifact *air_artifact_load_verified (const char     *directory,
                                         GPtrArray      *signers,
                                         GError        **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirArtifact, air_artifact_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirSigner, air_signer_free)

G_END_DECLS
