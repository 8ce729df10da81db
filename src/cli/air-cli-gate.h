/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-cli-client.h"
#include "client/air-gate.h"

G_BEGIN_DECLS

gboolean  air_cli_split_gate    (const AirCli  *cli,
                                 char         **ret_run,
                                 char         **ret_node,
                                 GError       **error);
void      air_cli_print_gate    (AirGate       *gate);
AirValue *air_cli_gate_to_value (AirGate       *gate);

G_END_DECLS
