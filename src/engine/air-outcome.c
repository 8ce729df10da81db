/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-event.h"
#include "air-outcome.h"

static const char *const class_names[AIR_OUTCOME_N_CLASSES] = {
  "ok", "retry", "unknown", "conflict", "auth", "not_found", "rejected", "fatal",
};

static const char *const purpose_names[] = { "execute", "reconcile", "compensate" };

/**
 * air_outcome_new:
 * @outcome_class: what became of it
 * @status: the protocol's status, 0 when there was no answer
 * @message: (nullable): why, in words for a person
 *
 * Returns: (transfer full): an outcome without output
 */
AirOutcome *
air_outcome_new (AirOutcomeClass outcome_class, int status, const char *message)
{
  AirOutcome *self = g_new0 (AirOutcome, 1);

  self->outcome_class = outcome_class;
  self->status = status;
  self->message = g_strdup (message);
  return self;
}

/**
 * air_outcome_new_ok:
 * @status: the protocol's status
 * @take_output: (transfer full) (nullable): the mapped output
 * @take_evidence: (transfer full) (nullable): what the proof keeps
 *
 * Returns: (transfer full): an outcome of class ok
 */
AirOutcome *
air_outcome_new_ok (int status, AirValue *take_output, AirValue *take_evidence)
{
  AirOutcome *self = air_outcome_new (AIR_OUTCOME_OK, status, NULL);

  self->output = take_output;
  self->evidence = take_evidence;
  return self;
}

AirOutcome *
air_outcome_copy (const AirOutcome *self)
{
  AirOutcome *copy;

  g_return_val_if_fail (self != NULL, NULL);

  copy = air_outcome_new (self->outcome_class, self->status, self->message);
  copy->retry_after_ms = self->retry_after_ms;
  copy->output = self->output != NULL ? air_value_ref (self->output) : NULL;
  copy->evidence = self->evidence != NULL ? air_value_ref (self->evidence) : NULL;
  copy->alarm = g_strdup (self->alarm);
  return copy;
}

void
air_outcome_free (AirOutcome *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->output, air_value_unref);
  g_clear_pointer (&self->evidence, air_value_unref);
  g_free (self->message);
  g_free (self->alarm);
  g_free (self);
}

/**
 * air_outcome_class_to_string:
 * @outcome_class: a class
 *
 * Returns: (transfer none): its name in operations and records: "ok", "not_found"; static
 */
const char *
air_outcome_class_to_string (AirOutcomeClass outcome_class)
{
  g_return_val_if_fail ((guint) outcome_class < AIR_OUTCOME_N_CLASSES, "fatal");
  return class_names[outcome_class];
}

/**
 * air_outcome_class_from_string:
 * @text: (nullable): what air_outcome_class_to_string() gives
 * @ret_class: (out): the class
 *
 * Returns: %FALSE, and @ret_class untouched, when no class is called that
 */
gboolean
air_outcome_class_from_string (const char *text, AirOutcomeClass *ret_class)
{
  for (guint i = 0; text != NULL && i < AIR_OUTCOME_N_CLASSES; i++)
    if (g_str_equal (text, class_names[i]))
      {
        *ret_class = i;
        return TRUE;
      }
  return FALSE;
}

/**
 * air_purpose_to_string:
 * @purpose: a purpose
 *
 * Returns: (transfer none): "execute", "reconcile" or "compensate", as records have it; static
 */
const char *
air_purpose_to_string (AirPurpose purpose)
{
  g_return_val_if_fail ((guint) purpose < G_N_ELEMENTS (purpose_names), NULL);
  return purpose_names[purpose];
}

/**
 * air_purpose_from_string:
 * @text: (nullable): what air_purpose_to_string() gives
 * @ret_purpose: (out): the purpose
 *
 * Returns: %FALSE, and @ret_purpose untouched, when no purpose is called that
 */
gboolean
air_purpose_from_string (const char *text, AirPurpose *ret_purpose)
{
  for (guint i = 0; text != NULL && i < G_N_ELEMENTS (purpose_names); i++)
    if (g_str_equal (text, purpose_names[i]))
      {
        *ret_purpose = i;
        return TRUE;
      }
  return FALSE;
}
