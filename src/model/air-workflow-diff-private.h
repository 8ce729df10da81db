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
  guint depth; /* of workflows that are steps */
} AirDiff;

/* What a call does to the world, the gravest last. */
typedef enum {
  AIR_DIFF_EFFECT_NONE,
  AIR_DIFF_EFFECT_READ,
  AIR_DIFF_EFFECT_UNKNOWN,
  AIR_DIFF_EFFECT_WRITE,
  AIR_DIFF_EFFECT_IRREVERSIBLE,
  AIR_DIFF_EFFECT_MONEY,
} AirDiffEffect;

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

/* Everything but the order. */
void          air_diff_run             (AirDiff           *self);
AirDiffEffect air_diff_get_call_effect (const AirDiffSide *side,
                                        const AirValue    *node);

/* Workflows that are steps: air-workflow-diff-steps.c. */
AirDiffEffect air_diff_get_effect      (const AirDiffSide *side,
                                        const AirValue    *node,
                                        guint              depth);
void          air_diff_sub_workflow    (AirDiff           *self,
                                        const AirWorkflowNode *before,
                                        const AirWorkflowNode *after);

/* Nodes that came or went, and nodes that stayed. */
void         air_diff_nodes          (AirDiff           *self);
void         air_diff_policy         (AirDiff           *self,
                                      const AirWorkflowNode *before,
                                      const AirWorkflowNode *after);

G_END_DECLS
