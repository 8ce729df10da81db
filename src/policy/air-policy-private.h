/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cel/air-cel.h"
#include "cel/air-template.h"
#include "policy/air-gate-terms.h"
#include "policy/air-limit.h"
#include "policy/air-policy.h"

G_BEGIN_DECLS

typedef struct {
  char *id;
  char *title;
  AirCelType *type;
  AirValue *values; /* outputs: the allowed ones, the first has the highest priority; nullable */
} AirPolicyColumn;

typedef struct {
  char *place;         /* "rules[3].when.amount_minor" */
  char *input;         /* the column's id */
  char *text;          /* as written */
  AirCelProgram *test;
} AirPolicyCell;

typedef struct {
  char *id;
  char *why;       /* nullable */
  GPtrArray *cells; /* AirPolicyCell* */
  AirTemplate *then;
} AirPolicyRule;

typedef struct {
  char *id;
  gint64 ms;       /* 0: for good */
  gint64 max;
  AirLimitVerdict on_exceed;
} AirPolicyWindow;

typedef struct {
  AirCelProgram *when;  /* nullable: always */
  AirTemplate *key;
  AirTemplate *amount;  /* NULL: it counts 1 */
  AirTemplate *settle;  /* nullable */
  GArray *windows;      /* AirPolicyWindow */
  gint64 max_wait_ms;
  gboolean keep_failed;
  gboolean keep_compensated;
  char *unit;           /* for people, nullable */
} AirPolicyLimit;

struct _AirPolicy {
  gatomicrefcount ref_count;
  char *id;
  char *version;
  char *title;
  char *description;  /* nullable */
  AirPolicyKind kind;
  char *hit;
  GPtrArray *inputs;  /* AirPolicyColumn* */
  char **input_ids;
  GPtrArray *outputs; /* AirPolicyColumn* */
  GPtrArray *rules;   /* AirPolicyRule* */
  AirPolicyRule *fallback; /* nullable: what holds when no rule matches */
  AirCelType *output_type;
  AirValue *gate;     /* the gate block, its parameters filled in; nullable */
  char **exclude;
  gint64 deadline_ms;
  char *on_expiry;
  AirPolicyLimit *limit; /* limits and budgets */
  AirValue *params;   /* map of parameter to value; nullable */
  AirValue *tests;    /* nullable */
};

void air_policy_column_free (AirPolicyColumn *self);
void air_policy_rule_free  (AirPolicyRule  *self);
void air_policy_limit_free (AirPolicyLimit *self);

/* A unary test as CEL: NULL with no error for "-". Fails with DOCUMENT. */
char *air_policy_cell_to_cel (const char *input, const char *cell, const AirCelEnv *env, GError **error);
/* A condition on an edited field, over `value` and `before`; NULL for "-". */
gboolean air_policy_compile_edit (const char *cell, AirCelProgram **ret_program, GError **error);

/* --- strict reading: air-policy-read.c; the message starts with the place --------------------- */

gboolean air_policy_fail        (GError **error, const char *place, const char *format, ...) G_GNUC_PRINTF (3, 4);
gboolean air_policy_fail_below  (GError **error, const char *place, const char *name, const char *message);
/* @known: names with commas between them. */
gboolean air_policy_check_keys  (const AirValue *map, const char *place, const char *known, GError **error);
gboolean air_policy_read_string (const AirValue *map, const char *place, const char *key, char **ret_text,
                                 GError **error);
gboolean air_policy_is_name     (const char *text);
gboolean air_policy_read_columns (const AirValue *document, const char *key, gboolean output, GPtrArray *columns,
                                  GError **error);
AirPolicyColumn *air_policy_find_column (const GPtrArray *columns, const char *id);
gboolean air_policy_value_fits  (const AirPolicyColumn *column, const AirValue *value);
/* `parameters` to a map of id to value. */
gboolean air_policy_read_params (AirPolicy *self, const AirValue *document, GError **error);
/* @tree with "${param.…}" filled in. */
AirValue *air_policy_fill       (const AirPolicy *self, const AirValue *tree, const char *place, GError **error);
/* Names the expressions of this policy see. */
AirCelEnv *air_policy_make_env  (const AirPolicy *self);
/* @inputs with the parameters added. */
AirValue *air_policy_bind       (const AirPolicy *self, const AirValue *inputs);
gboolean air_policy_check_inputs (const AirPolicy *self, const AirValue *inputs, GError **error);
gboolean air_policy_read_limit  (AirPolicy *self, const AirValue *document, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirPolicyColumn, air_policy_column_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirPolicyRule, air_policy_rule_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirPolicyLimit, air_policy_limit_free)

G_END_DECLS
