/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "trial/air-recorded.h"

G_BEGIN_DECLS

AirRecorded *air_cli_read_bundle (GBytes      *zip,
                                  const char  *name,
                                  GError     **error);
GPtrArray   *air_cli_read_runs   (const char  *path,
                                  GPtrArray   *skipped,
                                  GError     **error);

G_END_DECLS
