/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "compiler/air-compiler.h"

G_BEGIN_DECLS

/**
 * AirHint:
 * @node: the risky call
 * @operation: what it calls
 * @policy: the template of the pack policy-gates that fits
 * @why: what makes it so
 * @file: (nullable): where it is, when it is not the workflow's own: in one that is a step
 * @gate: (nullable): the gate that shows the call to people already
 * @policy_in_use: (nullable): that gate's policy
 */
typedef struct {
  char *file, *node, *title, *operation;
  const char *policy, *why;
  char *gate, *policy_in_use;
  guint line, column;
} AirHint;

GPtrArray *air_compile_hints    (AirWorkflow *workflow,
                                 GPtrArray   *packs,
                                 GError     **error);
void       air_hint_free        (AirHint     *self);
char      *air_hints_to_text    (GPtrArray   *hints);
AirValue  *air_hints_to_value   (GPtrArray   *hints);

G_END_DECLS
