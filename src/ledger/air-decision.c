/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-decision.h"

#include <string.h>

#include "air-ledger-private.h"
#include "air-sd-jwt.h"
#include "base/air-json.h"

#define NONCE_SIZE 16

/**
 * air_decision_new:
 * @decision: "approve", "deny", "request-info" or "edit"; of an action nobody knows of "happened" or "did-not-happen"
 * @gate: "<instance>/<gate node>", inside of a for_each with "@<iteration>"
 * @request: the leaf hash of HUMAN_GATE_REQUESTED
 * @artifact: "sha256:<hex>"
 * @action_digest: the request's `action_digest`
 * @reason: in the person's own words; may be empty
 * @role: the role they act in
 * @issued_us: now
 * @expires_us: when it stops to count if it has not arrived
 * @random: for the nonce
 *
 * Returns: (transfer full): a decision, not signed
 */
AirDecision *
air_decision_new (const char *decision,
                  const char *gate,
                  const AirDigest *request,
                  const char *artifact,
                  const char *action_digest,
                  const char *reason,
                  const char *role,
                  gint64 issued_us,
                  gint64 expires_us,
                  const AirRandom *random)
{
  AirDecision *self = g_new0 (AirDecision, 1);
  guint8 nonce[NONCE_SIZE];

  air_random_fill (random, nonce, sizeof nonce);
  self->decision = g_strdup (decision);
  self->gate = g_strdup (gate);
  self->request = *request;
  self->artifact = g_strdup (artifact);
  self->action_digest = g_strdup (action_digest);
  self->reason = g_strdup (reason);
  self->role = g_strdup (role);
  self->issued_us = issued_us;
  self->expires_us = expires_us;
  self->nonce = air_base64url_encode (nonce, sizeof nonce);
  return self;
}

void
air_decision_free (AirDecision *self)
{
  if (self == NULL)
    return;
  g_free (self->decision);
  g_free (self->gate);
  g_free (self->artifact);
  g_free (self->action_digest);
  g_clear_pointer (&self->edits, air_value_unref);
  g_free (self->edited_digest);
  g_free (self->reason);
  g_free (self->role);
  g_free (self->nonce);
  g_free (self);
}

static gboolean
malformed (GError **error, const char *field, const char *words)
{
  g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "decision: field \"%s\" %s", field, words);
  return FALSE;
}

/* "3", nested "3.0". */
static gboolean
is_iteration (const char *text)
{
  gsize digits = strspn (text, "0123456789");

  while (digits > 0 && text[digits] == '.')
    {
      text += digits + 1;
      digits = strspn (text, "0123456789");
    }
  return digits > 0 && text[digits] == '\0';
}

/* "<instance>/<node>", inside of a for_each "<instance>/<node>@<iteration>". */
static gboolean
is_gate_name (const char *gate)
{
  const char *slash = gate != NULL ? strchr (gate, '/') : NULL, *at = slash != NULL ? strchr (slash, '@') : NULL;
  g_autofree char *instance = slash != NULL ? g_strndup (gate, (gsize) (slash - gate)) : NULL;
  g_autofree char *node = at != NULL ? g_strndup (slash + 1, (gsize) (at - slash - 1)) : NULL;

  return instance != NULL && strlen (gate) <= 512 && air_ledger_is_instance (instance)
         && air_ledger_is_name (node != NULL ? node : slash + 1, 128) && (at == NULL || is_iteration (at + 1));
}

static gboolean
is_nonce (const char *nonce)
{
  g_autofree guint8 *bytes = NULL;
  gsize length = 0;

  if (nonce != NULL)
    bytes = air_base64url_decode (nonce, strlen (nonce), &length);
  return bytes != NULL && length >= NONCE_SIZE && length <= 64;
}

/* "approver", or "approver+finance" where a gate asks for somebody who holds both. */
static gboolean
is_role (const char *role)
{
  g_auto (GStrv) parts = role != NULL ? g_strsplit (role, "+", 8) : NULL;

  for (guint i = 0; parts != NULL && parts[i] != NULL; i++)
    if (!air_ledger_is_name (parts[i], 64))
      return FALSE;
  return parts != NULL && parts[0] != NULL;
}

static gboolean
check (const AirDecision *self, GError **error)
{
  static const char *const decisions[] = {
    "approve", "deny", "request-info", "edit", "happened", "did-not-happen", NULL
  };

  if (self->decision == NULL || !g_strv_contains (decisions, self->decision))
    return malformed (error, "decision", "is none of approve, deny, request-info, edit, happened, did-not-happen");
  if (!is_gate_name (self->gate))
    return malformed (error, "gate", "is not \"<instance>/<gate node>\", or with \"@<iteration>\"");
  if (!air_ledger_is_sha256_uri (self->artifact))
    return malformed (error, "artifact", "is not \"sha256:<64 hexadecimal digits>\"");
  if (!air_sd_is_digest (self->action_digest))
    return malformed (error, "action_digest", "is not a commitment (43 characters of base64url)");
  if (g_str_equal (self->decision, "edit") != (self->edits != NULL)
      || (self->edits != NULL && air_value_get_kind (self->edits) != AIR_VALUE_LIST))
    return malformed (error, "edits", "must be a JSON Patch with \"edit\", and absent otherwise");
  if (self->edits != NULL && air_ledger_has_double (self->edits))
    return malformed (error, "edits", "holds a floating-point number");
  if ((self->edits != NULL) != (self->edited_digest != NULL)
      || (self->edited_digest != NULL && !air_ledger_is_sha256_uri (self->edited_digest)))
    return malformed (error, "edited_digest",
                      "must be \"sha256:<64 hexadecimal digits>\" with \"edit\", and absent otherwise");
  if (self->reason == NULL || !g_utf8_validate (self->reason, -1, NULL))
    return malformed (error, "reason", "is not text");
  if (!is_role (self->role))
    return malformed (error, "role", "is not the name of a role");
  if (self->expires_us <= self->issued_us)
    return malformed (error, "expires", "is not after \"issued\"");
  if (!is_nonce (self->nonce))
    return malformed (error, "nonce", "is not base64url of 16 to 64 bytes");
  return TRUE;
}

static void
set_time (AirValue *map, const char *key, gint64 time_us)
{
  g_autofree char *text = air_time_format (time_us);

  air_map_set_string (map, key, text);
}

/**
 * air_decision_to_statement:
 * @self: a decision
 * @error: return location
 *
 * The in-toto Statement v1 whose subject is the request. Fails with
 * %AIR_LEDGER_ERROR_MALFORMED when a field is not what it should be.
 *
 * Returns: (transfer full): JCS, what is signed
 */
GBytes *
air_decision_to_statement (const AirDecision *self, GError **error)
{
  g_autoptr (AirValue) root = NULL;
  g_autofree char *hex = air_digest_to_hex (&self->request);
  AirValue *predicate, *subject, *item, *digest;

  if (!check (self, error))
    return NULL;

  predicate = air_map_new ();
  air_map_set_string (predicate, "decision", self->decision);
  air_map_set_string (predicate, "gate", self->gate);
  air_map_set_string (predicate, "artifact", self->artifact);
  air_map_set_string (predicate, "action_digest", self->action_digest);
  if (self->edits != NULL)
    {
      air_map_set (predicate, "edits", air_value_ref (self->edits));
      air_map_set_string (predicate, "edited_digest", self->edited_digest);
    }
  air_map_set_string (predicate, "reason", self->reason);
  air_map_set_string (predicate, "role", self->role);
  set_time (predicate, "issued", self->issued_us);
  set_time (predicate, "expires", self->expires_us);
  air_map_set_string (predicate, "nonce", self->nonce);

  digest = air_map_new ();
  air_map_set_string (digest, "sha256", hex);
  item = air_map_new ();
  air_map_set_string (item, "name", self->gate);
  air_map_set (item, "digest", digest);
  subject = air_list_new ();
  air_list_append (subject, item);

  root = air_map_new ();
  air_map_set_string (root, "_type", AIR_STATEMENT_TYPE);
  air_map_set (root, "subject", subject);
  air_map_set_string (root, "predicateType", AIR_DECISION_PREDICATE_TYPE);
  air_map_set (root, "predicate", predicate);
  return air_jcs_write_bytes (root, error);
}

static gboolean
get_time (const AirValue *map, const char *key, gint64 *ret_us, GError **error)
{
  const char *text = air_map_get_string (map, key);

  if (text == NULL || !air_time_parse (text, ret_us))
    return malformed (error, key, "is no RFC 3339 time");
  return TRUE;
}

/* Everything the statement says must be what this program would have written:
 * comparing the bytes leaves no room for unknown fields or other spellings. */
static gboolean
check_canonical (const AirDecision *self, GBytes *statement, GError **error)
{
  g_autoptr (GBytes) canonical = air_decision_to_statement (self, error);

  if (canonical == NULL)
    return FALSE;
  if (!g_bytes_equal (canonical, statement))
    {
      g_set_error_literal (
          error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_NOT_CANONICAL,
          "decision: the statement is not canonical JSON (RFC 8785) of exactly the fields of a decision");
      return FALSE;
    }
  return TRUE;
}

/**
 * air_decision_parse:
 * @statement: the payload of an envelope
 * @error: return location
 *
 * Strict: unknown fields and other spellings are refused. Fails with
 * %AIR_LEDGER_ERROR_MALFORMED, %AIR_LEDGER_ERROR_NOT_CANONICAL,
 * %AIR_LEDGER_ERROR_UNSUPPORTED (another predicate), or a %AIR_JSON_ERROR.
 *
 * Returns: (transfer full): the decision, or %NULL
 */
AirDecision *
air_decision_parse (GBytes *statement, GError **error)
{
  g_autoptr (AirDecision) self = g_new0 (AirDecision, 1);
  g_autoptr (AirValue) root = air_json_parse_named (statement, "decision", error);
  const AirValue *predicate, *subject;
  AirValue *edits;
  const char *hex;

  if (root == NULL)
    return NULL;
  if (g_strcmp0 (air_map_get_string (root, "_type"), AIR_STATEMENT_TYPE) != 0
      || g_strcmp0 (air_map_get_string (root, "predicateType"), AIR_DECISION_PREDICATE_TYPE) != 0)
    {
      g_set_error_literal (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_UNSUPPORTED,
                           "decision: not an in-toto Statement v1 of type " AIR_DECISION_PREDICATE_TYPE);
      return NULL;
    }

  subject = air_map_get_list (root, "subject");
  if (subject == NULL || air_list_get_size (subject) != 1)
    {
      malformed (error, "subject", "is not a list of one");
      return NULL;
    }
  hex = air_map_get_string (air_map_get_map (air_list_get (subject, 0), "digest"), "sha256");
  if (hex == NULL || !air_digest_from_hex (hex, &self->request))
    {
      malformed (error, "subject", "has no digest \"sha256\"");
      return NULL;
    }

  predicate = air_map_get_map (root, "predicate");
  if (predicate == NULL)
    {
      malformed (error, "predicate", "is not an object");
      return NULL;
    }
  self->decision = g_strdup (air_map_get_string (predicate, "decision"));
  self->gate = g_strdup (air_map_get_string (predicate, "gate"));
  self->artifact = g_strdup (air_map_get_string (predicate, "artifact"));
  self->action_digest = g_strdup (air_map_get_string (predicate, "action_digest"));
  self->reason = g_strdup (air_map_get_string (predicate, "reason"));
  self->role = g_strdup (air_map_get_string (predicate, "role"));
  self->nonce = g_strdup (air_map_get_string (predicate, "nonce"));
  edits = air_map_get (predicate, "edits");
  self->edits = edits != NULL ? air_value_ref (edits) : NULL;
  self->edited_digest = g_strdup (air_map_get_string (predicate, "edited_digest"));
  if (!get_time (predicate, "issued", &self->issued_us, error)
      || !get_time (predicate, "expires", &self->expires_us, error) || !check_canonical (self, statement, error))
    return NULL;

  return g_steal_pointer (&self);
}

/**
 * air_decision_sign:
 * @self: a decision
 * @key: the approver's own
 * @error: return location
 *
 * Fails with an %AIR_LEDGER_ERROR as air_decision_to_statement(), or with %AIR_CRYPTO_ERROR_FAILED as
 * air_private_key_sign().
 *
 * Returns: (transfer full): the DSSE envelope as JSON text
 */
char *
air_decision_sign (const AirDecision *self, AirPrivateKey *key, GError **error)
{
  g_autoptr (GBytes) statement = air_decision_to_statement (self, error);
  g_autoptr (AirDsse) envelope = NULL;

  if (statement == NULL)
    return NULL;
  envelope = air_dsse_sign (AIR_DSSE_IN_TOTO, statement, key, error);
  return envelope != NULL ? air_dsse_write (envelope) : NULL;
}

static AirDsse *
parse_envelope (const char *envelope, gsize length, GError **error)
{
  g_autoptr (AirDsse) dsse = air_dsse_parse (envelope, length, error);
  g_autofree char *canonical = NULL;

  if (dsse == NULL)
    return NULL;
  /* One decision, one envelope: else the same signature could come in many guises. */
  canonical = air_dsse_write (dsse);
  if (strlen (canonical) != length || memcmp (canonical, envelope, length) != 0)
    {
      g_set_error_literal (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_NOT_CANONICAL,
                           "envelope: not canonical JSON (RFC 8785); write it with sorted keys and no spaces");
      return NULL;
    }
  if (!g_str_equal (dsse->payload_type, AIR_DSSE_IN_TOTO))
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_UNSUPPORTED,
                   "envelope: field \"payloadType\" is \"%s\", not \"" AIR_DSSE_IN_TOTO "\"", dsse->payload_type);
      return NULL;
    }
  if (dsse->signatures->len != 1)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED,
                   "envelope: %u signatures; a decision has one, by the person who decides", dsse->signatures->len);
      return NULL;
    }
  return g_steal_pointer (&dsse);
}

/**
 * air_decision_peek:
 * @envelope: the DSSE envelope as JSON text
 * @length: its bytes
 * @ret_key_id: (out) (transfer full): the key that claims to have signed
 * @error: return location
 *
 * Reads a decision without verifying it, to find the key that must have signed. Fails with an %AIR_LEDGER_ERROR, as
 * air_dsse_parse() and air_decision_parse() do.
 *
 * Returns: (transfer full): the decision, not believed; or %NULL
 */
AirDecision *
air_decision_peek (const char *envelope, gsize length, char **ret_key_id, GError **error)
{
  g_autoptr (AirDsse) dsse = parse_envelope (envelope, length, error);
  g_autoptr (AirDecision) self = NULL;

  if (dsse == NULL || (self = air_decision_parse (dsse->payload, error)) == NULL)
    return NULL;
  if (ret_key_id != NULL)
    *ret_key_id = g_strdup (((AirDsseSignature *) g_ptr_array_index (dsse->signatures, 0))->key_id);
  return g_steal_pointer (&self);
}

/**
 * air_decision_open:
 * @envelope: the DSSE envelope as JSON text
 * @length: its bytes
 * @key: the approver's enrolled key
 * @error: return location
 *
 * Verifies first, then reads. Fails with %AIR_LEDGER_ERROR_SIGNATURE, or as
 * air_dsse_parse() and air_decision_parse() do.
 *
 * Returns: (transfer full): the decision, to be believed; or %NULL
 */
AirDecision *
air_decision_open (const char *envelope, gsize length, AirPublicKey *key, GError **error)
{
  g_autoptr (AirDsse) dsse = parse_envelope (envelope, length, error);

  if (dsse == NULL || !air_dsse_verify (dsse, key, error))
    return NULL;
  return air_decision_parse (dsse->payload, error);
}
