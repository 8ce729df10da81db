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

AirOciClient *air_oci_client_new            (const char                *authority, /* "registry.example[:port]" */
                                             const AirRegistryOptions  *options,
                                             GError                   **error);
/* @reference: a tag or a digest. NULL with AIR_ARTIFACT_ERROR_NOT_FOUND where there is none; with _DIGEST when the bytes
 * are not those the digest, or the registry's own header, names. */
GBytes       *air_oci_client_get_manifest   (AirOciClient              *self,
                                             const char                *repository,
                                             const char                *reference,
                                             GError                   **error);
/* With its subject (nullable): a registry that does not keep referrers gets them kept under the fallback tag. */
gboolean      air_oci_client_put_manifest   (AirOciClient              *self,
                                             const char                *repository,
                                             const char                *reference,
                                             GBytes                    *manifest,
                                             GError                   **error);
/* The blob a descriptor names, checked. */
GBytes       *air_oci_client_get_blob       (AirOciClient              *self,
                                             const char                *repository,
                                             const AirValue            *descriptor,
                                             GError                   **error);
/* Uploads it unless it is there. */
gboolean      air_oci_client_put_blob       (AirOciClient              *self,
                                             const char                *repository,
                                             GBytes                    *blob,
                                             GError                   **error);
char        **air_oci_client_list_tags      (AirOciClient              *self,
                                             const char                *repository,
                                             GError                   **error);
/* The descriptors of what names @digest as its subject: (element-type) of a list; @artifact_type nullable. */
AirValue     *air_oci_client_list_referrers (AirOciClient              *self,
                                             const char                *repository,
                                             const char                *digest,
                                             const char                *artifact_type,
                                             GError                   **error);
void          air_oci_client_free           (AirOciClient              *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirOciClient, air_oci_client_free)

G_END_DECLS
