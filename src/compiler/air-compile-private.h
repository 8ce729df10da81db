/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cel/air-template.h"
#include "compiler/air-compiler.h"
#include "compiler/air-flow-private.h"
#include "model/air-command.h"
#include "policy/air-policy.h"
#include "schema/air-schema.h"

G_BEGIN_DECLS

/* What the phases find out about a node, each for those that come after. */
typedef struct {
  AirDocument *operation;    /* of a call; borrowed from its pack */
  AirDocument *compensation; /* the operation that undoes it; borrowed, nullable */
  AirDocument *connector;    /* of the operation; borrowed */
  AirDocument *policy_document; /* of a decide or gate; borrowed */
  AirPolicy *policy;
  GPtrArray *more_policies;  /* AirDocument: of `also` and `limits`; NULL: none */
  AirCelType *output;        /* of a call, decide or workflow, once it went well */
  AirTemplate *with;         /* type-checked; NULL where the node has none or it is wrong */
  AirTemplate *undo;         /* type-checked `compensate.with` */
  AirCelType *item;          /* of a for_each: what `each.item` is in its body */
  AirWorkflow *workflow;     /* of a workflow node: what it runs; borrowed from the cache */
  char *file;                /* what findings in it say they are in; NULL: the document's own name */
  struct _AirCompilation *inner; /* it, compiled for what it is given here: air_compile_get_inner() */
  gboolean begun;
  gboolean too_many;         /* there is none: the whole would have too many steps */
  GError *error;             /* why else there is none */
} AirNodeFacts;

typedef struct _AirCompileCache AirCompileCache;

/* What a session kept of the nodes; see air-compile-session.c. */
typedef struct _AirUnits AirUnits;

typedef struct _AirCompilation {
  AirWorkflow *workflow;
  AirDocument *document;
  GPtrArray *given;       /* all packs there are; AirPack */
  GPtrArray *packs;       /* those the workflow names; AirPack, borrowed */
  struct _AirCompilation *outer; /* the one whose step this is; borrowed, NULL: it runs by itself */
  guint nesting;          /* in how many forks and workflows it lies, itself included; 0: it runs by itself */
  guint n_inner;          /* nodes of all workflows that are steps, in the outermost */
  char *file;             /* what findings say they are in; NULL: the document's own name */
  AirFlow *flow;
  AirNodeFacts *facts;    /* one per node */
  AirCelType *trigger;    /* of the event's data; NULL without a sound trigger */
  const AirWorkflowNode *start; /* the trigger */
  GHashTable *guarding;   /* id of a node to GPtrArray of the gates that list it; borrowed nodes */
  GPtrArray *inner_gates; /* gates inside a fork */
  AirCompileCache *cache; /* borrowed, or own */
  gboolean owns_cache;
  AirUnits *units;        /* borrowed, nullable */
  gboolean has_types;     /* the trigger's data is of a known type */
  GPtrArray *diagnostics;
} AirCompilation;

AirCompileCache *air_compile_cache_new        (void);
void             air_compile_cache_free       (AirCompileCache *self);
/* All borrowed; NULL where the value is no schema, the policy wrong. */
AirCelType      *air_compile_cache_get_type   (AirCompileCache *self,
                                               AirValue        *schema);
AirSchema       *air_compile_cache_get_schema (AirCompileCache *self,
                                               AirValue        *schema);
AirPolicy       *air_compile_cache_get_policy (AirCompileCache *self,
                                               AirDocument     *document,
                                               GError         **error);
AirWorkflow     *air_compile_cache_get_workflow (AirCompileCache *self,
                                                 AirDocument     *document,
                                                 GError         **error);
AirCelType      *air_compile_cache_get_output (AirCompileCache *self,
                                               AirDocument     *operation);

/* The ids that follow `steps` in the texts of @value (element-type utf8); @ret_all: and perhaps others. */
GHashTable      *air_compile_find_steps       (AirCompilation  *self,
                                               const AirValue  *value,
                                               gboolean        *ret_all);

/* NULL with AIR_MODEL_ERROR when a pack is missing. */
AirCompilation *
         air_compilation_new          (AirWorkflow           *workflow,
                                       GPtrArray             *packs,
                                       AirCompileCache       *cache, /* nullable: one of its own */
                                       GError               **error);
/* In the order they are listed: the workflow's own first, by place. */
void     air_compilation_sort         (AirCompilation        *self);
/* From @units what was found at the node before, when all it depends on is as it was; else looks and keeps it. */
void     air_units_check              (AirUnits              *units,
                                       AirCompilation        *self,
                                       const AirWorkflowNode *node);
void     air_compile_check_node       (AirCompilation        *self,
                                       const AirWorkflowNode *node);
void     air_compilation_free         (AirCompilation        *self);
/* All phases. */
void     air_compilation_check        (AirCompilation        *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirCompilation, air_compilation_free)

/* The `also` of gates and the `limits` of calls: a phase of the check. */
void     air_compile_policies         (AirCompilation        *self);

/* @what is one of the ids of air_diagnostic_get_kinds(); message and mend as in AirDiagnostic.
 * The mend is copied, the message formatted. Returns: (transfer none): for a fix to be given. */
AirDiagnostic *
         air_compilation_report       (AirCompilation        *self,
                                       const char            *what,
                                       const AirDocument     *document,
                                       const char            *pointer,
                                       const AirWorkflowNode *node, /* nullable */
                                       const char            *mend,
                                       const char            *format,
                                       ...) G_GNUC_PRINTF (7, 8);
gboolean air_compilation_has_errors   (const AirCompilation  *self);

AirDocument *air_compilation_find_operation (AirCompilation *self,
                                             const char     *id,
                                             AirDocument   **ret_connector);

/* The phases, in this order. */
void     air_compile_structure        (AirCompilation        *self);
void     air_compile_ports            (AirCompilation        *self);
/* The types all expressions rest on. */
void     air_compile_read_types       (AirCompilation        *self);
/* What is found at one node, by itself and what it reads of others. */
void     air_compile_types            (AirCompilation        *self,
                                       const AirWorkflowNode *node);
void     air_compile_lints            (AirCompilation        *self,
                                       const AirWorkflowNode *node);
void     air_compile_lint_data        (AirCompilation        *self,
                                       const AirWorkflowNode *node);
/* What is found in the operations that are called, once each. */
void     air_compile_lint_operations  (AirCompilation        *self);
void     air_compile_lint_calls       (AirCompilation        *self,
                                       const AirWorkflowNode *node);
void     air_compile_lint_gate        (AirCompilation        *self,
                                       const AirWorkflowNode *node);
void     air_compile_lint_flow        (AirCompilation        *self,
                                       const AirWorkflowNode *node);
/* Of the document as a whole; after the nodes. */
void     air_compile_lint_document    (AirCompilation        *self);
/* Personal data and money in a schema the workflow holds. */
void     air_compile_lint_schema      (AirCompilation        *self,
                                       const AirWorkflowNode *node,
                                       AirValue              *schema,
                                       const char            *pointer);

/* What an operation's document says of it. */
gboolean air_operation_is_write       (const AirDocument     *operation);
gboolean air_operation_pays_out       (const AirDocument     *operation);
gboolean air_operation_is_irreversible (const AirDocument    *operation);
/* Whether a second attempt under the same key, or a question, is possible. */
gboolean air_operation_is_repeatable  (const AirDocument     *operation);
/* The template of the pack policy-gates that fits, or NULL; and why. */
const char *air_compile_find_template (const AirDocument     *operation,
                                       const char           **ret_why);

/* The names and types an expression of @node may use; @after: of what runs once the node itself went well. */
AirCelEnv *air_compile_new_env        (AirCompilation        *self,
                                       const AirWorkflowNode *node,
                                       gboolean               after);
/* air-loop.c: `each` and what a loop hides. */
/* The for_each whose iteration an expression of @node is evaluated in, or AIR_NO_REGION. */
guint    air_compile_get_scope        (AirCompilation        *self,
                                       const AirWorkflowNode *node);
/* FALSE: @step belongs to iterations that @node is no part of. */
gboolean air_compile_sees             (AirCompilation        *self,
                                       const AirWorkflowNode *node,
                                       const AirWorkflowNode *step);
/* {item, index, outer} of a loop; transfer full. */
AirCelType *air_compile_new_each_type (AirCompilation        *self,
                                       guint                  loop);
/* What a join leaves in `steps`: {} or {items}; a wait for a signal: what the signal carries. */
AirCelType *air_compile_new_join_type (AirCompilation        *self,
                                       const AirWorkflowNode *join);
AirCelType *air_compile_new_signal_type (AirCompilation        *self,
                                         const AirWorkflowNode *wait);
void     air_compile_check_loop       (AirCompilation        *self,
                                       const AirWorkflowNode *node);
void     air_compile_check_join       (AirCompilation        *self,
                                       const AirWorkflowNode *node);
void     air_compile_check_wait       (AirCompilation        *self,
                                       const AirWorkflowNode *node);

/* air-sub-workflow.c: workflows as steps. */
void     air_compile_resolve_workflow (AirCompilation        *self,
                                       const AirWorkflowNode *node);
/* What the node runs, checked for what it is given; NULL when there is none. */
AirCompilation *air_compile_get_inner (AirCompilation        *self,
                                       const AirWorkflowNode *node);
void     air_compile_check_workflow   (AirCompilation        *self,
                                       const AirWorkflowNode *node);
/* That one id is one document, here and in all workflows that are steps. */
void     air_compile_check_documents  (AirCompilation        *self);

/* Reports which of what @taker takes is missing, unknown or wrong in the node's inputs at @at. */
void     air_compile_check_inputs     (AirCompilation        *self,
                                       const AirWorkflowNode *node,
                                       const char            *at,
                                       const char            *taker,
                                       AirValue              *input,
                                       const AirTemplate     *template);

/* Reports what is wrong with one expression; @wanted (AIR_CEL_TYPE_DYN for any) is its type. */
void     air_compile_check_expression (AirCompilation        *self,
                                       const AirWorkflowNode *node,
                                       const char            *pointer,
                                       const AirCelEnv       *env,
                                       AirCelTypeKind         wanted);
/* Reports what is wrong with the tree at @pointer; NULL then. */
AirTemplate *air_compile_check_template (AirCompilation        *self,
                                         const AirWorkflowNode *node,
                                         const char            *pointer,
                                         const AirCelEnv       *env);

/* The gate whose approval every way to @node needs, or NULL. */
const AirWorkflowNode *air_compile_find_gate (AirCompilation        *self,
                                              const AirWorkflowNode *node);
gboolean air_compile_gate_guards      (const AirWorkflowNode *gate,
                                       const AirWorkflowNode *node);

/* Whether a schema lets no free text through. */
gboolean air_compile_schema_confines  (const AirValue        *schema);
/* Labels of all that the member @name of a checked template may carry; free with g_strfreev(). */
char   **air_compile_dup_labels       (const AirTemplate     *template,
                                       const char            *name);

/* All that is compiled in, by id: AirDocument, and the packs they are of: AirPack. Here and in all workflows that are
 * steps. */
typedef struct {
  GHashTable *operations, *connectors, *policies, *workflows, *packs;
} AirDocuments;

AirDocuments *air_compile_collect     (AirCompilation        *self);
void          air_documents_free      (AirDocuments          *self);
/* Their values. */
AirValue     *air_documents_copy      (GHashTable            *documents);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirDocuments, air_documents_free)

AirValue *air_compile_build_plan      (AirCompilation        *self);
AirValue *air_compile_build_manifest  (AirCompilation        *self);
AirValue *air_compile_build_lock      (AirCompilation        *self,
                                       GError               **error);
AirValue *air_compile_build_policies  (AirCompilation        *self);

G_END_DECLS
