/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include "sim/air-sim-lines.h"

typedef struct {
  char *holder;
  GQueue held; /* char * */
} Line;

struct _AirSimLines {
  GHashTable *lines; /* key → Line */
};

static void
line_free (gpointer data)
{
  Line *line = data;

  g_free (line->holder);
  g_queue_clear_full (&line->held, g_free);
  g_free (line);
}

/**
 * air_sim_lines_new:
 *
 * Returns: (transfer full): lines in which nobody stands
 */
AirSimLines *
air_sim_lines_new (void)
{
  AirSimLines *self = g_new0 (AirSimLines, 1);

  self->lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, line_free);
  return self;
}

void
air_sim_lines_free (AirSimLines *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->lines);
  g_free (self);
}

/**
 * air_sim_lines_enter:
 * @self: lines
 * @key: a concurrency key
 * @run: a run that stands in none
 *
 * Returns: %TRUE when nobody is ahead
 */
gboolean
air_sim_lines_enter (AirSimLines *self, const char *key, const char *run)
{
  Line *line = g_hash_table_lookup (self->lines, key);

  if (line != NULL)
    {
      g_queue_push_tail (&line->held, g_strdup (run));
      return FALSE;
    }
  line = g_new0 (Line, 1);
  line->holder = g_strdup (run);
  g_hash_table_insert (self->lines, g_strdup (key), line);
  return TRUE;
}

/**
 * air_sim_lines_leave:
 * @self: lines
 * @key: a concurrency key
 * @run: a run that is over, at work or held
 *
 * Returns: (transfer full) (nullable): the run whose turn it is now, because @run was at work; %NULL: nobody's
 */
char *
air_sim_lines_leave (AirSimLines *self, const char *key, const char *run)
{
  Line *line = g_hash_table_lookup (self->lines, key);
  GList *link;
  char *next;

  if (line == NULL)
    return NULL;
  if (g_strcmp0 (line->holder, run) != 0)
    {
      link = g_queue_find_custom (&line->held, run, (GCompareFunc) g_strcmp0);
      if (link != NULL)
        {
          g_free (link->data);
          g_queue_delete_link (&line->held, link);
        }
      return NULL;
    }
  g_free (line->holder);
  line->holder = g_queue_pop_head (&line->held);
  next = g_strdup (line->holder);
  if (next == NULL)
    g_hash_table_remove (self->lines, key);
  return next;
}
