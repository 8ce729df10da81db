/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-oci.h"
#include "air-registry.h"

G_BEGIN_DECLS

/**
 * AirOciClient:
 *
 * One registry that speaks the OCI distribution specification 1.1. Calls wait for the answer. Reading, and writing
 * what its digest names, is tried again when the network or the registry fails for a moment.
 */
typedef struct _AirOciClient AirOciClient;

AirOciClient *air_oci_client_new            (const char                *authority,
                                             const AirRegistryOptions  *options,
                                             GError                   **error);
GBytes       *air_oci_client_get_manifest   (AirOciClient              *self,
                                             const char                *repository,
                                             const char                *reference,
                                             GError                   **error);
gboolean      air_oci_client_put_manifest   (AirOciClient              *self,
                                             const char                *repository,
                                             const char                *reference,
                                             GBytes                    *manifest,
                                             GError                   **error);
GBytes       *air_oci_client_get_blob       (AirOciClient              *self,
                                             const char                *repository,
                                             const AirValue            *descriptor,
                                             GError                   **error);
gboolean      air_oci_client_put_blob       (AirOciClient              *self,
                                             const char                *repository,
                                             GBytes                    *blob,
                                             GError                   **error);
char        **air_oci_client_list_tags      (AirOciClient              *self,
                                             const char                *repository,
                                             GError                   **error);
AirValue     *air_oci_client_list_referrers (AirOciClient              *self,
                                             const char                *repository,
                                             const char                *digest,
                                             const char                *artifact_type,
                                             GError                   **error);
void          air_oci_client_free           (AirOciClient              *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirOciClient, air_oci_client_free)

G_END_DECLS
