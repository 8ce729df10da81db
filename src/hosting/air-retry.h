/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/air-instance.h"
#include "hosting/air-message.h"

G_BEGIN_DECLS

/**
 * AirRetryRule:
 * @AIR_RETRY_MAY: its work may be done again
 * @AIR_RETRY_OPEN: it has not ended
 * @AIR_RETRY_COMPLETED: nothing is left to be done
 * @AIR_RETRY_STANDS: something it did stands, or may stand: doing it again would be a second effect
 *
 * Whether the work of a run may be done again by a new one.
 */
typedef enum {
  AIR_RETRY_MAY,
  AIR_RETRY_OPEN,
  AIR_RETRY_COMPLETED,
  AIR_RETRY_STANDS,
} AirRetryRule;

AirRetryRule air_retry_judge       (const AirInstance *run,
                                    char             **ret_standing);
char        *air_retry_make_key    (const char        *run);
AirMessage  *air_retry_new_message (const AirInstance *run,
                                    const char        *id,
                                    const char        *actor,
                                    const char        *reason,
                                    const char        *selection);

G_END_DECLS
