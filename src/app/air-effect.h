/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/air-value.h"

G_BEGIN_DECLS

/* The actions of a request in people's words. An action is {node, operation, title, input, was?}. */

/* The action that moves money, else the first one; borrowed, NULL when there is none. */
AirValue   *air_effect_find_main      (AirValue    *actions);
char       *air_effect_dup_title      (AirValue    *action);
char       *air_effect_dup_amount     (AirValue    *input); /* NULL: moves no money */
/* Whom or what it reaches, "pi_3Qw…", "mia@example.com"; NULL when nothing in the input says so. */
char       *air_effect_dup_recipient  (AirValue    *input);
/* What the plan knows of the action's operation; borrowed, nullable. */
AirValue   *air_effect_find_operation (AirValue    *action,
                                       AirValue    *plan); /* nullable */

/* The words of an operation's `policy` block; NULL where it says nothing that is known here. */
const char *air_effect_kind_to_words          (const char *effect);
const char *air_effect_risk_to_words          (const char *risk);
const char *air_effect_reversibility_to_words (const char *reversibility);
const char *air_effect_idempotency_to_words   (const char *kind);

/* One field of an input as a person reads it. */
char       *air_effect_dup_field_name  (const char  *key);
char       *air_effect_dup_field_value (AirValue    *input,
                                        const char  *key);
/* Whether that field is said with another one: the currency of an amount. */
gboolean    air_effect_is_said         (AirValue    *input,
                                        const char  *key);

typedef struct {
  char *name;   /* "Refund the payment: Amount" */
  char *before;
  char *after;
} AirEffectChange;

/* (element-type AirEffectChange): what differs between an action's inputs and what they were. */
GPtrArray  *air_effect_list_changes    (AirValue    *actions);

G_END_DECLS
