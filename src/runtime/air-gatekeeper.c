/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of a decision into a run: read out of the store, judged by what hosts share, refused in the ledger. */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-gatekeeper.h"

#include <string.h>

static void
fill_voter (AirHost *host, const AirPerson *person, AirVoter *ret_voter)
{
  *ret_voter = (AirVoter) {
    .uri = person->uri,
    .key = person->key,
    .roles = (const char *const *) person->roles,
    .enrolled_us = person->key != NULL ? air_host_get_enrolled (host, air_public_key_get_id (person->key)) : 0,
  };
}

/**
 * air_host_find_voter:
 * @key_id: a key's id
 * @ret_voter: (out caller-allocates): whose key it is; borrowed from the host
 * @host: the #AirHost
 *
 * An #AirFindVoter: by the pinned trust roots and the enrolments in the ledger.
 *
 * Returns: %FALSE: nobody's
 */
gboolean
air_host_find_voter (const char *key_id, AirVoter *ret_voter, gpointer host)
{
  AirTrust *trust = air_host_get_trust (host);
  const AirPerson *person = trust != NULL ? air_trust_find_key (trust, key_id) : NULL;

  if (person == NULL)
    return FALSE;
  fill_voter (host, person, ret_voter);
  return TRUE;
}

/**
 * air_host_read_dossier:
 * @host: the host
 * @run: a run's id
 * @node: the step
 * @error: return location
 *
 * Reads the last time @node asked for decisions, out of the run's entries.
 *
 * Returns: (transfer full) (nullable): what the ledger says; %NULL without an error when the gate asked nobody yet, or
 *   with an %AIR_STORE_ERROR or %AIR_LEDGER_ERROR
 */
AirGateDossier *
air_host_read_dossier (AirHost *host, const char *run, const char *node, GError **error)
{
  g_autoptr (GPtrArray) entries = air_host_read_entries (host, run, error);
  g_autoptr (AirGateDossier) dossier = NULL;

  for (guint i = 0; entries != NULL && i < entries->len; i++)
    {
      const AirStoredEntry *stored = entries->pdata[i];

      if (!air_gate_dossier_take (&dossier, node, stored->index, stored->leaf, stored->disclosures, error))
        return NULL;
    }
  return g_steal_pointer (&dossier);
}

/**
 * air_host_may_decide:
 * @host: the host
 * @dossier: what the ledger says of a gate
 * @uri: a person
 * @ret_role: (out) (nullable) (transfer full): to decide in
 * @ret_reason: (out) (transfer full): why or why not
 *
 * Returns: whether they may decide now
 */
gboolean
air_host_may_decide (AirHost *host, const AirGateDossier *dossier, const char *uri, char **ret_role, char **ret_reason)
{
  AirTrust *trust = air_host_get_trust (host);
  const AirPerson *person = trust != NULL ? air_trust_find_uri (trust, uri) : NULL;
  AirVoter voter = { 0 };

  if (person != NULL)
    fill_voter (host, person, &voter);
  return air_gate_dossier_may (dossier, person != NULL ? &voter : NULL, uri, g_get_real_time (), ret_role, ret_reason);
}

/* --- refusing --- */

typedef struct {
  AirSender sender;
  AirProblem *problem;
} Refusal;

static void
logged_cb (const GError *failure, gpointer user_data)
{
  g_autofree Refusal *refusal = user_data;

  refusal->sender.answered (NULL, NULL, refusal->problem, refusal->sender.user_data);
}

static guint
status_of (AirAdmissionKind kind)
{
  switch (kind)
    {
    case AIR_REFUSED_MALFORMED:
      return 422;
    case AIR_REFUSED_STATE:
      return 409;
    case AIR_REFUSED_EXPIRED:
      return 410;
    case AIR_REFUSED_PERSON:
    case AIR_ADMITTED:
    case AIR_ADMITTED_BEFORE:
      break;
    }
  return 403;
}

/**
 * air_host_refuse:
 * @host: the host
 * @run: the run it was about
 * @message: what was signed
 * @what: before the name of its subject, as in "gate"
 * @slug: of the problem the sender is told
 * @admission: why it does not count
 *
 * The refusal is told when it is in the ledger; by then the run may have left the memory.
 */
void
air_host_refuse (AirHost *host,
                 AirRun *run,
                 AirMessage *message,
                 const char *what,
                 const char *slug,
                 const AirAdmission *admission)
{
  g_autoptr (GError) error = g_error_new_literal (AIR_HOST_ERROR, AIR_HOST_ERROR_LEDGER, admission->message);
  g_autofree char *subject = g_strdup_printf ("%s %s/%s", what, run->chain->id, message->node);
  Refusal *refusal = g_new (Refusal, 1);

  *refusal =
      (Refusal) { *(AirSender *) message->sender, air_problem_new_error (status_of (admission->kind), slug, error) };
  air_problem_set_rule (refusal->problem, admission->rule);
  air_host_log_refusal (host, message->actor, subject, admission->rule, admission->message, logged_cb, refusal);
}

/**
 * air_host_take_statement:
 * @message: what was signed
 * @admission: it was admitted
 *
 * Fills the message in: what the entry names is the person whose key signed, whoever brought it.
 */
void
air_host_take_statement (AirMessage *message, const AirAdmission *admission)
{
  const AirDecision *statement = admission->statement;

  g_set_str (&message->actor, admission->uri);
  g_set_str (&message->key_id, admission->key_id);
  g_set_str (&message->role, statement->role);
  g_set_str (&message->reason, statement->reason);
}

/* --- admitting --- */

/**
 * air_gatekeeper_admit:
 * @host: the host
 * @run: the gate's run
 * @message: a decision, its envelope not verified yet; filled in when it counts
 *
 * Verifies the signature against the enrolled keys and judges, as air_gate_dossier_judge() does.
 *
 * Returns: %TRUE: it counts. %FALSE: it is answered, and refusals are in the ledger
 */
gboolean
air_gatekeeper_admit (AirHost *host, AirRun *run, AirMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirGateDossier) dossier = air_host_read_dossier (host, run->chain->id, message->node, &error);
  g_autoptr (AirAdmission) admission = NULL;

  if (dossier == NULL)
    {
      air_message_answer (message, run, NULL,
                          error != NULL ? air_problem_new_error (503, "not-readable", error)
                                        : air_problem_new (404, "no-such-gate", "see GET /v1/gates?state=waiting",
                                                           "\"%s\" of run %s asks for no decision", message->node,
                                                           run->chain->id));
      return FALSE;
    }
  admission = air_gate_dossier_judge (dossier, message->envelope, air_host_find_voter, host, g_get_real_time ());
  if (admission->kind == AIR_ADMITTED_BEFORE)
    {
      air_message_answer (message, run, NULL, NULL);
      return FALSE;
    }
  if (admission->kind != AIR_ADMITTED)
    {
      air_host_refuse (host, run, message, "gate", "decision-refused", admission);
      return FALSE;
    }
  air_host_take_statement (message, admission);
  message->asks = strcmp (admission->statement->decision, "request-info") == 0;
  message->approve = !message->asks && strcmp (admission->statement->decision, "deny") != 0;
  message->edits = admission->statement->edits != NULL ? air_value_ref (admission->statement->edits) : NULL;
  return TRUE;
}
