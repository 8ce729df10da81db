/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/air-document.h"

G_BEGIN_DECLS

/**
 * AirPackFile:
 * @path: relative to the pack's folder: "ops/shop.order.lookup.json"
 * @bytes: its contents
 *
 * A file of a pack. Freed with air_pack_file_free().
 */
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

AirPack     *air_pack_load             (GPtrArray       *files,
                                        const char      *name,
                                        GError         **error);
AirPack     *air_pack_new_beside       (GPtrArray       *workflows);
AirPack     *air_pack_ref              (AirPack         *self);
void         air_pack_unref            (AirPack         *self);

const char  *air_pack_get_id           (const AirPack   *self);
const char  *air_pack_get_version      (const AirPack   *self);
AirDocument *air_pack_get_document     (const AirPack   *self);
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
const char  *air_pack_get_digest       (const AirPack   *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirPack, air_pack_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirPackFile, air_pack_file_free)

G_END_DECLS
