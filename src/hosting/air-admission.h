/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-key.h"
#include "ledger/air-decision.h"

G_BEGIN_DECLS

/**
 * AirVoter:
 * @enrolled_us: since when the key counts here; 0: it does not
 *
 * A person as a host knows them. Borrowed.
 */
typedef struct {
  const char         *uri;
  AirPublicKey       *key;
  const char * const *roles;
  gint64              enrolled_us;
} AirVoter;

/**
 * AirFindVoter:
 * @key_id: hexadecimal SHA-256 of the SPKI, as the envelope claims
 * @ret_voter: (out caller-allocates): whose key it is; borrowed until the next call
 * @user_data: what was handed in
 *
 * Returns: %FALSE: nobody's
 */
typedef gboolean (*AirFindVoter) (const char *key_id,
                                  AirVoter   *ret_voter,
                                  gpointer    user_data);

/**
 * AirAdmissionKind:
 * @AIR_ADMITTED: it counts
 * @AIR_ADMITTED_BEFORE: the very same envelope has counted
 * @AIR_REFUSED_MALFORMED: it cannot be read, or is about something else
 * @AIR_REFUSED_PERSON: who signed may not
 * @AIR_REFUSED_STATE: it comes too late or twice
 * @AIR_REFUSED_EXPIRED: the gate's deadline has passed
 */
typedef enum {
  AIR_ADMITTED,
  AIR_ADMITTED_BEFORE,
  AIR_REFUSED_MALFORMED,
  AIR_REFUSED_PERSON,
  AIR_REFUSED_STATE,
  AIR_REFUSED_EXPIRED,
} AirAdmissionKind;

/**
 * AirAdmission:
 * @rule: stable id of the rule that decided ("gate.role-missing")
 * @message: in words, for a refusal
 * @statement: what was signed, when it was admitted
 * @uri: whose key signed, when it was admitted: an entry names them, whoever brought it
 *
 * What a host makes of a signed envelope. Nothing of an envelope is used
 * before its signature holds.
 */
typedef struct {
  AirAdmissionKind kind;
  const char      *rule;
  char            *message;
  AirDecision     *statement;
  char            *key_id;
  char            *uri;
} AirAdmission;

void air_admission_free (AirAdmission *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirAdmission, air_admission_free)

G_END_DECLS
