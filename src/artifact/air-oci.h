/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

/* The parts of the OCI image specification that an artifact needs. */

#define AIR_OCI_MANIFEST_TYPE    "application/vnd.oci.image.manifest.v1+json"
#define AIR_OCI_INDEX_TYPE       "application/vnd.oci.image.index.v1+json"
#define AIR_OCI_EMPTY_TYPE       "application/vnd.oci.empty.v1+json"
#define AIR_OCI_KIND             "kind" /* cosign's, in an index */
#define AIR_OCI_REF_NAME         "org.opencontainers.image.ref.name"
#define AIR_OCI_MAX_BLOB         (64u << 20)

char     *air_oci_digest         (GBytes          *bytes);
AirValue *air_oci_descriptor     (const char      *media_type,
                                  GBytes          *bytes);
const char *air_oci_annotation   (const AirValue  *descriptor,
                                  const char      *name);

gboolean  air_oci_is_layout      (const char      *directory);
gboolean  air_oci_is_digest      (const char      *text);

/**
 * AirOciLayout:
 *
 * An image layout: an index and the blobs it leads to, in a folder or in memory.
 */
typedef struct {
  char *name;        /* what messages call it */
  char *directory;   /* NULL: in memory */
  AirValue *index;
  GHashTable *blobs; /* digest → GBytes; in memory only */
} AirOciLayout;

AirOciLayout *air_oci_layout_new      (const char      *name);
AirOciLayout *air_oci_layout_open     (const char      *directory,
                                       GError         **error);
void          air_oci_layout_add_blob (AirOciLayout    *self,
                                       GBytes          *bytes);
void          air_oci_layout_add_root (AirOciLayout    *self,
                                       GBytes          *manifest,
                                       const char      *kind,
                                       const char      *tag,
                                       const char      *artifact_type);
GBytes       *air_oci_layout_read     (AirOciLayout    *self,
                                       const AirValue  *descriptor,
                                       const char      *media_type,
                                       GError         **error);
gboolean      air_oci_layout_write    (AirOciLayout    *self,
                                       const char      *directory,
                                       GError         **error);
void          air_oci_layout_free     (AirOciLayout    *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirOciLayout, air_oci_layout_free)

G_END_DECLS
