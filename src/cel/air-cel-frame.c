/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one evaluation has of its own: its error, its cost, the values it made. */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <stdarg.h>
#include <string.h>

#include "cel/air-cel-private.h"

gboolean
air_cel_fail (AirCelFrame *frame, const AirCelNode *node, AirCelError code, const char *format, ...)
{
  g_autofree char *message = NULL;
  g_autofree char *place = NULL;
  va_list args;

  if (frame->error != NULL)
    return FALSE;
  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  place = air_cel_place (frame->program->source, node->pos);
  g_set_error (&frame->error, AIR_CEL_ERROR, code, "%s: %s", place, message);
  return FALSE;
}

gboolean
air_cel_fail_cost (AirCelFrame *frame, const AirCelNode *node)
{
  g_clear_error (&frame->error);
  frame->fatal = TRUE;
  return air_cel_fail (frame, node, AIR_CEL_ERROR_COST,
                       "the evaluation costs more than %" G_GUINT64_FORMAT
                       "; let the expression look at less data, or raise the limit",
                       frame->limit);
}

AirValue *
air_cel_keep (AirCelFrame *frame, AirValue *take_value)
{
  if (frame->n_kept == frame->kept_size)
    {
      guint size = frame->kept_size * 2;

      if (frame->kept == frame->kept_inline)
        {
          frame->kept = g_new (AirValue *, size);
          memcpy (frame->kept, frame->kept_inline, sizeof frame->kept_inline);
        }
      else
        frame->kept = g_renew (AirValue *, frame->kept, size);
      frame->kept_size = size;
    }
  frame->kept[frame->n_kept++] = take_value;
  return take_value;
}

void
air_cel_frame_clear (AirCelFrame *frame)
{
  for (guint i = 0; i < frame->n_kept; i++)
    air_value_unref (frame->kept[i]);
  if (frame->kept != frame->kept_inline)
    g_free (frame->kept);
  g_clear_error (&frame->error);
}

gboolean
air_cel_absorb (AirCelFrame *frame, GError **first)
{
  if (frame->fatal)
    {
      g_clear_error (first);
      return FALSE;
    }
  if (*first == NULL)
    *first = g_steal_pointer (&frame->error);
  else
    g_clear_error (&frame->error);
  return TRUE;
}

gboolean
air_cel_undecided (AirCelFrame *frame, GError *take_first, gboolean decisive, AirCelVal *ret)
{
  if (take_first != NULL)
    {
      frame->error = take_first;
      return FALSE;
    }
  air_cel_val_set_bool (ret, !decisive);
  return TRUE;
}
