/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"
#include "policy/air-policy.h"

G_BEGIN_DECLS

#define AIR_ENGINE_ERROR (air_engine_error_quark ())

/**
 * AirEngineError:
 * @AIR_ENGINE_ERROR_PLAN: the plan is not one this engine runs
 * @AIR_ENGINE_ERROR_TRIGGER: the event is not what the trigger takes
 * @AIR_ENGINE_ERROR_RECORD: a record does not follow from the state
 * @AIR_ENGINE_ERROR_EVENT: the event does not fit the instance's state
 * @AIR_ENGINE_ERROR_GATE_CLOSED: nobody waits for this decision
 * @AIR_ENGINE_ERROR_GATE_EXPIRED: the gate's deadline has passed
 * @AIR_ENGINE_ERROR_DUPLICATE: this person has decided here before, or a signal of this id came before
 * @AIR_ENGINE_ERROR_FINISHED: nothing after a closing record
 * @AIR_ENGINE_ERROR_DIFFERENCE: a replay came to another record
 */
typedef enum {
  AIR_ENGINE_ERROR_PLAN,
  AIR_ENGINE_ERROR_TRIGGER,
  AIR_ENGINE_ERROR_RECORD,
  AIR_ENGINE_ERROR_EVENT,
  AIR_ENGINE_ERROR_GATE_CLOSED,
  AIR_ENGINE_ERROR_GATE_EXPIRED,
  AIR_ENGINE_ERROR_DUPLICATE,
  AIR_ENGINE_ERROR_FINISHED,
  AIR_ENGINE_ERROR_DIFFERENCE,
} AirEngineError;

GQuark air_engine_error_quark (void);

/**
 * AirNodeKind:
 *
 * What a node of a plan does; the same kinds as in the workflow's source.
 */
typedef enum {
  AIR_NODE_TRIGGER,
  AIR_NODE_CALL,
  AIR_NODE_DECIDE,
  AIR_NODE_BRANCH,
  AIR_NODE_GATE,
  AIR_NODE_WAIT,
  AIR_NODE_EVIDENCE,
  AIR_NODE_END,
  AIR_NODE_PARALLEL,
  AIR_NODE_JOIN,
  AIR_NODE_FOR_EACH,
  AIR_NODE_WORKFLOW,
} AirNodeKind;

const char *air_node_kind_to_string   (AirNodeKind  kind);
gboolean    air_node_kind_from_string (const char  *text,
                                       AirNodeKind *ret_kind);

/**
 * AirPlan:
 *
 * A compiled workflow, every expression and policy in it compiled once.
 * Immutable after loading and reference counted; shared by all instances.
 */
typedef struct _AirPlan AirPlan;

AirPlan    *air_plan_load              (const AirValue     *plan,
                                        const char         *artifact_digest,
                                        GError            **error);
AirPlan    *air_plan_ref               (AirPlan            *self);
void        air_plan_unref             (AirPlan            *self);

void        air_plan_set_authors       (AirPlan            *self,
                                        const char * const *uris);

const char *air_plan_get_workflow      (const AirPlan      *self);
const char *air_plan_get_version       (const AirPlan      *self);
const char *air_plan_get_title         (const AirPlan      *self);
const char *air_plan_get_artifact      (const AirPlan      *self);
AirValue   *air_plan_get_document      (const AirPlan      *self);
AirValue   *air_plan_get_operation     (const AirPlan      *self,
                                        const char         *id);
AirValue   *air_plan_get_connector     (const AirPlan      *self,
                                        const char         *id);
gboolean    air_plan_has_limits        (const AirPlan      *self);
char      **air_plan_list_limits       (const AirPlan      *self,
                                        gint64             *ret_horizon_us);
AirPolicy  *air_plan_get_policy        (const AirPlan      *self,
                                        const char         *id);
const char *air_plan_get_policy_digest (const AirPlan      *self,
                                        const char         *id);

guint       air_plan_get_n_nodes       (const AirPlan      *self);
const char *air_plan_get_node_id       (const AirPlan      *self,
                                        guint               index);
AirNodeKind air_plan_get_node_kind     (const AirPlan      *self,
                                        guint               index);
const char *air_plan_get_node_title    (const AirPlan      *self,
                                        guint               index);
gboolean    air_plan_find_node         (const AirPlan      *self,
                                        const char         *id,
                                        guint              *ret_index);
const char *air_plan_get_trigger       (const AirPlan      *self);

/**
 * AirTriggerKeys:
 * @data: the event's data
 * @dedup_key: (nullable): the same key again is the same trigger
 * @concurrency_key: (nullable): runs of one key go one after the other
 * @requester: (nullable): URI of the person it is for
 * @subject: (nullable): whose data it is
 * @latency_class: (nullable): the event's "latencyclass"
 *
 * What the host needs before there is an instance: the keys a CloudEvent gives. Cleared by air_trigger_keys_clear().
 */
typedef struct {
  AirValue *data;
  char *dedup_key;
  char *concurrency_key;
  char *requester;
  char *subject;
  char *latency_class;
} AirTriggerKeys;

/* No event's deduplication key begins so: it is that of a run which does an ended one's work again. */
#define AIR_RETRY_KEY_PREFIX "airails:retry:"

void        air_trigger_keys_clear     (AirTriggerKeys     *self);
gboolean    air_plan_has_subject       (const AirPlan      *self);
gboolean    air_plan_read_trigger      (const AirPlan      *self,
                                        const char         *node,
                                        const AirValue     *cloud_event,
                                        AirTriggerKeys     *ret_keys,
                                        GError            **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirPlan, air_plan_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AirTriggerKeys, air_trigger_keys_clear)

G_END_DECLS
