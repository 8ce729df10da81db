/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-schema.h"

G_BEGIN_DECLS

/**
 * AirSampleStyle:
 * @AIR_SAMPLE_USUAL: what a user would send: most optional members, values well within their bounds
 * @AIR_SAMPLE_EDGES: what breaks programs: the bounds themselves, empty and longest texts, members left out
 * @AIR_SAMPLE_MIXED: each value one or the other, as the seed falls
 * @AIR_SAMPLE_SMALLEST: only what the schema demands
 */
typedef enum {
  AIR_SAMPLE_USUAL,
  AIR_SAMPLE_EDGES,
  AIR_SAMPLE_MIXED,
  AIR_SAMPLE_SMALLEST,
} AirSampleStyle;

AirValue *air_schema_sample (const AirSchema *self,
                             guint64          seed,
                             AirSampleStyle   style,
                             GError         **error);

G_END_DECLS
