/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

#define AIR_RECORD_TRIGGER_RECEIVED       "TRIGGER_RECEIVED"
#define AIR_RECORD_STEP_DECIDED           "STEP_DECIDED"
#define AIR_RECORD_POLICY_EVALUATED       "POLICY_EVALUATED"
#define AIR_RECORD_POLICY_SETTLED         "POLICY_SETTLED"
#define AIR_RECORD_HUMAN_GATE_REQUESTED   "HUMAN_GATE_REQUESTED"
#define AIR_RECORD_HUMAN_GATE_DECISIONED  "HUMAN_GATE_DECISIONED"
#define AIR_RECORD_TOOL_ACTION_STARTED    "TOOL_ACTION_STARTED"
#define AIR_RECORD_TOOL_ACTION_EXECUTED   "TOOL_ACTION_EXECUTED"
#define AIR_RECORD_EVIDENCE_CAPTURED      "EVIDENCE_CAPTURED"
#define AIR_RECORD_ROLLBACK_APPLIED       "ROLLBACK_APPLIED"
#define AIR_RECORD_TIMER                  "TIMER"
#define AIR_RECORD_SIGNAL                 "SIGNAL"
#define AIR_RECORD_RUN_CONTROLLED         "RUN_CONTROLLED"
#define AIR_RECORD_WORKFLOW_COMPLETED     "WORKFLOW_COMPLETED"
#define AIR_RECORD_WORKFLOW_FAILED        "WORKFLOW_FAILED"

/**
 * AirRecord:
 * @type: one of the `AIR_RECORD_*` names
 * @members: (transfer full): the leaf's members of this type, without `v`, `type`, `instance`,
 *   `seq`, `prev`, `time`
 * @disclosed: (nullable) (transfer full): name to value of what is redactable
 *
 * What the engine decided, before the ledger seals it into an entry.
 */
typedef struct {
  char *type;
  AirValue *members;
  AirValue *disclosed;
} AirRecord;

AirRecord *air_record_new   (const char      *type,
                             AirValue        *take_members,
                             AirValue        *take_disclosed /* nullable */);
void       air_record_free  (AirRecord       *self);
gboolean   air_record_equal (const AirRecord *a,
                             const AirRecord *b);

gboolean   air_record_is_from_outside (const AirRecord *self);

gsize      air_record_measure  (const AirValue *value,
                                gsize           limit);
gboolean   air_record_can_hold (const AirValue *value,
                                char          **ret_message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirRecord, air_record_free)

G_END_DECLS
