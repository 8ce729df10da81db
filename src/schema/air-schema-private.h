/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-schema.h"

G_BEGIN_DECLS

/* std::regex recurses for every character it matches: longer strings would overflow the stack. */
#define AIR_SCHEMA_MAX_PATTERN_SUBJECT 2048

/* Refuses what is no schema of ours; tells whether any pattern is used. */
gboolean air_schema_check (const AirValue *schema,
                           gboolean       *ret_has_patterns,
                           GError        **error);

/* The boundary to C++. Nothing throws through it. */
typedef struct _AirJsoncons AirJsoncons;

AirJsoncons *air_jsoncons_new      (const AirValue    *schema,
                                    GError           **error);
gboolean     air_jsoncons_validate (const AirJsoncons *self,
                                    const AirValue    *instance,
                                    GPtrArray         *issues,
                                    GError           **error);
void         air_jsoncons_free     (AirJsoncons       *self);

G_END_DECLS
