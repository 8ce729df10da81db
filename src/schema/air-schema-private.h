/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-schema.h"

G_BEGIN_DECLS

/* Refuses what is no schema of ours. */
gboolean air_schema_check (const AirValue *schema,
                           GError        **error);

/* Where "#…" leads in @root, or NULL. */
const AirValue *air_schema_follow (const AirValue *root,
                                   const char     *reference);

/* The boundary to C++. Nothing throws through it. */
typedef struct _AirJsoncons AirJsoncons;

AirJsoncons *air_jsoncons_new      (const AirValue    *schema,
                                    AirSchemaDialect   dialect,
                                    const AirValue    *documents, /* nullable */
                                    GError           **error);
gboolean     air_jsoncons_validate (const AirJsoncons *self,
                                    const AirValue    *instance,
                                    GPtrArray         *issues,
                                    GError           **error);
void         air_jsoncons_free     (AirJsoncons       *self);

G_END_DECLS
