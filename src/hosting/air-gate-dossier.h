/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"
#include "hosting/air-admission.h"

G_BEGIN_DECLS

/**
 * AirGateDossier:
 *
 * All that the ledger says of one gate of one run: the exact request, and the
 * decisions that counted. The instance would tell most of it too, but a
 * decision is about exact bytes.
 */
typedef struct {
  guint64         index;       /* of HUMAN_GATE_REQUESTED */
  GBytes         *leaf;
  char           *leaf_hash;   /* hex */
  GPtrArray      *disclosures; /* char *, nullable */
  AirValue       *members;
  AirValue       *disclosed;
  GPtrArray      *decisions;   /* AirGateDecided */
} AirGateDossier;

/**
 * AirGateDecided:
 * @index: of the entry in the ledger
 * @time_us: of the entry, in microseconds since the Unix epoch
 * @decision: what was decided
 * @actor: URI of who decided
 * @key: id of their key
 * @role: in which they decided
 * @outcome: of the gate, after it
 * @reason: (nullable): in their words
 * @nonce: (nullable): %NULL for an expiry
 * @envelope: (nullable): its digest
 *
 * A decision that counted.
 */
typedef struct {
  guint64  index;
  gint64   time_us;
  char    *decision;
  char    *actor;
  char    *key;
  char    *role;
  char    *outcome;
  char    *reason;
  char    *nonce;
  char    *envelope;
} AirGateDecided;

/**
 * air_gate_dossier_take:
 * @inout_dossier: NULL at first, and as long as the gate has asked nobody
 * @step: the gate: "<node>", in a loop "<node>@<iteration>"
 * @index: of the entry in the ledger
 * @leaf: the next entry of the run
 * @disclosures: (nullable) (element-type utf8): what it discloses
 *
 * Reads on with the next entry of the run. When the gate asks anew, what was before is over.
 *
 * Returns: FALSE with AIR_LEDGER_ERROR when the entry cannot be read
 */
gboolean        air_gate_dossier_take  (AirGateDossier      **inout_dossier,
                                        const char           *step,
                                        guint64               index,
                                        GBytes               *leaf,
                                        GPtrArray            *disclosures, /* nullable */
                                        GError              **error);
void            air_gate_dossier_free  (AirGateDossier       *self);
gboolean        air_gate_dossier_may   (const AirGateDossier *self,
                                        const AirVoter       *voter,
                                        const char           *uri,
                                        gint64                now_us,
                                        char                **ret_role,
                                        char                **ret_reason);
AirAdmission   *air_gate_dossier_judge (const AirGateDossier *self,
                                        const char           *envelope,
                                        AirFindVoter          find,
                                        gpointer              user_data,
                                        gint64                now_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirGateDossier, air_gate_dossier_free)

G_END_DECLS
