/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

/**
 * AirCelType:
 *
 * A static type, with the data labels (`pii.email`, `untrusted`, `secret`)
 * its values carry. Immutable and reference counted.
 */
typedef struct _AirCelType AirCelType;

/* The first eleven are AirValueKind's. */

/**
 * AirCelTypeKind:
 *
 * The first eleven are those of #AirValueKind, in its order. %AIR_CEL_TYPE_DYN is anything; optionals and network
 * addresses live within an expression only.
 */
typedef enum {
  AIR_CEL_TYPE_NULL,
  AIR_CEL_TYPE_BOOL,
  AIR_CEL_TYPE_INT,
  AIR_CEL_TYPE_UINT,
  AIR_CEL_TYPE_DOUBLE,
  AIR_CEL_TYPE_STRING,
  AIR_CEL_TYPE_BYTES,
  AIR_CEL_TYPE_LIST,
  AIR_CEL_TYPE_MAP,
  AIR_CEL_TYPE_TIMESTAMP,
  AIR_CEL_TYPE_DURATION,
  AIR_CEL_TYPE_TYPE,
  AIR_CEL_TYPE_DYN,
  AIR_CEL_TYPE_OPTIONAL, /* within an expression only, as the two below */
  AIR_CEL_TYPE_IP,
  AIR_CEL_TYPE_CIDR,
} AirCelTypeKind;

/**
 * AirCelFieldFunc:
 * @name: the field's name
 * @type: its type, borrowed
 * @required: whether it is always there
 * @user_data: what was handed to the walk
 */
typedef void (*AirCelFieldFunc) (const char *name,
                                 AirCelType *type,
                                 gboolean    required,
                                 gpointer    user_data);

AirCelType         *air_cel_type_new            (AirCelTypeKind      kind);
AirCelType         *air_cel_type_new_list       (AirCelType         *item);
AirCelType         *air_cel_type_new_map        (AirCelType         *key,
                                                 AirCelType         *value);
AirCelType         *air_cel_type_new_object     (AirCelType         *rest);
void                air_cel_type_add_field      (AirCelType         *object,
                                                 const char         *name,
                                                 AirCelType         *type,
                                                 gboolean            required);
AirCelType         *air_cel_type_with_labels    (AirCelType         *self,
                                                 const char * const *labels);
/* @self with @labels on top of those of one field of it, or of all that are not declared. */
AirCelType         *air_cel_type_with_field_labels (AirCelType      *self,
                                                 const char         *name,
                                                 const char * const *labels);
AirCelType         *air_cel_type_from_schema    (const AirValue     *json_schema,
                                                 GError            **error);

AirCelType         *air_cel_type_ref            (AirCelType         *self);
void                air_cel_type_unref          (AirCelType         *self);

AirCelTypeKind      air_cel_type_get_kind       (const AirCelType   *self);
gboolean            air_cel_type_is_nullable    (const AirCelType   *self);
AirCelType         *air_cel_type_get_item       (const AirCelType   *self);
AirCelType         *air_cel_type_get_key        (const AirCelType   *self);
AirCelType         *air_cel_type_get_field      (const AirCelType   *self,
                                                 const char         *name);
void                air_cel_type_foreach_field  (const AirCelType   *self,
                                                 AirCelFieldFunc     func,
                                                 gpointer            user_data);
const char * const *air_cel_type_get_labels     (const AirCelType   *self);
char              **air_cel_type_dup_all_labels (const AirCelType   *self);
char               *air_cel_type_to_string      (const AirCelType   *self);
gboolean            air_cel_type_accepts        (const AirCelType   *self,
                                                 const AirCelType   *other);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirCelType, air_cel_type_unref)

G_END_DECLS
