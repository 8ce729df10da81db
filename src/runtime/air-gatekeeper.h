/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "hosting/air-gate-dossier.h"
#include "runtime/air-host.h"

G_BEGIN_DECLS

gboolean        air_host_find_voter     (const char           *key_id,
                                         AirVoter             *ret_voter,
                                         gpointer              host);
AirGateDossier *air_host_read_dossier   (AirHost              *host,
                                         const char           *run,
                                         const char           *node,
                                         GError              **error);
gboolean        air_host_may_decide     (AirHost              *host,
                                         const AirGateDossier *dossier,
                                         const char           *uri,
                                         char                **ret_role,
                                         char                **ret_reason);
gboolean        air_gatekeeper_admit    (AirHost              *host,
                                         AirRun               *run,
                                         AirMessage           *message);

void            air_host_refuse         (AirHost              *host,
                                         AirRun               *run,
                                         AirMessage           *message,
                                         const char           *what,
                                         const char           *slug,
                                         const AirAdmission   *admission);
void            air_host_take_statement (AirMessage           *message,
                                         const AirAdmission   *admission);

G_END_DECLS
