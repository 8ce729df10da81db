/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

/* The parts of the OCI image specification that an artifact needs. */

#define AIR_OCI_MANIFEST_TYPE    "application/vnd.oci.image.manifest.v1+json"
#define AIR_OCI_INDEX_TYPE       "application/vnd.oci.image.index.v1+json"
#define AIR_OCI_EMPTY_TYPE       "application/vnd.oci.empty.v1+json"
#define AIR_OCI_REF_NAME         "org.opencontainers.image.ref.name"
#define AIR_OCI_MAX_BLOB         (64u << 20)

char     *air_oci_digest         (GBytes          *bytes); /* "sha256:<hex>" */
/* {"mediaType", "digest", "size"} of @bytes; (transfer full), the caller may add annotations. */
AirValue *air_oci_descriptor     (const char      *media_type,
                                  GBytes          *bytes);
const char *air_oci_annotation   (const AirValue  *descriptor,
                                  const char      *name);

/* Content first, index last and atomically: whoever reads sees the old layout or the new one. */
gboolean  air_oci_write_blob     (const char      *directory,
                                  GBytes          *bytes,
                                  GError         **error);
gboolean  air_oci_write_index    (const char      *directory,
                                  const AirValue  *index,
                                  GError         **error);
AirValue *air_oci_read_index     (const char      *directory,
                                  GError         **error);
/* The blob a descriptor names, of its size, its digest and of @media_type. */
GBytes   *air_oci_read_blob      (const char      *directory,
                                  const AirValue  *descriptor,
                                  const char      *media_type,
                                  GError         **error);
/* Removes blobs that are in none of @digests. */
void      air_oci_prune          (const char      *directory,
                                  GPtrArray       *digests);
gboolean  air_oci_is_layout      (const char      *directory);

G_END_DECLS
