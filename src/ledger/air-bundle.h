/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-key.h"
#include "air-note.h"
#include "air-zip.h"

G_BEGIN_DECLS

/**
 * AirBundleBuilder:
 *
 * Puts together what proves one run to somebody outside: everything is handed
 * in as bytes, the result is a list of files in the order of docs/proofs.md.
 */
typedef struct _AirBundleBuilder AirBundleBuilder;

/* @checkpoint: the signed note with its cosignatures; @audience: whom the disclosures are for (a URI). */
AirBundleBuilder *air_bundle_builder_new             (const char        *instance,
                                                      const char        *checkpoint,
                                                      const char        *audience);
void              air_bundle_builder_free            (AirBundleBuilder  *self);
/* All entries of the instance, and those of the system chain that show enrolments and epochs.
 * @disclosures: char *, nullable, only what this reader may see; @proof: the inclusion proof in the checkpoint's tree. */
void              air_bundle_builder_add_entry       (AirBundleBuilder  *self,
                                                      guint64            index,
                                                      GBytes            *leaf,
                                                      GPtrArray         *disclosures,
                                                      GArray            *proof);
void              air_bundle_builder_add_key         (AirBundleBuilder  *self,
                                                      const AirVkey     *key); /* the log's, the witnesses' */
void              air_bundle_builder_add_approver    (AirBundleBuilder  *self,
                                                      AirPublicKey      *key);
void              air_bundle_builder_set_policy      (AirBundleBuilder  *self,
                                                      const char        *tlog_policy); /* else: the first log key, quorum none */
void              air_bundle_builder_set_timestamp   (AirBundleBuilder  *self,
                                                      GBytes            *tsr);
/* @signature: see air_bundle_artifact_signature(); @plan (nullable): the plan layer, which lets guards be checked. */
void              air_bundle_builder_set_artifact    (AirBundleBuilder  *self,
                                                      GBytes            *manifest,
                                                      GBytes            *config,
                                                      GBytes            *signature,
                                                      GBytes            *plan);
void              air_bundle_builder_add_attestation (AirBundleBuilder  *self,
                                                      const char        *session,
                                                      const char        *name,
                                                      GBytes            *data);
GPtrArray        *air_bundle_builder_finish          (AirBundleBuilder  *self,
                                                      GError           **error); /* AirFile */

/* artifact/signature.json: the simple-signing payload, its signature, the signer's public key. */
GBytes           *air_bundle_artifact_signature      (GBytes            *payload,
                                                      GBytes            *signature,
                                                      AirPublicKey      *key,
                                                      GError           **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirBundleBuilder, air_bundle_builder_free)

G_END_DECLS
