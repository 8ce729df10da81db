/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cel/air-cel-private.h"

G_BEGIN_DECLS

/**
 * AirCelCheckedLocal:
 * @name: the macro's variable
 * @type: its type, borrowed
 *
 * A name that a macro around the node declares.
 */
typedef struct {
  const char *name;
  AirCelType *type;
} AirCelCheckedLocal;

/**
 * AirCelChecker:
 * @program: what is checked; nodes get their slots and types here
 * @env: (nullable): the names that are declared; %NULL for any
 * @strict: whether a type that cannot fit is an error
 * @locals: variables of the macros around the node, innermost last
 * @n_locals: how many
 * @error: the first error, set once
 *
 * What the checker's two files share. Lives on the stack of air_cel_compile().
 */
typedef struct {
  AirCelProgram *program;
  const AirCelEnv *env;
  gboolean strict;
  AirCelCheckedLocal locals[CEL_MAX_LOCALS];
  guint n_locals;
  GError *error;
} AirCelChecker;

/**
 * air_cel_check_node:
 * @self: the checker
 * @node: any node; its names are resolved in place
 *
 * Returns: (transfer full) (nullable): its type, or %NULL with @self's error set to an %AIR_CEL_ERROR
 */
AirCelType *air_cel_check_node (AirCelChecker *self, AirCelNode *node);
AirCelType *air_cel_check_comprehension (AirCelChecker *self, AirCelNode *node);
AirCelType *air_cel_check_bind (AirCelChecker *self, AirCelNode *node);
AirCelType *air_cel_check_optional_map (AirCelChecker *self, AirCelNode *node);

/**
 * air_cel_check_fail:
 * @self: the checker
 * @node: where it is
 * @code: an #AirCelError
 * @format: what is wrong; the place is put before it
 *
 * Keeps the first error and drops later ones.
 *
 * Returns: %NULL, to be returned
 */
AirCelType *air_cel_check_fail (AirCelChecker *self, const AirCelNode *node, int code, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

/**
 * air_cel_check_made_of:
 * @kind: the kind of the result
 * @sources: types it was made from
 * @n_sources: how many
 *
 * Labels flow: the result carries those of all its sources, but a bool or a type tells so little that it carries
 * fewer.
 *
 * Returns: (transfer full): the type of the result
 */
AirCelType *air_cel_check_made_of (AirCelTypeKind kind, AirCelType **sources, guint n_sources);

static inline gboolean
air_cel_check_may_be (const AirCelType *type, AirCelTypeKind kind)
{
  return air_cel_type_get_kind (type) == kind || air_cel_type_get_kind (type) == AIR_CEL_TYPE_DYN;
}

G_END_DECLS
