/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-clock.h"
#include "base/air-hash.h"
#include "base/air-value.h"
#include "air-dsse.h"

G_BEGIN_DECLS

#define AIR_DECISION_PREDICATE_TYPE "https://airails.dev/human-decision/v1"
#define AIR_STATEMENT_TYPE          "https://in-toto.io/Statement/v1"

/**
 * AirDecision:
 * @decision: "approve", "deny", "request-info" or "edit"; of an outcome nobody knows "happened" or "did-not-happen"
 * @gate: the subject's name, "<instance>/<gate node>", inside of a for_each with "@<iteration>"
 * @request: the leaf hash of the HUMAN_GATE_REQUESTED entry, the subject's digest
 * @artifact: "sha256:<hex>"
 * @action_digest: the `_sd` commitment to the action that was shown
 * @edits: a JSON Patch of the action shown, for "edit", else %NULL
 *
 * What a person decided, over the exact request they saw.
 */
typedef struct _AirDecision AirDecision;
struct _AirDecision {
  char *decision;
  char *gate;
  AirDigest request;
  char *artifact;
  char *action_digest;
  AirValue *edits;
  char *edited_digest; /* "sha256:<hex>" of the JCS of the action as changed; with "edit", else %NULL */
  char *reason;
  char *role;
  gint64 issued_us;
  gint64 expires_us;
  char *nonce; /* base64url of at least 16 random bytes */
};

AirDecision *air_decision_new          (const char       *decision,
                                        const char       *gate,
                                        const AirDigest  *request,
                                        const char       *artifact,
                                        const char       *action_digest,
                                        const char       *reason,
                                        const char       *role,
                                        gint64            issued_us,
                                        gint64            expires_us,
                                        const AirRandom  *random);
void         air_decision_free         (AirDecision      *self);
GBytes      *air_decision_to_statement (const AirDecision *self,
                                        GError          **error);
AirDecision *air_decision_parse        (GBytes           *statement,
                                        GError          **error);
char        *air_decision_sign         (const AirDecision *self,
                                        AirPrivateKey    *key,
                                        GError          **error);
AirDecision *air_decision_peek         (const char       *envelope,
                                        gsize             length,
                                        char            **ret_key_id,
                                        GError          **error);
AirDecision *air_decision_open         (const char       *envelope,
                                        gsize             length,
                                        AirPublicKey     *key,
                                        GError          **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirDecision, air_decision_free)

G_END_DECLS
