/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-event.h"
#include "air-member.h"
#include "air-plan.h"
#include "cel/air-cel.h"
#include "cel/air-template.h"
#include "policy/air-policy.h"
#include "schema/air-schema.h"

G_BEGIN_DECLS

#define AIR_NO_NODE G_MAXUINT

/* A way out of a node. */
typedef struct {
  const char *port; /* interned */
  AirValue *edge;   /* the edge's id as a value, ready for a record */
  guint to;
} AirPlanPort;

/* One way to reverse an effect, taken when @when holds. */
typedef struct {
  AirCelProgram *when;    /* nullable: always */
  const char *operation;  /* interned id; NULL when a person must do it */
  AirTemplate *input;     /* with @operation */
  AirTemplate *manual;    /* without: what to tell the person */
} AirPlanReversal;

typedef struct {
  char *id;
  char *title;
  AirValue *reference;   /* "id@version" */
  AirValue *document;
  gboolean writes;
  gboolean honours_key;  /* sending again under the same key is one effect */
  gboolean never_again;  /* at most once: not even after a reconcile found nothing */
  gboolean reconciles;
  gint64 window_us;      /* how long the key holds; G_MAXINT64: for good */
  gint64 timeout_ms;     /* of compensations and reconciles; calls have their node's */
  GArray *reversals;     /* AirPlanReversal */
} AirPlanOperation;

typedef struct {
  guint max;             /* attempts in all */
  gint64 base_ms;
  gint64 max_ms;
} AirPlanRetry;

typedef struct {
  guint node;
  AirCelProgram *when;   /* nullable: always */
} AirPlanGuard;

typedef struct {
  AirCelProgram *when;   /* NULL: the default */
  const AirPlanPort *port;
} AirPlanCase;

typedef struct {
  char *id;
  AirPolicy *policy;
  AirValue *digest;      /* "sha256:hex" */
  AirValue *table;       /* the policy's id as a value */
} AirPlanPolicy;

typedef enum {
  AIR_WAIT_DURATION,
  AIR_WAIT_UNTIL,
  AIR_WAIT_SIGNAL,
} AirWaitKind;

/* A workflow that others use as a step: its nodes stand in the plan as "<node>.<its own>". */
typedef struct {
  AirValue *reference;   /* "id@version" */
  AirValue *digest;      /* "sha256:hex" of its document */
  AirSchema *input;      /* of its trigger; nullable: anything */
} AirPlanWorkflow;

/* A limit or budget that guards a call. */
typedef struct {
  AirPlanPolicy *policy;
  AirTemplate *with;     /* its inputs; NULL: the call's input */
} AirPlanLimit;

typedef struct {
  char *id;
  char *title;
  AirValue *name;        /* the id as a value */
  const char *local;     /* what its own workflow calls it, as in `steps`; part of the id */
  AirNodeKind kind;
  guint opener;          /* the innermost for_each or workflow it is in, which opens the scope of its steps; or AIR_NO_NODE */
  GArray *ports;         /* AirPlanPort */
  AirTemplate *with;     /* nullable; an end's output, a wait's duration or time, a loop's items, a join's collect */
  /* call */
  AirPlanOperation *operation;
  AirPlanRetry retry;
  gint64 timeout_ms;
  GArray *reversals;     /* AirPlanReversal of the node's own, before the operation's */
  guint gate;            /* the gate that guards it, or AIR_NO_NODE */
  GArray *limits;        /* AirPlanLimit; NULL: none */
  /* decide, gate */
  AirPlanPolicy *policy;
  GPtrArray *also;       /* AirPlanPolicy: gates: asked too, the most restrictive wins; NULL: none */
  GArray *guards;        /* AirPlanGuard */
  /* branch */
  GArray *cases;         /* AirPlanCase, the default last */
  /* evidence */
  GArray *collect;       /* guint */
  /* end */
  gboolean succeeds;
  /* wait */
  AirWaitKind wait;
  const char *signal;    /* interned */
  AirSchema *signal_input; /* nullable: anything */
  /* parallel, for_each: its join; join: its fork */
  guint partner;
  /* workflow; its timeout_ms is 0 when it may take as long as it wants */
  const AirPlanWorkflow *workflow;
  /* for_each */
  guint max_items;
  guint concurrency;
  gboolean continues;    /* an iteration that fails is an item */
  /* for_each, workflow */
  GArray *body;          /* guint: what every scope has of its own, a loop's join included */
  guint *slots;          /* by node: its place in @body + 1, or 0 */
} AirPlanNode;

struct _AirPlan {
  gatomicrefcount references;
  AirValue *document;
  char *artifact;
  const char *workflow;
  const char *version;
  const char *title;
  GArray *nodes;            /* AirPlanNode */
  GHashTable *by_id;        /* id → index + 1 */
  GHashTable *operations;   /* id → AirPlanOperation */
  GHashTable *policies;     /* id → AirPlanPolicy */
  GHashTable *workflows;    /* id → AirPlanWorkflow */
  AirValue *authors;        /* list of URIs */
  guint trigger;
  gboolean has_limits;      /* some call is guarded by a limit or budget */
  char *event_type;         /* nullable: any */
  AirCelProgram *dedup;
  AirCelProgram *concurrency;
  AirCelProgram *requester;
  AirCelProgram *subject;
  AirSchema *input;         /* nullable: anything */
  /* Values all records share. */
  AirValue *artifact_value;
  AirValue *purposes[3];
  AirValue *classes[AIR_OUTCOME_N_CLASSES];
};

static inline const AirPlanNode *
air_plan_node (const AirPlan *self,
               guint          index)
{
  return &g_array_index (self->nodes, AirPlanNode, index);
}

/* --- air-plan-documents.c: parts of loading ------------------------------------- */

gboolean           air_plan_refuse            (GError           **error,
                                               const char        *format,
                                               ...) G_GNUC_PRINTF (2, 3);
GArray            *air_plan_new_array         (gsize              size,
                                               GDestroyNotify     clear);
gboolean           air_plan_compile           (const char        *expression,
                                               const char        *place,
                                               AirCelProgram    **ret_program,
                                               GError           **error);
gboolean           air_plan_compile_template  (const AirValue    *tree,
                                               const char        *place,
                                               AirTemplate      **ret_template,
                                               GError           **error);
/* @operation_key is "op" in an operation's document and "operation" in a node's. */
gboolean           air_plan_load_reversals    (AirPlan           *self,
                                               const AirValue    *document,
                                               const char        *place,
                                               const char        *operation_key,
                                               const char        *input_key,
                                               GArray           **ret_reversals,
                                               GError           **error);
gboolean           air_plan_load_documents    (AirPlan           *self,
                                               GError           **error);

/* Forks and joins match and nothing crosses a border: air-plan-region.c, part of loading. */
gboolean           air_plan_load_regions      (AirPlan           *self,
                                               GError           **error);
const AirPlanPort *air_plan_node_find_port    (const AirPlanNode *node,
                                               const char        *port);
const AirPlanPort *air_plan_node_find_edge    (const AirPlanNode *node,
                                               const char        *edge);
/* The most specific way out for a failure of this class, or NULL. */
const AirPlanPort *air_plan_node_find_error_port (const AirPlanNode *node,
                                                  AirOutcomeClass    outcome_class);
const AirPlanOperation *air_plan_find_operation (const AirPlan   *self,
                                               const char        *id);

G_END_DECLS
