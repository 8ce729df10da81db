/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

/**
 * air_member:
 * @value: (nullable): what should be a map and may be something else or nothing: documents, disclosures and answers
 *   come from outside
 * @name: a member
 *
 * Returns: (transfer none) (nullable): the member, %NULL when there is none
 */
static inline AirValue *
air_member (const AirValue *value,
            const char     *name)
{
  if (value == NULL || air_value_get_kind (value) != AIR_VALUE_MAP)
    return NULL;
  return air_map_get (value, name);
}

/* Whether a list (NULL: an empty one) holds this text. */
static inline gboolean
air_list_holds (const AirValue *list,
                const char     *text)
{
  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      const AirValue *item = air_list_get (list, i);

      if (air_value_get_kind (item) == AIR_VALUE_STRING && g_strcmp0 (air_value_get_string (item, NULL), text) == 0)
        return TRUE;
    }
  return FALSE;
}

G_END_DECLS
