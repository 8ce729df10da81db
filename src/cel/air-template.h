/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cel/air-cel.h"

G_BEGIN_DECLS

/**
 * AirTemplate:
 *
 * A JSON tree whose strings may hold CEL. `"${expr}"` alone keeps the value's
 * type, inside other text it is written out, `"${?expr}"` drops the key (or the
 * list's item) when the value is null or its path is absent, and `$$` is a
 * dollar sign. Keys are never expressions. Immutable, reference counted.
 */
typedef struct _AirTemplate AirTemplate;

/**
 * AirTemplateFunc:
 * @pointer: RFC 6901, where in the tree the string stands
 * @program: its expression, borrowed
 * @optional: whether it is a "${?…}"
 * @user_data: what was handed to the walk
 */
typedef void (*AirTemplateFunc) (const char          *pointer,
                                 const AirCelProgram *program,
                                 gboolean             optional,
                                 gpointer             user_data);

AirTemplate *air_template_compile            (const AirValue    *tree,
                                              const AirCelEnv   *env,
                                              GError           **error);
AirTemplate *air_template_ref                (AirTemplate       *self);
void         air_template_unref              (AirTemplate       *self);
AirValue    *air_template_render             (const AirTemplate *self,
                                              const AirValue    *bindings,
                                              GError           **error);
gboolean     air_template_is_constant        (const AirTemplate *self);
AirCelType  *air_template_get_type           (const AirTemplate *self);
void         air_template_foreach_expression (const AirTemplate *self,
                                              AirTemplateFunc    func,
                                              gpointer           user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirTemplate, air_template_unref)

G_END_DECLS
