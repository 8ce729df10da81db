/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-schema"

#include "config.h"

#include <math.h>

#include "air-schema-sample-private.h"

/* What every reader of JSON keeps exactly. */
#define MAX_SAFE G_GINT64_CONSTANT (9007199254740991)
#define USUAL    1000 /* how far from a bound, or from zero, a usual number lies */

static gboolean
read_number (const AirValue *schema, const char *keyword, double *ret)
{
  const AirValue *value = air_map_get (schema, keyword);

  if (value == NULL)
    return FALSE;
  switch (air_value_get_kind (value))
    {
    case AIR_VALUE_INT:
      *ret = (double) air_value_get_int (value);
      return TRUE;
    case AIR_VALUE_UINT:
      *ret = (double) air_value_get_uint (value);
      return TRUE;
    case AIR_VALUE_DOUBLE:
      *ret = air_value_get_double (value);
      return TRUE;
    default:
      return FALSE;
    }
}

typedef struct {
  double min, max, step; /* infinite where there is none; 0: any */
  gboolean above, below; /* the bounds themselves are excluded */
} Bounds;

static void
read_bounds (const GPtrArray *schemas, Bounds *ret)
{
  for (guint i = 0; i < schemas->len; i++)
    {
      const AirValue *schema = g_ptr_array_index (schemas, i);
      double number;

      if (read_number (schema, "minimum", &number) && number > ret->min)
        {
          ret->min = number;
          ret->above = FALSE;
        }
      if (read_number (schema, "exclusiveMinimum", &number) && number >= ret->min)
        {
          ret->min = number;
          ret->above = TRUE;
        }
      if (read_number (schema, "maximum", &number) && number < ret->max)
        {
          ret->max = number;
          ret->below = FALSE;
        }
      if (read_number (schema, "exclusiveMaximum", &number) && number <= ret->max)
        {
          ret->max = number;
          ret->below = TRUE;
        }
      if (read_number (schema, "multipleOf", &number) && number > 0)
        {
          /* Both, where both are whole and small; else the larger, and the check tells. */
          double product = ret->step * number;

          if (ret->step == 0 || fmod (number, ret->step) == 0)
            ret->step = number;
          else if (fmod (ret->step, number) != 0)
            ret->step = product < 1e9 ? product : MAX (ret->step, number);
        }
    }
}

/* A whole number from @low to @high. */
static gint64
pick_whole (AirSampler *self, gint64 low, gint64 high, gboolean has_low, gboolean has_high)
{
  if (self->style == AIR_SAMPLE_SMALLEST && self->attempt < 30)
    return CLAMP (0, low, high);
  if (air_sampler_edge (self))
    {
      const gint64 edges[] = { low, high, low < high ? low + 1 : low, low < high ? high - 1 : high, 0, 1, -1 };

      return CLAMP (edges[air_sampler_below (self, G_N_ELEMENTS (edges))], low, high);
    }
  if (!has_low && !has_high)
    {
      low = CLAMP (0, low, high);
      high = MIN (high, low + USUAL);
    }
  else if (!has_high)
    high = MIN (high, low > G_MAXINT64 - USUAL ? G_MAXINT64 : low + USUAL);
  else if (!has_low)
    low = MAX (low, high < G_MININT64 + USUAL ? G_MININT64 : high - USUAL);
  return low + (gint64) air_sampler_below (self, (guint64) high - (guint64) low + 1);
}

static AirValue *
pick_multiple (AirSampler *self, const Bounds *bounds, double step)
{
  gboolean has_low = isfinite (bounds->min), has_high = isfinite (bounds->max);
  double low = has_low ? ceil (bounds->min / step) : -(double) MAX_SAFE;
  double high = has_high ? floor (bounds->max / step) : (double) MAX_SAFE;
  gint64 k;

  if (step >= 1 && !has_low)
    low = ceil (-(double) MAX_SAFE / step);
  if (step >= 1 && !has_high)
    high = floor ((double) MAX_SAFE / step);
  if (has_low && bounds->above && low * step <= bounds->min)
    low++;
  if (has_high && bounds->below && high * step >= bounds->max)
    high--;
  if (!has_high && low > high)
    high = low;
  if (!has_low && high < low)
    low = high;
  low = MAX (low, -9.2e18);
  high = MIN (high, 9.2e18);
  if (!(low <= high))
    return NULL;
  k = pick_whole (self, (gint64) low, (gint64) high, has_low, has_high);
  if (step == floor (step) && fabs ((double) k * step) < 9.2e18)
    return air_value_new_int (k * (gint64) step);
  {
    /* 3 × 0.1 is not 0.3; fifteen digits of it are. */
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    double number = g_ascii_strtod (g_ascii_formatd (text, sizeof text, "%.15g", (double) k * step), NULL);

    return air_value_new_double (number);
  }
}

AirValue *
air_sampler_number (AirSampler *self, const GPtrArray *schemas, gboolean integer)
{
  Bounds bounds = { -INFINITY, INFINITY, 0, FALSE, FALSE };
  AirValue *value;

  read_bounds (schemas, &bounds);
  if (integer)
    {
      double step = bounds.step == 0 ? 1 : bounds.step;

      /* A whole number that is also a multiple of a fraction. */
      if (step < 1 && fabs (round (1 / step) - 1 / step) < 1e-6)
        step = 1;
      for (guint i = 1; step != floor (step) && i <= 1000; i++)
        if (fmod (step * i, 1) == 0)
          step *= i;
      return step == floor (step) ? pick_multiple (self, &bounds, step) : NULL;
    }
  if (bounds.step > 0)
    return pick_multiple (self, &bounds, bounds.step);
  value = pick_multiple (self, &bounds, air_sampler_chance (self, 50) ? 1 : 0.25);
  if (value == NULL && isfinite (bounds.min) && isfinite (bounds.max) && bounds.min <= bounds.max)
    value = air_value_new_double (bounds.min + (bounds.max - bounds.min) / 2);
  return value;
}
