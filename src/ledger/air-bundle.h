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

AirBundleBuilder *air_bundle_builder_new             (const char        *instance,
                                                      const char        *checkpoint,
                                                      const char        *audience);
void              air_bundle_builder_free            (AirBundleBuilder  *self);
void              air_bundle_builder_add_entry       (AirBundleBuilder  *self,
                                                      guint64            index,
                                                      GBytes            *leaf,
                                                      GPtrArray         *disclosures,
                                                      GArray            *proof);
void              air_bundle_builder_add_key         (AirBundleBuilder  *self,
                                                      const AirVkey     *key);
void              air_bundle_builder_add_approver    (AirBundleBuilder  *self,
                                                      AirPublicKey      *key);
void              air_bundle_builder_set_policy      (AirBundleBuilder  *self,
                                                      const char        *tlog_policy);
void              air_bundle_builder_set_timestamp   (AirBundleBuilder  *self,
                                                      GBytes            *tsr);
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
                                                      GError           **error);

GBytes           *air_bundle_artifact_signature      (GBytes            *payload,
                                                      GBytes            *signature,
                                                      AirPublicKey      *key,
                                                      GError           **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirBundleBuilder, air_bundle_builder_free)

G_END_DECLS
