/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-schema-sample.h"

G_BEGIN_DECLS

/* One attempt at one sample. */
typedef struct {
  const AirValue *root;
  guint64 state;
  AirSampleStyle style;
  guint attempt; /* from 0: later ones leave more out */
  guint nodes;   /* values made so far */
} AirSampler;

guint64   air_sampler_next    (AirSampler      *self);
guint64   air_sampler_below   (AirSampler      *self,
                               guint64          n); /* 0 … n - 1; 0 for n = 0 */
gboolean  air_sampler_chance  (AirSampler      *self,
                               guint            percent);
/* Whether this value is to lie on an edge. */
gboolean  air_sampler_edge    (AirSampler      *self);
/* A text and a number that every one of @schemas takes; NULL when none was found. */
AirValue *air_sampler_text    (AirSampler      *self,
                               const GPtrArray *schemas);
AirValue *air_sampler_number  (AirSampler      *self,
                               const GPtrArray *schemas,
                               gboolean         integer);
/* "date-time", "email", …; NULL for a format that is not known. */
char     *air_sampler_format  (AirSampler      *self,
                               const char      *format);

G_END_DECLS
