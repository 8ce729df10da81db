/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/air-document.h"

G_BEGIN_DECLS

/* A file of a pack, its path relative to the pack's folder ("ops/shop.order.lookup.json"). */
typedef struct {
  char *path;
  GBytes *bytes;
} AirPackFile;

AirPackFile   *air_pack_file_new           (const char  *path,
                                            GBytes      *bytes);
void           air_pack_file_free          (AirPackFile *self);

/**
 * AirPack:
 *
 * A pack whose documents were read and found to fit together: every file
 * pack.json names is there and every document is named, ids equal file names,
 * operations name connectors of the pack, egress covers the base URL, scopes are declared,
 * secrets stand in a connector's `auth` only, writes are idempotent or say
 * what they are instead, fixtures cover what the operation lists. Immutable,
 * reference counted.
 */
typedef struct _AirPack AirPack;

/* @files: (element-type AirPackFile), in any order; @name: what messages call the pack's folder */
AirPack     *air_pack_load             (GPtrArray       *files,
                                        const char      *name,
                                        GError         **error);
/**
 * air_pack_new_beside:
 * @workflows: (element-type AirDocument): documents of kind workflow
 *
 * Workflows that stand beside another and may be steps of it, as a pack
 * without a name: its id is "", it has no document and no digest, no workflow
 * names it in its `packs` and all may use what is in it.
 *
 * Returns: (transfer full): the pack
 */
AirPack     *air_pack_new_beside       (GPtrArray       *workflows);
AirPack     *air_pack_ref              (AirPack         *self);
void         air_pack_unref            (AirPack         *self);

const char  *air_pack_get_id           (const AirPack   *self);
const char  *air_pack_get_version      (const AirPack   *self);
AirDocument *air_pack_get_document     (const AirPack   *self); /* pack.json, NULL beside; borrowed, as all below */
AirDocument *air_pack_get_connector    (const AirPack   *self,
                                        const char      *id);
AirDocument *air_pack_get_operation    (const AirPack   *self,
                                        const char      *id);
AirDocument *air_pack_get_fixtures     (const AirPack   *self,
                                        const char      *operation_id);
AirDocument *air_pack_get_policy       (const AirPack   *self,
                                        const char      *id);
AirDocument *air_pack_get_workflow     (const AirPack   *self,
                                        const char      *id);
AirDocument *air_pack_get_component    (const AirPack   *self,
                                        const char      *id);
/* SHA-256 over the sorted paths and contents of all its files: "sha256:hex". */
const char  *air_pack_get_digest       (const AirPack   *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirPack, air_pack_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirPackFile, air_pack_file_free)

G_END_DECLS
