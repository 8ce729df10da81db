/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-unknown.h"

#include <string.h>

#include "base/air-clock.h"
#include "ledger/air-decision.h"
#include "ledger/air-entry.h"
#include "ledger/air-sd-jwt.h"
#include "policy/air-permission.h"

/* The clock of a person's machine may be ahead of ours by this much. */
#define CLOCK_SKEW_US (120 * (gint64) G_USEC_PER_SEC)

void
air_unknown_free (AirUnknown *self)
{
  g_free (self->step);
  g_free (self->leaf_hash);
  g_free (self->action_digest);
  g_free (self->operation);
  g_clear_pointer (&self->input, air_value_unref);
  g_ptr_array_unref (self->nonces);
  g_free (self);
}

static gboolean
names_step (AirValue *members, const char *step)
{
  const char *node = air_map_get_string (members, "node"), *iteration = air_map_get_string (members, "iteration");
  g_autofree char *name = node != NULL ? g_strconcat (node, iteration != NULL ? "@" : NULL, iteration, NULL) : NULL;

  return g_strcmp0 (name, step) == 0;
}

static void
take_intent (AirUnknown *self, const AirStoredEntry *stored, const AirEntry *entry, const AirValue *disclosed)
{
  AirValue *members = air_entry_get_members (entry), *input = air_map_get (disclosed, "input");

  self->index = stored->index;
  g_free (self->leaf_hash);
  self->leaf_hash = air_digest_to_hex (air_entry_get_hash (entry));
  g_set_str (&self->operation, air_map_get_string (members, "operation"));
  self->attempts = air_map_get_int (members, "attempt", 0);
  self->time_us = air_entry_get_time_us (entry);
  /* The input is disclosed with the first intent and never changes. */
  if (self->attempts == 1 && stored->disclosures != NULL && stored->disclosures->len > 0)
    {
      char digest[AIR_SD_DIGEST_SIZE + 1];

      air_sd_digest (stored->disclosures->pdata[0], digest);
      g_set_str (&self->action_digest, digest);
      g_clear_pointer (&self->input, air_value_unref);
      self->input = input != NULL ? air_value_ref (input) : NULL;
    }
}

static void
take_word (AirUnknown *self, const AirValue *disclosed)
{
  const char *envelope = air_map_get_string (disclosed, "envelope");
  g_autofree char *key_id = NULL;
  g_autoptr (AirDecision) word = NULL;

  if (envelope != NULL)
    word = air_decision_peek (envelope, strlen (envelope), &key_id, NULL);
  if (word != NULL)
    g_ptr_array_add (self->nonces, g_strdup (word->nonce));
}

AirUnknown *
air_unknown_read (AirHost *host, const char *run, const char *step, GError **error)
{
  g_autoptr (GPtrArray) entries = air_host_read_entries (host, run, error);
  g_autoptr (AirUnknown) self = g_new0 (AirUnknown, 1);

  self->step = g_strdup (step);
  self->nonces = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; entries != NULL && i < entries->len; i++)
    {
      AirStoredEntry *stored = entries->pdata[i];
      g_autoptr (AirEntry) entry = air_entry_parse (stored->leaf, error);
      g_autoptr (AirValue) disclosed = NULL;
      const char *type;
      gboolean intent;

      if (entry == NULL)
        return NULL;
      type = air_entry_get_type_name (entry);
      intent = strcmp (type, AIR_RECORD_TOOL_ACTION_STARTED) == 0
               && g_strcmp0 (air_map_get_string (air_entry_get_members (entry), "purpose"), "execute") == 0;
      if ((!intent && strcmp (type, AIR_RECORD_RUN_CONTROLLED) != 0)
          || !names_step (air_entry_get_members (entry), step))
        continue;
      disclosed = air_entry_open (entry, stored->disclosures, error);
      if (disclosed == NULL)
        return NULL;
      if (intent)
        take_intent (self, stored, entry, disclosed);
      else
        take_word (self, disclosed);
    }
  return self->leaf_hash != NULL && self->action_digest != NULL ? g_steal_pointer (&self) : NULL;
}

/* --- the judgement --- */

typedef struct {
  AirAnswered answered;
  gpointer user_data;
  AirProblem *problem;
} Refusal;

static void
logged_cb (const GError *failure, gpointer user_data)
{
  g_autofree Refusal *refusal = user_data;

  refusal->answered (NULL, NULL, refusal->problem, refusal->user_data);
}

static gboolean
refuse (AirHost *host, AirRun *run, AirMessage *message, guint status, const char *rule, const char *words)
{
  g_autofree char *what = g_strdup_printf ("word on %s/%s", run->chain->id, message->node);
  Refusal *refusal = g_new (Refusal, 1);

  *refusal =
      (Refusal) { message->answered, message->user_data, air_problem_new (status, "word-refused", NULL, "%s", words) };
  air_problem_set_rule (refusal->problem, rule);
  air_host_log_refusal (host, message->actor, what, rule, words, logged_cb, refusal);
  return FALSE;
}

static const char *
find_fault (const AirUnknown *unknown,
            const AirDecision *word,
            const AirPerson *person,
            const char *run,
            const char *artifact,
            const char *trigger,
            guint *ret_status,
            const char **ret_rule)
{
  g_autofree char *subject = air_digest_to_hex (&word->request), *name = g_strconcat (run, "/", unknown->step, NULL);
  gint64 now_us = air_clock_now_us (air_clock_system ());
  guint role = air_role_from_string (word->role);

  *ret_status = 422;
  *ret_rule = "unknown.subject";
  if (strcmp (word->gate, name) != 0 || strcmp (subject, unknown->leaf_hash) != 0)
    return "the word is not about the last attempt of this step; look again and sign anew";
  if (g_strcmp0 (word->artifact, artifact) != 0)
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
  *ret_status = 403;
  *ret_rule = "unknown.role";
  if (role == 0 || (person->mask & role) == 0 || !air_permission_is_granted (AIR_PERMISSION_RUN_CONFIRM, role))
    return "the person who signed does not hold a role that may say this";
  *ret_rule = "unknown.duties";
  if (g_strcmp0 (person->uri, trigger) == 0)
    return "the person who signed started the run: separation of duties";
  *ret_status = 409;
  *ret_rule = "unknown.replayed";
  if (g_ptr_array_find_with_equal_func (unknown->nonces, word->nonce, g_str_equal, NULL))
    return "this word has counted before; sign anew";
  return NULL;
}

gboolean
air_unknown_admit (AirHost *host, AirRun *run, AirMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirUnknown) unknown = air_unknown_read (host, run->chain->id, message->node, &error);
  g_autoptr (AirDecision) word = NULL;
  g_autofree char *key_id = NULL;
  AirTrust *trust = air_host_get_trust (host);
  gsize length = strlen (message->envelope);
  const char *words, *rule;
  const AirPerson *person;
  guint status;

  if (unknown == NULL)
    {
      message->answered (run, NULL,
                         error != NULL
                             ? air_problem_new_error (503, "not-readable", error)
                             : air_problem_new (404, "no-such-action", "see GET /v1/runs/{run}/unknown",
                                                "step \"%s\" of run %s sent nothing", message->node, run->chain->id),
                         message->user_data);
      return FALSE;
    }
  word = air_decision_peek (message->envelope, length, &key_id, &error);
  if (word == NULL)
    return refuse (host, run, message, 422, "unknown.malformed", error->message);
  person = trust != NULL ? air_trust_find_key (trust, key_id) : NULL;
  if (person == NULL || air_host_get_enrolled (host, key_id) == 0)
    return refuse (host, run, message, 403, "unknown.key", "the key that signed is not enrolled here");
  g_clear_pointer (&word, air_decision_free);
  word = air_decision_open (message->envelope, length, person->key, &error);
  if (word == NULL)
    return refuse (host, run, message, 403, "unknown.bad-signature", error->message);
  words = find_fault (unknown, word, person, run->chain->id, air_plan_get_artifact (air_host_get_plan (host)),
                      air_instance_get_actor (run->instance), &status, &rule);
  if (words != NULL)
    return refuse (host, run, message, status, rule, words);
  /* What it left behind is not under the signature; so nobody may put other words to it on the way. */
  if (message->data != NULL && g_strcmp0 (message->actor, person->uri) != 0)
    return refuse (host, run, message, 403, "unknown.output",
                   "what the action left behind is told by the person who signed, over their own connection");
  /* What the entry names is the person whose key signed, whoever brought it. */
  g_set_str (&message->actor, person->uri);
  message->happened = strcmp (word->decision, "happened") == 0;
  message->key_id = g_steal_pointer (&key_id);
  message->role = g_strdup (word->role);
  message->reason = g_strdup (word->reason);
  return TRUE;
}
