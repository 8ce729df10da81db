/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "payments"

#include "config.h"

#include "payments-faults.h"

#include "base/air-clock.h"

/* In the order in which PaymentsFault counts them, from DROP on. */
static const char *const share_names[] = { "drop", "repeat", "fail", "delay" };

struct _PaymentsFaults {
  AirSeededRandom *random;
  gint64 seed;
  gint64 shares[G_N_ELEMENTS (share_names)];
  gint64 struck[G_N_ELEMENTS (share_names)];
  gint64 delay_ms;
  gint64 retry_after_s;
};

PaymentsFaults *
payments_faults_new (guint64 seed)
{
  PaymentsFaults *self = g_new0 (PaymentsFaults, 1);

  self->random = air_seeded_random_new (seed);
  self->seed = (gint64) seed;
  self->delay_ms = 200;
  return self;
}

void
payments_faults_free (PaymentsFaults *self)
{
  air_seeded_random_free (self->random);
  g_free (self);
}

static gint64 *
find_setting (PaymentsFaults *self, const char *name, gint64 *ret_maximum)
{
  *ret_maximum = 100;
  for (gsize i = 0; i < G_N_ELEMENTS (share_names); i++)
    if (g_strcmp0 (name, share_names[i]) == 0)
      return &self->shares[i];
  *ret_maximum = 60000;
  if (g_strcmp0 (name, "delay_ms") == 0)
    return &self->delay_ms;
  if (g_strcmp0 (name, "retry_after_s") == 0)
    return &self->retry_after_s;
  *ret_maximum = G_MAXINT32;
  if (g_strcmp0 (name, "seed") == 0)
    return &self->seed;
  return NULL;
}

/* Takes {"drop", "repeat", "fail", "delay", "delay_ms", "retry_after_s", "seed"}, all optional; what
 * is not given stays. All or nothing: on FALSE @ret_complaint says which setting is wrong. */
gboolean
payments_faults_set (PaymentsFaults *self, const AirValue *settings, char **ret_complaint)
{
  gint64 sum = 0;
  gint64 shares[G_N_ELEMENTS (share_names)];

  if (air_value_get_kind (settings) != AIR_VALUE_MAP)
    {
      *ret_complaint = g_strdup ("must be an object");
      return FALSE;
    }
  for (gsize i = 0; i < air_map_get_size (settings); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (settings, i), NULL);
      gint64 maximum, value = air_map_get_int (settings, name, -1);

      if (find_setting (self, name, &maximum) == NULL || value < 0 || value > maximum)
        {
          *ret_complaint = g_strdup_printf ("'%s' is not a setting, or not an integer from 0 to its maximum", name);
          return FALSE;
        }
    }
  for (gsize i = 0; i < G_N_ELEMENTS (share_names); i++)
    sum += shares[i] = air_map_get_int (settings, share_names[i], self->shares[i]);
  if (sum > 100)
    {
      *ret_complaint = g_strdup ("the shares add up to more than 100");
      return FALSE;
    }

  for (gsize i = 0; i < air_map_get_size (settings); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (settings, i), NULL);
      gint64 maximum;

      *find_setting (self, name, &maximum) = air_map_get_int (settings, name, 0);
    }
  if (air_map_get (settings, "seed") != NULL)
    {
      air_seeded_random_free (self->random);
      self->random = air_seeded_random_new ((guint64) self->seed);
    }
  return TRUE;
}

/* A number below @n. */
guint
payments_faults_pick (PaymentsFaults *self, guint n)
{
  guint32 number;

  air_random_fill (air_seeded_random_get (self->random), (guint8 *) &number, sizeof number);
  return number % n;
}

PaymentsFault
payments_faults_next (PaymentsFaults *self)
{
  gint64 number = payments_faults_pick (self, 100);

  for (gsize i = 0; i < G_N_ELEMENTS (share_names); i++)
    {
      number -= self->shares[i];
      if (number < 0)
        {
          self->struck[i]++;
          return PAYMENTS_FAULT_DROP + i;
        }
    }
  return PAYMENTS_FAULT_NONE;
}

guint
payments_faults_get_delay (PaymentsFaults *self)
{
  return (guint) self->delay_ms;
}

guint
payments_faults_get_retry_after (PaymentsFaults *self)
{
  return (guint) self->retry_after_s;
}

/* How often each struck: {"drop": n, …}. */
AirValue *
payments_faults_show (PaymentsFaults *self)
{
  AirValue *struck = air_map_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (share_names); i++)
    air_map_set_int (struck, share_names[i], self->struck[i]);
  return struck;
}
