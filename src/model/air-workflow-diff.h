/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/air-pack.h"
#include "model/air-workflow.h"

G_BEGIN_DECLS

/**
 * AirChangeWeight:
 * @AIR_CHANGE_RISK: what the workflow may do to the world, or who must agree to it
 * @AIR_CHANGE_BEHAVIOUR: what it does, when, with which data
 * @AIR_CHANGE_WORDS: what people read: titles, owner, measures, tests
 */
typedef enum { AIR_CHANGE_RISK, AIR_CHANGE_BEHAVIOUR, AIR_CHANGE_WORDS } AirChangeWeight;

/**
 * AirChange:
 * @id: which kind of change: "money-added", "quorum-lowered", "edge-moved" …; stable
 * @node: (nullable): the node, edge or test it is about
 * @words: in words: "adds a money movement 'Refund' after 'Check order'"
 * @before: (nullable): the value that was
 * @after: (nullable): the value that is
 */
typedef struct {
  AirChangeWeight weight;
  const char *id;
  char *node;
  char *words;
  AirValue *before, *after;
} AirChange;

GPtrArray  *air_workflow_diff           (AirWorkflow *old_workflow,
                                         GPtrArray   *old_packs,
                                         AirWorkflow *new_workflow,
                                         GPtrArray   *new_packs);
void        air_change_free             (AirChange   *self);
const char *air_change_weight_to_string (AirChangeWeight weight);

char       *air_changes_to_text         (GPtrArray   *changes);
AirValue   *air_changes_to_value        (GPtrArray   *changes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirChange, air_change_free)

G_END_DECLS
