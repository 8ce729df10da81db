/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim/air-recorded.h"

G_BEGIN_DECLS

/* The run in an exported bundle, with the plan it ran on where the bundle holds it; @name: what messages call it. */
AirRecorded *air_cli_read_bundle (GBytes      *zip,
                                  const char  *name,
                                  GError     **error);
/* What is at @path: a bundle, a folder of bundles, or the state folder of a runtime (which keeps no plan).
 * (element-type AirRecorded). What cannot be read is told in @skipped: "what: why". */
GPtrArray   *air_cli_read_runs   (const char  *path,
                                  GPtrArray   *skipped,
                                  GError     **error);

G_END_DECLS
