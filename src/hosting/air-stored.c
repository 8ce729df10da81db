/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-hosting"

#include "config.h"

#include "hosting/air-stored.h"

#include <string.h>

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

/* --- disclosures: the JSON of each after its length, a LEB128 number --- */

/**
 * air_disclosures_pack:
 * @disclosures: (element-type utf8): base64url, as RFC 9901 has them
 * @error: return location
 *
 * Returns: (transfer full): what a row holds: the JSON of each after its length as LEB128; or %NULL with
 *   %AIR_STORE_ERROR_CORRUPT
 */
GBytes *
air_disclosures_pack (GPtrArray *disclosures, GError **error)
{
  g_autoptr (GByteArray) packed = g_byte_array_new ();

  for (guint i = 0; i < disclosures->len; i++)
    {
      const char *text = disclosures->pdata[i];
      gsize length, rest;
      g_autofree guint8 *json = air_base64url_decode (text, strlen (text), &length);

      if (json == NULL)
        {
          g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_CORRUPT, "disclosure %u is not base64url", i);
          return NULL;
        }
      for (rest = length; rest >= 0x80; rest >>= 7)
        g_byte_array_append (packed, &(guint8) { (rest & 0x7f) | 0x80 }, 1);
      g_byte_array_append (packed, &(guint8) { rest }, 1);
      g_byte_array_append (packed, json, length);
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&packed));
}

/**
 * air_disclosures_unpack:
 * @packed: what air_disclosures_pack() gave
 * @error: return location
 *
 * Returns: (transfer full) (element-type utf8): the disclosures as base64url, or %NULL with %AIR_STORE_ERROR_CORRUPT
 */
GPtrArray *
air_disclosures_unpack (GBytes *packed, GError **error)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (packed, &length), *end = data != NULL ? data + length : NULL;
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);

  while (data < end)
    {
      gsize size = 0;
      guint shift = 0;

      while (data < end && (*data & 0x80) != 0 && shift < 28)
        {
          size |= (gsize) (*data++ & 0x7f) << shift;
          shift += 7;
        }
      if (data < end)
        size |= (gsize) *data++ << shift;
      if (size > (gsize) (end - data))
        {
          g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_CORRUPT,
                       "disclosure %u is cut off; restore the ledger's file from a copy", list->len);
          return NULL;
        }
      g_ptr_array_add (list, air_base64url_encode (data, size));
      data += size;
    }
  return g_steal_pointer (&list);
}
