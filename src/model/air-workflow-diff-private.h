/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/air-workflow-diff.h"

G_BEGIN_DECLS

typedef struct {
  AirWorkflow *workflow;
  GPtrArray *packs; /* nullable */
  AirValue *source;
} AirDiffSide;

typedef struct {
  AirDiffSide before, after;
  GPtrArray *changes;
} AirDiff;

void         air_diff_add            (AirDiff           *self,
                                      AirChangeWeight    weight,
                                      const char        *id,
                                      const char        *node,   /* nullable */
                                      const AirValue    *before, /* nullable */
                                      const AirValue    *after,  /* nullable */
                                      const char        *format,
                                      ...) G_GNUC_PRINTF (7, 8);
AirDocument *air_diff_find_operation (const AirDiffSide *side,
                                      const char        *id);
AirDocument *air_diff_find_policy    (const AirDiffSide *side,
                                      const char        *id);
/* "after 'Check order'", "at the start", "without a way to it" */
char        *air_diff_dup_where      (const AirDiffSide *side,
                                      const AirWorkflowNode *node);
/* A value as people read it, short. */
char        *air_diff_dup_value      (const AirValue    *value);

/* Nodes that came or went, and nodes that stayed. */
void         air_diff_nodes          (AirDiff           *self);
void         air_diff_policy         (AirDiff           *self,
                                      const AirWorkflowNode *before,
                                      const AirWorkflowNode *after);

G_END_DECLS
