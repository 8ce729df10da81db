/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "hosting/air-unknown.h"
#include "runtime/air-host.h"

G_BEGIN_DECLS

/* NULL without an error when the run started no such action. */
AirUnknown *air_host_read_unknown (AirHost     *host,
                                   const char  *run,
                                   const char  *step,
                                   GError     **error);
/* Verifies and judges the signed word in @message. TRUE: it counts, and the message is filled in.
 * FALSE: it is answered, and the refusal is in the ledger. */
gboolean    air_host_admit_word   (AirHost     *host,
                                   AirRun      *run,
                                   AirMessage  *message);

G_END_DECLS
