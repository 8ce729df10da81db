/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-hosting"

#include "config.h"

#include "hosting/air-stored.h"

G_DEFINE_QUARK (air-store-error-quark, air_store_error)

AirIndexRow *
air_index_row_copy (const AirIndexRow *self)
{
  AirIndexRow *copy = g_new (AirIndexRow, 1);

  *copy = *self;
  copy->id = g_strdup (self->id);
  copy->state = g_strdup (self->state);
  copy->waiting = g_strdup (self->waiting);
  copy->gate = g_strdup (self->gate);
  copy->outcome = g_strdup (self->outcome);
  copy->dedup = g_strdup (self->dedup);
  copy->key = g_strdup (self->key);
  return copy;
}

void
air_index_row_free (AirIndexRow *self)
{
  g_free (self->id);
  g_free (self->state);
  g_free (self->waiting);
  g_free (self->gate);
  g_free (self->outcome);
  g_free (self->dedup);
  g_free (self->key);
  g_free (self);
}
