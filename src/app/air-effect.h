/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/air-value.h"

G_BEGIN_DECLS

/* The actions of a request in people's words. An action is {node, operation, title, input, was?}. */

AirValue   *air_effect_find_main      (AirValue    *actions);
char       *air_effect_dup_title      (AirValue    *action);
char       *air_effect_dup_amount     (AirValue    *input);
char       *air_effect_dup_recipient  (AirValue    *input);
AirValue   *air_effect_find_operation (AirValue    *action,
                                       AirValue    *plan);

const char *air_effect_kind_to_words          (const char *effect);
const char *air_effect_risk_to_words          (const char *risk);
const char *air_effect_reversibility_to_words (const char *reversibility);
const char *air_effect_idempotency_to_words   (const char *kind);

char       *air_effect_dup_field_name  (const char  *key);
char       *air_effect_dup_field_value (AirValue    *input,
                                        const char  *key);
gboolean    air_effect_is_said         (AirValue    *input,
                                        const char  *key);

/**
 * AirEffectChange:
 * @name: "Refund the payment: Amount"
 * @before: what it was
 * @after: what it is now
 *
 * One field that differs, in words.
 */
typedef struct {
  char *name;
  char *before;
  char *after;
} AirEffectChange;

GPtrArray  *air_effect_list_changes    (AirValue    *actions);

G_END_DECLS
