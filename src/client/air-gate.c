/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-client"

#include "config.h"

#include "client/air-gate.h"

#include <string.h>

#include "base/air-clock.h"
#include "policy/air-gate-edit.h"
#include "client/air-client.h"
#include "ledger/air-decision.h"
#include "ledger/air-entry.h"
#include "ledger/air-sd-jwt.h"

/* A signed decision is good for this long and never past the gate's deadline, so that one kept back is worth little. */
#define DECISION_LIFE_US (10 * G_TIME_SPAN_MINUTE)

struct _AirGate {
  gatomicrefcount ref_count;
  AirValue *document;
  AirEntry *entry;
  AirValue *disclosed;
  char *leaf;
  char *leaf_hash;
  char *id;
  char *run;
  char *node;
  guint64 index;
  gint64 deadline_us;
};

G_DEFINE_BOXED_TYPE (AirGate, air_gate, air_gate_ref, air_gate_unref)

static gboolean
unverified (GError **error, const char *id, const char *what)
{
  g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED,
               "gate %s: %s; do not decide it, and tell those who run the workflow", id, what);
  return FALSE;
}

static AirValue *
members_of (AirGate *self)
{
  return air_entry_get_members (self->entry);
}

/* The commitment the entry calls the action's must be the one the shown action opens. */
static gboolean
check_action (AirGate *self, GPtrArray *disclosures, GError **error)
{
  const char *expected = air_map_get_string (members_of (self), "action_digest");
  const char *claimed = air_map_get_string (self->document, "action_digest");

  if (expected == NULL)
    return unverified (error, self->id, "its ledger entry names no action");
  if (claimed != NULL && g_strcmp0 (claimed, expected) != 0)
    return unverified (error, self->id, "the action digest shown is not the one in the ledger entry");
  if (air_map_get_list (self->disclosed, "action") == NULL)
    return unverified (error, self->id, "its action was not disclosed to you");
  for (guint i = 0; i < disclosures->len; i++)
    {
      char digest[AIR_SD_DIGEST_SIZE + 1];

      air_sd_digest (disclosures->pdata[i], digest);
      if (strcmp (digest, expected) == 0)
        {
          g_autoptr (AirDisclosure) disclosure = air_sd_parse (disclosures->pdata[i], NULL);

          if (disclosure != NULL && g_strcmp0 (disclosure->name, "action") == 0
              && air_value_equal (disclosure->value, air_map_get_list (self->disclosed, "action")))
            return TRUE;
        }
    }
  return unverified (error, self->id, "the action shown is not the one its ledger entry commits to");
}

static gboolean
load (AirGate *self, GError **error)
{
  AirValue *requested = air_map_get_map (self->document, "requested");
  AirValue *texts = air_map_get_list (self->document, "disclosures");
  g_autoptr (GPtrArray) disclosures = g_ptr_array_new ();
  g_autoptr (GBytes) leaf = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *prefix = NULL, *step = NULL;
  const char *claimed, *deadline, *iteration;
  gint64 index;

  self->id = g_strdup (air_map_get_string (self->document, "gate"));
  self->leaf = g_strdup (air_map_get_string (requested, "leaf"));
  index = air_map_get_int (requested, "index", -1);
  if (self->id == NULL || self->leaf == NULL || index < 0)
    {
      g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_PROTOCOL, "the runtime's gate has no \"%s\"",
                   self->id == NULL     ? "gate"
                   : self->leaf == NULL ? "requested.leaf"
                                        : "requested.index");
      return FALSE;
    }
  self->index = (guint64) index;

  leaf = g_bytes_new (self->leaf, strlen (self->leaf));
  self->entry = air_entry_parse (leaf, &local);
  if (self->entry == NULL)
    return unverified (error, self->id, local->message);
  if (g_strcmp0 (air_entry_get_type_name (self->entry), AIR_ENTRY_HUMAN_GATE_REQUESTED) != 0)
    return unverified (error, self->id, "the ledger entry it quotes is not a request for a decision");
  self->leaf_hash = air_digest_to_hex (air_entry_get_hash (self->entry));
  claimed = air_map_get_string (requested, "leaf_hash");
  if (claimed != NULL && g_strcmp0 (claimed, self->leaf_hash) != 0)
    return unverified (error, self->id, "the hash it names is not the hash of the ledger entry it quotes");

  self->run = g_strdup (air_entry_get_instance (self->entry));
  prefix = g_strconcat (self->run, "/", NULL);
  if (g_strcmp0 (air_map_get_string (members_of (self), "gate"), self->id) != 0 || !g_str_has_prefix (self->id, prefix))
    return unverified (error, self->id, "the ledger entry it quotes is of another gate");
  /* In a loop the step is "<node>@<iteration>". */
  self->node = g_strdup (self->id + strlen (prefix));
  iteration = air_map_get_string (members_of (self), "iteration");
  step = g_strconcat (
      air_map_get_string (members_of (self), "node") != NULL ? air_map_get_string (members_of (self), "node") : "",
      iteration != NULL ? "@" : NULL, iteration, NULL);
  if (!g_str_equal (step, self->node))
    return unverified (error, self->id, "the ledger entry it quotes stands at another step");

  for (gsize i = 0; texts != NULL && i < air_list_get_size (texts); i++)
    if (air_list_get_string (texts, i) != NULL)
      g_ptr_array_add (disclosures, (gpointer) air_list_get_string (texts, i));
  self->disclosed = air_entry_open (self->entry, disclosures, &local);
  if (self->disclosed == NULL)
    return unverified (error, self->id, local->message);
  if (!check_action (self, disclosures, error))
    return FALSE;

  deadline = air_map_get_string (members_of (self), "deadline");
  if (deadline != NULL && !air_time_parse (deadline, &self->deadline_us))
    return unverified (error, self->id, "its deadline is not a time");
  return TRUE;
}

/**
 * air_gate_new:
 * @document: what GET /v1/gates/{run}/{node} answered
 *
 * Returns: (transfer full): the gate, or %NULL with %AIR_CLIENT_ERROR_PROTOCOL or %AIR_CLIENT_ERROR_UNVERIFIED
 */
AirGate *
air_gate_new (AirValue *document, GError **error)
{
  AirGate *self;

  g_return_val_if_fail (document != NULL, NULL);
  self = g_new0 (AirGate, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->document = air_value_ref (document);
  if (!load (self, error))
    g_clear_pointer (&self, air_gate_unref);
  return self;
}

AirGate *
air_gate_ref (AirGate *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
air_gate_unref (AirGate *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->entry, air_entry_free);
  g_clear_pointer (&self->disclosed, air_value_unref);
  g_clear_pointer (&self->document, air_value_unref);
  g_free (self->leaf);
  g_free (self->leaf_hash);
  g_free (self->id);
  g_free (self->run);
  g_free (self->node);
  g_free (self);
}

/**
 * air_gate_get_id:
 * @self: a gate
 *
 * Returns: (transfer none): "<run>/<node>", in a for_each with "@<iteration>"
 */
const char *
air_gate_get_id (AirGate *self)
{
  return self->id;
}

/**
 * air_gate_get_run:
 * @self: a gate
 *
 * Returns: (transfer none): the run's id
 */
const char *
air_gate_get_run (AirGate *self)
{
  return self->run;
}

/**
 * air_gate_get_node:
 * @self: a gate
 *
 * Returns: (transfer none): the step: the node, in a for_each "<node>@<iteration>"
 */
const char *
air_gate_get_node (AirGate *self)
{
  return self->node;
}

/**
 * air_gate_get_leaf:
 * @self: a gate
 *
 * Returns: (transfer none): the exact text of HUMAN_GATE_REQUESTED
 */
const char *
air_gate_get_leaf (AirGate *self)
{
  return self->leaf;
}

/**
 * air_gate_get_leaf_hash:
 * @self: a gate
 *
 * Returns: (transfer none): hexadecimal hash of that entry, recomputed here: what a decision is about
 */
const char *
air_gate_get_leaf_hash (AirGate *self)
{
  return self->leaf_hash;
}

/**
 * air_gate_get_index:
 * @self: a gate
 *
 * Returns: of that entry in the ledger
 */
guint64
air_gate_get_index (AirGate *self)
{
  return self->index;
}

/**
 * air_gate_get_entry:
 * @self: a gate
 *
 * Returns: (transfer none): the entry's members
 */
AirValue *
air_gate_get_entry (AirGate *self)
{
  return members_of (self);
}

/**
 * air_gate_get_action:
 * @self: a gate
 *
 * Returns: (transfer none) (nullable): [{node, operation, title, input, idempotency_key}], opened against the entry's
 *   commitment
 */
AirValue *
air_gate_get_action (AirGate *self)
{
  return air_map_get_list (self->disclosed, "action");
}

/**
 * air_gate_get_action_digest:
 * @self: a gate
 *
 * Returns: (transfer none) (nullable): the entry's commitment to the action, which is signed
 */
const char *
air_gate_get_action_digest (AirGate *self)
{
  return air_map_get_string (members_of (self), "action_digest");
}

/**
 * air_gate_get_why:
 * @self: a gate
 *
 * Returns: (transfer none) (nullable): why the policy asks
 */
AirValue *
air_gate_get_why (AirGate *self)
{
  return air_map_get (self->disclosed, "why");
}

/**
 * air_gate_get_artifact:
 * @self: a gate
 *
 * Returns: (transfer none) (nullable): "sha256:<hex>" of the workflow's version
 */
const char *
air_gate_get_artifact (AirGate *self)
{
  return air_map_get_string (members_of (self), "artifact");
}

/**
 * air_gate_get_policy:
 * @self: a gate
 *
 * Returns: (transfer none) (nullable): "sha256:<hex>" of the policy that asks
 */
const char *
air_gate_get_policy (AirGate *self)
{
  return air_map_get_string (members_of (self), "policy");
}

/**
 * air_gate_get_quorum:
 * @self: a gate
 *
 * Returns: approvals that let pass, as the entry says
 */
gint64
air_gate_get_quorum (AirGate *self)
{
  return air_map_get_int (members_of (self), "quorum", 1);
}

/**
 * air_gate_get_counted:
 * @self: a gate
 *
 * Returns: approvals that count so far, by the runtime's word
 */
gint64
air_gate_get_counted (AirGate *self)
{
  return air_map_get_int (self->document, "counted", 0);
}

/**
 * air_gate_get_role:
 * @self: a gate
 *
 * Returns: (transfer none) (nullable): the role a decision needs; "a+b": both
 */
const char *
air_gate_get_role (AirGate *self)
{
  return air_map_get_string (members_of (self), "role");
}

/**
 * air_gate_get_deadline_us:
 * @self: a gate
 *
 * Returns: microseconds since the Unix epoch; 0: none
 */
gint64
air_gate_get_deadline_us (AirGate *self)
{
  return self->deadline_us;
}

/**
 * air_gate_get_on_expiry:
 * @self: a gate
 *
 * Returns: (transfer none) (nullable): "deny" or "expire"
 */
const char *
air_gate_get_on_expiry (AirGate *self)
{
  return air_map_get_string (members_of (self), "on_expiry");
}

/**
 * air_gate_get_exclude:
 * @self: a gate
 *
 * Returns: (transfer none) (nullable): a list of URIs of those who may not decide
 */
AirValue *
air_gate_get_exclude (AirGate *self)
{
  return air_map_get_list (members_of (self), "exclude");
}

/**
 * air_gate_get_decisions:
 * @self: a gate
 *
 * Returns: (transfer none) (nullable): a list of those that count so far, by the runtime's word
 */
AirValue *
air_gate_get_decisions (AirGate *self)
{
  return air_map_get_list (self->document, "decisions");
}

/**
 * air_gate_get_state:
 * @self: a gate
 *
 * Returns: (transfer none): "waiting", "approved", …, by the runtime's word
 */
const char *
air_gate_get_state (AirGate *self)
{
  const char *state = air_map_get_string (self->document, "state");

  return state != NULL ? state : "waiting";
}

/**
 * air_gate_may_decide:
 * @self: a gate
 * @ret_reason: (out) (optional) (nullable) (transfer none): why not, in words
 *
 * Returns: whether the runtime would let us decide; it judges again, and alone, when a decision comes
 */
gboolean
air_gate_may_decide (AirGate *self, const char **ret_reason)
{
  AirValue *may = air_map_get_map (self->document, "may_decide");

  if (ret_reason != NULL)
    *ret_reason = air_map_get_string (may, "reason");
  return air_map_get_bool (may, "allowed", FALSE);
}

/* The role the runtime proposes, where the entry lets that role decide; else the gate's. */
static const char *
role_for_me (AirGate *self)
{
  AirValue *may = air_map_get_map (self->document, "may_decide"), *entry = air_gate_get_entry (self);
  const char *proposed = may != NULL ? air_map_get_string (may, "role") : NULL, *role = air_gate_get_role (self);
  AirValue *levels = air_map_get_list (entry, "escalation");

  for (gsize i = 0; proposed != NULL && levels != NULL && i < air_list_get_size (levels); i++)
    if (g_strcmp0 (air_map_get_string (air_list_get (levels, i), "role"), proposed) == 0)
      return proposed;
  return role != NULL ? role : "approver";
}

/**
 * air_gate_sign:
 * @self: a gate
 * @decision: "approve", "deny" or "request-info"
 * @reason: why, in the person's words; may be empty
 * @key: the person's own decision key
 * @issued_us: now, in microseconds since the Unix epoch
 *
 * Signs an in-toto statement about exactly the entry and action this gate holds.
 *
 * Returns: (transfer full): a DSSE envelope, or %NULL with an %AIR_LEDGER_ERROR or %AIR_CRYPTO_ERROR
 */
GBytes *
air_gate_sign (AirGate *self,
               const char *decision,
               const char *reason,
               AirPrivateKey *key,
               gint64 issued_us,
               GError **error)
{
  return air_gate_sign_edit (self, decision, NULL, reason, key, issued_us, error);
}

/**
 * air_gate_sign_edit:
 * @self: a gate
 * @decision: "edit", with @patch; else as air_gate_sign()
 * @patch: (nullable): a JSON Patch of the action: what is approved instead of what the gate shows
 * @reason: why, in the person's words; may be empty
 * @key: the person's own decision key
 * @issued_us: now, in microseconds since the Unix epoch
 *
 * Returns: (transfer full): a DSSE envelope, or %NULL as air_gate_sign(), or with an %AIR_POLICY_ERROR when the
 *   gate's policy does not let that be changed
 */
GBytes *
air_gate_sign_edit (AirGate *self,
                    const char *decision,
                    AirValue *patch,
                    const char *reason,
                    AirPrivateKey *key,
                    gint64 issued_us,
                    GError **error)
{
  g_autoptr (AirDecision) statement = NULL;
  g_autoptr (AirValue) edited = NULL;
  gint64 expires_us = issued_us + DECISION_LIFE_US;
  char *envelope;

  g_return_val_if_fail (decision != NULL && key != NULL, NULL);

  if (self->deadline_us > 0)
    {
      if (issued_us >= self->deadline_us)
        {
          g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_CONFLICT,
                       "gate %s: its deadline has passed; what happens on expiry has happened", self->id);
          return NULL;
        }
      expires_us = MIN (expires_us, self->deadline_us);
    }
  statement = air_decision_new (decision, self->id, air_entry_get_hash (self->entry), air_gate_get_artifact (self),
                                air_gate_get_action_digest (self), reason != NULL ? reason : "", role_for_me (self),
                                issued_us, expires_us, air_random_system ());
  if (patch != NULL)
    {
      edited = air_gate_edit_apply (air_gate_get_action (self), air_map_get_map (air_gate_get_entry (self), "edit"),
                                    patch, error);
      if (edited == NULL)
        return NULL;
      statement->edits = air_value_ref (patch);
      statement->edited_digest = air_gate_edit_digest (edited);
    }
  envelope = air_decision_sign (statement, key, error);
  return envelope != NULL ? g_bytes_new_take (envelope, strlen (envelope)) : NULL;
}
