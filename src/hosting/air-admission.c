/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-hosting"

#include "config.h"

#include "hosting/air-admission-private.h"

#include <string.h>

void
air_admission_free (AirAdmission *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->statement, air_decision_free);
  g_free (self->message);
  g_free (self->key_id);
  g_free (self->uri);
  g_free (self);
}

AirAdmission *
air_admission_new_refused (AirAdmissionKind kind, const char *rule, const char *message)
{
  AirAdmission *self = g_new0 (AirAdmission, 1);

  self->kind = kind;
  self->rule = rule;
  self->message = g_strdup (message);
  return self;
}

char *
air_envelope_digest (const char *envelope)
{
  AirDigest digest = air_sha256 (envelope, strlen (envelope));

  return air_digest_to_hex (&digest);
}

char *
air_envelope_dup_nonce (const char *envelope)
{
  g_autofree char *key_id = NULL;
  g_autoptr (AirDecision) statement = air_decision_peek (envelope, strlen (envelope), &key_id, NULL);

  return statement != NULL ? g_strdup (statement->nonce) : NULL;
}

gboolean
air_members_name_step (const AirValue *members, const char *step)
{
  const char *node = air_map_get_string (members, "node"), *iteration = air_map_get_string (members, "iteration");
  gsize length = node != NULL ? strlen (node) : 0;

  if (node == NULL || strncmp (step, node, length) != 0)
    return FALSE;
  if (iteration == NULL)
    return step[length] == '\0';
  return step[length] == '@' && strcmp (step + length + 1, iteration) == 0;
}
