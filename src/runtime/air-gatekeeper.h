/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "runtime/air-host.h"

G_BEGIN_DECLS

/**
 * AirGateDossier:
 *
 * All that the ledger says of one gate of one run: the exact request, and the
 * decisions that counted.
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
 * @index: of the entry
 * @time_us: of the entry
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

AirGateDossier *air_gate_dossier_read   (AirHost              *host,
                                         const char           *run,
                                         const char           *node,
                                         GError              **error);
void            air_gate_dossier_free   (AirGateDossier       *self);
gboolean        air_gate_dossier_may    (const AirGateDossier *self,
                                         AirHost              *host,
                                         const char           *uri,
                                         char                **ret_role,
                                         char                **ret_reason);

gboolean        air_gatekeeper_admit    (AirHost              *host,
                                         AirRun               *run,
                                         AirMessage           *message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirGateDossier, air_gate_dossier_free)

G_END_DECLS
