/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "hosting/air-gate-dossier.h"
#include "runtime/air-host.h"

G_BEGIN_DECLS

/* Whose key it is, by the pinned trust and the ledger's enrolments; @host: AirHost. An AirFindVoter. */
gboolean        air_host_find_voter     (const char           *key_id,
                                         AirVoter             *ret_voter,
                                         gpointer              host);
/* The last time @node asked for decisions, out of the run's entries; NULL without an error when it asked nobody yet. */
AirGateDossier *air_host_read_dossier   (AirHost              *host,
                                         const char           *run,
                                         const char           *node,
                                         GError              **error);
/* Whether the person behind this URI may decide now; the reason in either case. */
gboolean        air_host_may_decide     (AirHost              *host,
                                         const AirGateDossier *dossier,
                                         const char           *uri,
                                         char                **ret_role,    /* to decide in; nullable */
                                         char                **ret_reason);
/* Verifies and judges the decision in @message. TRUE: it counts, and the message is filled in.
 * FALSE: it is answered, and refusals are in the ledger. */
gboolean        air_gatekeeper_admit    (AirHost              *host,
                                         AirRun               *run,
                                         AirMessage           *message);

/* What was signed and refused: written down, then answered. @what: before the name of its subject ("gate"). */
void            air_host_refuse         (AirHost              *host,
                                         AirRun               *run,
                                         AirMessage           *message,
                                         const char           *what,
                                         const char           *slug,
                                         const AirAdmission   *admission);
/* What the entry names is the person whose key signed, whoever brought it. */
void            air_host_take_statement (AirMessage           *message,
                                         const AirAdmission   *admission);

G_END_DECLS
