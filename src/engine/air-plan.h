/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"
#include "policy/air-policy.h"

G_BEGIN_DECLS

#define AIR_ENGINE_ERROR (air_engine_error_quark ())

typedef enum {
  AIR_ENGINE_ERROR_PLAN,        /* the plan is not one this engine runs */
  AIR_ENGINE_ERROR_TRIGGER,     /* the event is not what the trigger takes */
  AIR_ENGINE_ERROR_RECORD,      /* a record does not follow from the state */
  AIR_ENGINE_ERROR_EVENT,       /* the event does not fit the instance's state */
  AIR_ENGINE_ERROR_GATE_CLOSED, /* nobody waits for this decision */
  AIR_ENGINE_ERROR_GATE_EXPIRED,
  AIR_ENGINE_ERROR_DUPLICATE,   /* this person has decided here before */
  AIR_ENGINE_ERROR_FINISHED,    /* nothing after a closing record */
  AIR_ENGINE_ERROR_DIFFERENCE,  /* a replay came to another record */
} AirEngineError;

GQuark air_engine_error_quark (void);

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

/* @artifact_digest: "sha256:hex"; AIR_ENGINE_ERROR_PLAN names the node and the mend. */
AirPlan    *air_plan_load              (const AirValue     *plan,
                                        const char         *artifact_digest,
                                        GError            **error);
AirPlan    *air_plan_ref               (AirPlan            *self);
void        air_plan_unref             (AirPlan            *self);

/* Who authored the artifact (URIs of its signers), for separation of duties.
 * Part of loading: call it before the first instance. */
void        air_plan_set_authors       (AirPlan            *self,
                                        const char * const *uris);

const char *air_plan_get_workflow      (const AirPlan      *self);
const char *air_plan_get_version       (const AirPlan      *self);
const char *air_plan_get_title         (const AirPlan      *self);
const char *air_plan_get_artifact      (const AirPlan      *self);
AirValue   *air_plan_get_document      (const AirPlan      *self); /* borrowed, as all below */
AirValue   *air_plan_get_operation     (const AirPlan      *self,
                                        const char         *id);   /* the operation's document, or NULL */
AirValue   *air_plan_get_connector     (const AirPlan      *self,
                                        const char         *id);
gboolean    air_plan_has_limits        (const AirPlan      *self); /* then somebody must count what is used */
/* The ids of its limits and budgets, and how far back they look (in microseconds; 0: for good). */
char      **air_plan_list_limits       (const AirPlan      *self,
                                        gint64             *ret_horizon_us);
AirPolicy  *air_plan_get_policy        (const AirPlan      *self,
                                        const char         *id);   /* borrowed, or NULL */
const char *air_plan_get_policy_digest (const AirPlan      *self,
                                        const char         *id);   /* "sha256:hex", or NULL */

guint       air_plan_get_n_nodes       (const AirPlan      *self);
const char *air_plan_get_node_id       (const AirPlan      *self,
                                        guint               index);
AirNodeKind air_plan_get_node_kind     (const AirPlan      *self,
                                        guint               index);
const char *air_plan_get_node_title    (const AirPlan      *self,
                                        guint               index);
/* @id: a node's id, or a step's "<node>@<iteration>" */
gboolean    air_plan_find_node         (const AirPlan      *self,
                                        const char         *id,
                                        guint              *ret_index);
const char *air_plan_get_trigger       (const AirPlan      *self); /* the trigger node's id */

/* What the host needs before there is an instance: the keys a CloudEvent gives. */
typedef struct {
  AirValue *data;        /* the event's data */
  char *dedup_key;       /* nullable */
  char *concurrency_key; /* nullable */
  char *requester;       /* nullable */
  char *subject;         /* nullable: whose data it is */
  char *latency_class;   /* nullable: the event's "latencyclass" */
} AirTriggerKeys;

/* No event's deduplication key begins so: it is that of a run which does an ended one's work again. */
#define AIR_RETRY_KEY_PREFIX "airails:retry:"

void        air_trigger_keys_clear     (AirTriggerKeys     *self);
/* Whether the workflow says whose data its runs hold. */
gboolean    air_plan_has_subject       (const AirPlan      *self);
/* Checks the CloudEvent (specversion, type) and its data against the trigger's
 * input schema, and evaluates the keys. AIR_ENGINE_ERROR_TRIGGER. */
gboolean    air_plan_read_trigger      (const AirPlan      *self,
                                        const char         *node,
                                        const AirValue     *cloud_event,
                                        AirTriggerKeys     *ret_keys,
                                        GError            **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirPlan, air_plan_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AirTriggerKeys, air_trigger_keys_clear)

G_END_DECLS
