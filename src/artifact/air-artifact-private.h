/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-artifact.h"
#include "air-oci.h"

G_BEGIN_DECLS

#define AIR_COSIGN_IMAGE          "dev.cosignproject.cosign/image"
#define AIR_COSIGN_SIGNATURES     "dev.cosignproject.cosign/sigs"
#define AIR_COSIGN_ATTESTATIONS   "dev.cosignproject.cosign/atts"
#define AIR_COSIGN_SIGNATURE      "dev.cosignproject.cosign/signature"
#define AIR_COSIGN_SIGNATURE_TYPE "application/vnd.dev.cosign.artifact.sig.v1+json"
#define AIR_SIMPLE_SIGNING_TYPE   "application/vnd.dev.cosign.simplesigning.v1+json"
#define AIR_DSSE_ENVELOPE_TYPE    "application/vnd.dsse.envelope.v1+json"
#define AIR_CRITICAL_TYPE         "cosign container image signature"

char                   *air_artifact_make_reference   (const char  *workflow);
AirArtifactSignature   *air_artifact_signature_new    (GBytes      *payload,
                                                       GBytes      *signature);
AirArtifactAttestation *air_artifact_attestation_new  (const char  *predicate_type,
                                                       GBytes      *envelope);
/* "sha256-<hex>.sig": where cosign looks for what belongs to an image. */
char                   *air_artifact_sibling_tag      (const char  *digest,
                                                       const char  *suffix);
AirOciLayout           *air_artifact_to_layout        (AirArtifact *self,
                                                       GError     **error);
/* That what was signed is this artifact, by its name, as an image. */
gboolean                air_artifact_check_payload    (AirArtifact *self,
                                                       GBytes      *payload,
                                                       GError     **error);
/* As air_artifact_load(). */
AirArtifact            *air_artifact_from_layout      (AirOciLayout *layout,
                                                       GError     **error);

G_END_DECLS
