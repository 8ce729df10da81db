/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-engine"

#include "config.h"

#include "air-latency.h"

static const char *const names[AIR_N_LATENCY_CLASSES] = { "interactive", "normal", "batch" };
static const guint8 turns[] = { 0, 1, 0, 1, 0, 2, 0, 1, 0, 1, 0 };

/**
 * air_latency_class_to_string:
 * @latency: a class
 *
 * Returns: (transfer none): "interactive", "normal" or "batch"
 */
const char *
air_latency_class_to_string (AirLatencyClass latency)
{
  g_return_val_if_fail ((guint) latency < AIR_N_LATENCY_CLASSES, NULL);

  return names[latency];
}

/**
 * air_latency_class_from_string:
 * @text: (nullable): "interactive", "normal" or "batch"
 * @ret_latency: (out): the class
 *
 * Returns: %FALSE, and @ret_latency untouched, when @text is anything else
 */
gboolean
air_latency_class_from_string (const char *text, AirLatencyClass *ret_latency)
{
  for (guint i = 0; text != NULL && i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (text, names[i]))
      {
        *ret_latency = i;
        return TRUE;
      }
  return FALSE;
}

AirLatencyClass
air_latency_take_turn (guint *turn, const guint lengths[AIR_N_LATENCY_CLASSES])
{
  guint wanted = turns[(*turn)++ % G_N_ELEMENTS (turns)];

  for (guint i = 0; wanted < AIR_N_LATENCY_CLASSES && lengths[wanted] == 0; i++)
    wanted = i;
  return wanted;
}
