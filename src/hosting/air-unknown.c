/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person says of an action whose outcome nobody knows, and whether it counts. */
#define G_LOG_DOMAIN "air-hosting"

#include "config.h"

#include "hosting/air-unknown.h"

#include <string.h>

#include "base/air-clock.h"
#include "hosting/air-admission-private.h"
#include "ledger/air-entry.h"
#include "ledger/air-sd-jwt.h"
#include "policy/air-permission.h"

/* The clock of a person's machine may be ahead of ours by this much. */
#define CLOCK_SKEW_US (120 * (gint64) G_USEC_PER_SEC)

/**
 * air_unknown_new:
 * @step: "<node>" or "<node>@<iteration>"
 *
 * Returns: (transfer full): what is known before an entry was read: nothing was sent
 */
AirUnknown *
air_unknown_new (const char *step)
{
  AirUnknown *self = g_new0 (AirUnknown, 1);

  self->step = g_strdup (step);
  self->nonces = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
air_unknown_free (AirUnknown *self)
{
  if (self == NULL)
    return;
  g_free (self->step);
  g_free (self->leaf_hash);
  g_free (self->action_digest);
  g_free (self->operation);
  g_clear_pointer (&self->input, air_value_unref);
  g_ptr_array_unref (self->nonces);
  g_free (self);
}

static void
take_intent (AirUnknown *self, guint64 index, GPtrArray *disclosures, const AirEntry *entry, const AirValue *disclosed)
{
  AirValue *members = air_entry_get_members (entry), *input = air_map_get (disclosed, "input");

  self->index = index;
  g_free (self->leaf_hash);
  self->leaf_hash = air_digest_to_hex (air_entry_get_hash (entry));
  g_set_str (&self->operation, air_map_get_string (members, "operation"));
  self->attempts = air_map_get_int (members, "attempt", 0);
  self->time_us = air_entry_get_time_us (entry);
  /* The input is disclosed with the first intent and never changes. */
  if (self->attempts == 1 && disclosures != NULL && disclosures->len > 0)
    {
      char digest[AIR_SD_DIGEST_SIZE + 1];

      air_sd_digest (disclosures->pdata[0], digest);
      g_set_str (&self->action_digest, digest);
      g_clear_pointer (&self->input, air_value_unref);
      self->input = input != NULL ? air_value_ref (input) : NULL;
    }
}

static void
take_word (AirUnknown *self, const AirValue *disclosed)
{
  const char *envelope = air_map_get_string (disclosed, "envelope");
  char *nonce = envelope != NULL ? air_envelope_dup_nonce (envelope) : NULL;

  if (nonce != NULL)
    g_ptr_array_add (self->nonces, nonce);
}

/**
 * air_unknown_take:
 * @self: what the ledger says so far
 * @index: of the entry in the ledger
 * @leaf: the next entry of the run
 * @disclosures: (nullable) (element-type utf8): what it discloses
 * @error: return location
 *
 * Reads on.
 *
 * Returns: %FALSE with an %AIR_LEDGER_ERROR or %AIR_JSON_ERROR when the entry cannot be read
 */
gboolean
air_unknown_take (AirUnknown *self, guint64 index, GBytes *leaf, GPtrArray *disclosures, GError **error)
{
  g_autoptr (AirEntry) entry = air_entry_parse (leaf, error);
  g_autoptr (AirValue) disclosed = NULL;
  const char *type;
  gboolean intent;

  if (entry == NULL)
    return FALSE;
  type = air_entry_get_type_name (entry);
  intent = strcmp (type, AIR_ENTRY_TOOL_ACTION_STARTED) == 0
           && g_strcmp0 (air_map_get_string (air_entry_get_members (entry), "purpose"), "execute") == 0;
  if ((!intent && strcmp (type, AIR_ENTRY_RUN_CONTROLLED) != 0)
      || !air_members_name_step (air_entry_get_members (entry), self->step))
    return TRUE;
  disclosed = air_entry_open (entry, disclosures, error);
  if (disclosed == NULL)
    return FALSE;
  if (intent)
    take_intent (self, index, disclosures, entry, disclosed);
  else
    take_word (self, disclosed);
  return TRUE;
}

/**
 * air_unknown_is_sent:
 * @self: what the ledger says
 *
 * Returns: whether the step sent anything, so that there is something to say a word on
 */
gboolean
air_unknown_is_sent (const AirUnknown *self)
{
  return self->leaf_hash != NULL && self->action_digest != NULL;
}

/* --- the judgement --- */

static const char *
find_fault (const AirUnknown *unknown,
            const AirDecision *word,
            const AirVoter *voter,
            const AirInstance *instance,
            gint64 now_us,
            AirAdmissionKind *ret_kind,
            const char **ret_rule)
{
  g_autofree char *subject = air_digest_to_hex (&word->request),
                  *name = g_strconcat (air_instance_get_id (instance), "/", unknown->step, NULL);
  guint role = air_role_from_string (word->role);

  *ret_kind = AIR_REFUSED_MALFORMED;
  *ret_rule = "unknown.subject";
  if (strcmp (word->gate, name) != 0 || strcmp (subject, unknown->leaf_hash) != 0)
    return "the word is not about the last attempt of this step; look again and sign anew";
  if (g_strcmp0 (word->artifact, air_plan_get_artifact (air_instance_get_plan (instance))) != 0)
    return "the word names another artifact";
  if (strcmp (word->action_digest, unknown->action_digest) != 0)
    return "the word is about another input";
  *ret_rule = "unknown.word";
  if (strcmp (word->decision, "happened") != 0 && strcmp (word->decision, "did-not-happen") != 0)
    return "the word is neither \"happened\" nor \"did-not-happen\"";
  *ret_rule = "unknown.time";
  if (word->issued_us > now_us + CLOCK_SKEW_US || word->issued_us < unknown->time_us - CLOCK_SKEW_US)
    return "the word was signed in the future, or before the action was sent; check this machine's clock";
  if (word->expires_us <= now_us)
    return "the word has expired; sign anew";
  *ret_kind = AIR_REFUSED_PERSON;
  *ret_rule = "unknown.role";
  if (role == 0 || !g_strv_contains (voter->roles, word->role)
      || !air_permission_is_granted (AIR_PERMISSION_RUN_CONFIRM, role))
    return "the person who signed does not hold a role that may say this";
  *ret_rule = "unknown.duties";
  if (air_instance_is_triggered_by (instance, voter->uri))
    return "the person who signed started the run: separation of duties";
  *ret_kind = AIR_REFUSED_STATE;
  *ret_rule = "unknown.replayed";
  if (g_ptr_array_find_with_equal_func (unknown->nonces, word->nonce, g_str_equal, NULL))
    return "this word has counted before; sign anew";
  return NULL;
}

/**
 * air_unknown_judge:
 * @self: what the ledger says of an action that was sent
 * @instance: the run, as it is now; who started it may not say
 * @envelope: a DSSE envelope with a person's word, from anybody
 * @find: who knows whose key it is
 * @user_data: for @find
 * @now_us: microseconds since the Unix epoch
 *
 * Verifies the signature, then judges.
 *
 * Returns: (transfer full): what the host makes of it
 */
AirAdmission *
air_unknown_judge (const AirUnknown *self,
                   const AirInstance *instance,
                   const char *envelope,
                   AirFindVoter find,
                   gpointer user_data,
                   gint64 now_us)
{
  gsize length = strlen (envelope);
  g_autoptr (GError) error = NULL;
  g_autofree char *key_id = NULL;
  g_autoptr (AirDecision) word = air_decision_peek (envelope, length, &key_id, &error);
  AirAdmission *admission;
  AirAdmissionKind kind;
  AirVoter voter = { 0 };
  const char *rule, *fault;

  g_return_val_if_fail (air_unknown_is_sent (self), NULL);

  if (word == NULL)
    return air_admission_new_refused (AIR_REFUSED_MALFORMED, "unknown.malformed", error->message);
  if (!find (key_id, &voter, user_data) || voter.enrolled_us == 0)
    return air_admission_new_refused (AIR_REFUSED_PERSON, "unknown.key", "the key that signed is not enrolled here");
  g_clear_pointer (&word, air_decision_free);
  word = air_decision_open (envelope, length, voter.key, &error);
  if (word == NULL)
    return air_admission_new_refused (AIR_REFUSED_PERSON, "unknown.bad-signature", error->message);
  fault = find_fault (self, word, &voter, instance, now_us, &kind, &rule);
  if (fault != NULL)
    return air_admission_new_refused (kind, rule, fault);
  admission = g_new0 (AirAdmission, 1);
  admission->kind = AIR_ADMITTED;
  admission->rule = "unknown.admitted";
  admission->statement = g_steal_pointer (&word);
  admission->key_id = g_steal_pointer (&key_id);
  admission->uri = g_strdup (voter.uri);
  return admission;
}
