/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "hosting/air-unknown.h"
#include "runtime/air-host.h"

G_BEGIN_DECLS

AirUnknown *air_host_read_unknown (AirHost     *host,
                                   const char  *run,
                                   const char  *step,
                                   GError     **error);
gboolean    air_host_admit_word   (AirHost     *host,
                                   AirRun      *run,
                                   AirMessage  *message);

G_END_DECLS
