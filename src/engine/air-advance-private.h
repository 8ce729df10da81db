/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-instance-private.h"

G_BEGIN_DECLS

/* air_instance_advance (), or its replay when there is a @script: the records that were written. */
gboolean air_instance_decide (AirInstance            *self,
                              const AirEvent         *event,
                              gint64                  now_us,
                              const AirRandom        *random,
                              const AirRecord *const *script,
                              const gint64           *script_times,
                              guint                   n_script,
                              AirTransition          *ret,
                              GError                **error);

G_END_DECLS
