/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cel/air-cel.h"
#include "cel/air-template.h"
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
  AirCelProgram *test;
} AirPolicyCell;

typedef struct {
  char *id;
  char *why;       /* nullable */
  GPtrArray *cells; /* AirPolicyCell* */
  AirTemplate *then;
} AirPolicyRule;

struct _AirPolicy {
  gatomicrefcount ref_count;
  char *id;
  char *version;
  char *title;
  AirPolicyKind kind;
  char *hit;
  GPtrArray *inputs;  /* AirPolicyColumn* */
  char **input_ids;
  GPtrArray *outputs; /* AirPolicyColumn* */
  GPtrArray *rules;   /* AirPolicyRule* */
  AirCelType *output_type;
  char **exclude;
  gint64 deadline_ms;
  char *on_expiry;
};

void air_policy_rule_free (AirPolicyRule *self);

/* A unary test as CEL: NULL with no error for "-". Fails with DOCUMENT. */
char *air_policy_cell_to_cel (const char *input, const char *cell, const AirCelEnv *env, GError **error);

G_END_DECLS
