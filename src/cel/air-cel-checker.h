/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cel/air-cel-private.h"

G_BEGIN_DECLS

/* What the checker's two files share. */

typedef struct {
  const char *name;
  AirCelType *type; /* borrowed */
} AirCelCheckedLocal;

typedef struct {
  AirCelProgram *program;
  const AirCelEnv *env; /* nullable */
  gboolean strict;
  AirCelCheckedLocal locals[CEL_MAX_LOCALS];
  guint n_locals;
  GError *error;
} AirCelChecker;

AirCelType *air_cel_check_node (AirCelChecker *self, AirCelNode *node);
AirCelType *air_cel_check_comprehension (AirCelChecker *self, AirCelNode *node);
AirCelType *air_cel_check_bind (AirCelChecker *self, AirCelNode *node);
AirCelType *air_cel_check_optional_map (AirCelChecker *self, AirCelNode *node);
AirCelType *air_cel_check_fail (AirCelChecker *self, const AirCelNode *node, int code, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
/* The type of a result made from @sources. */
AirCelType *air_cel_check_made_of (AirCelTypeKind kind, AirCelType **sources, guint n_sources);

static inline gboolean
air_cel_check_may_be (const AirCelType *type, AirCelTypeKind kind)
{
  return air_cel_type_get_kind (type) == kind || air_cel_type_get_kind (type) == AIR_CEL_TYPE_DYN;
}

G_END_DECLS
