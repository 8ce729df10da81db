/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-cli.h"
#include "client/air-client.h"

G_BEGIN_DECLS

#define AIR_CLI_PROFILE_ENTRY(variable)                                                                                    \
  { "profile", 'p', 0, G_OPTION_ARG_FILENAME, variable,                                                                    \
    "how to reach the runtime, and as whom (else $AIRAILS_PROFILE, else airails/profile.json of your configuration)", "FILE" }

AirClient *air_cli_open_client (const char  *path,
                                GError     **error);

G_END_DECLS
