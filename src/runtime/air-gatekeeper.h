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

typedef struct {
  guint64  index;
  gint64   time_us;
  char    *decision;
  char    *actor;
  char    *key;
  char    *role;
  char    *outcome;
  char    *reason;   /* nullable */
  char    *nonce;    /* nullable for an expiry */
  char    *envelope; /* nullable: its digest */
} AirGateDecided;

/* NULL without an error when the gate asked nobody yet. */
AirGateDossier *air_gate_dossier_read   (AirHost              *host,
                                         const char           *run,
                                         const char           *node,
                                         GError              **error);
void            air_gate_dossier_free   (AirGateDossier       *self);
/* Whether the person behind this URI may decide now; the reason in either case. */
gboolean        air_gate_dossier_may    (const AirGateDossier *self,
                                         AirHost              *host,
                                         const char           *uri,
                                         char                **ret_role,    /* to decide in; nullable */
                                         char                **ret_reason);

/* Verifies and judges the decision in @message. TRUE: it counts, and the message is filled in.
 * FALSE: it is answered, and refusals are in the ledger. */
gboolean        air_gatekeeper_admit    (AirHost              *host,
                                         AirRun               *run,
                                         AirMessage           *message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirGateDossier, air_gate_dossier_free)

G_END_DECLS
