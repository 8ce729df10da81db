/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What commands say: answers, and how far long work is. */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "air-cli.h"
#include "base/air-json.h"

#define PROGRESS_INTERVAL_US (G_USEC_PER_SEC / 5)

/* A terminal has one line of progress: when it was written, or 0 when none stands there, and of what. */
static gint64 progress_shown_us;
static char *progress_what;

/* Whether a character only stands there: it moves no cursor, hides no line, turns no text around, rings no bell. */
static gboolean
is_harmless (gunichar c)
{
  return c == '\n' || c == '\t' || (g_unichar_isprint (c) && g_unichar_type (c) != G_UNICODE_FORMAT);
}

static void
put (FILE *stream, const char *text, gboolean json)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *safe = g_string_sized_new (strlen (valid));

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (is_harmless (c))
        g_string_append_len (safe, p, g_utf8_next_char (p) - p);
      else if (!json)
        g_string_append_printf (safe, "\\u{%x}", c);
      else if (c < 0x10000)
        g_string_append_printf (safe, "\\u%04x", c);
      else
        g_string_append_printf (safe, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + (c & 0x3ff));
    }
  fputs (safe->str, stream);
  g_string_free (safe, TRUE);
}

/* Takes the line of progress away, so that what is said stands alone. */
static void
wipe (void)
{
  if (progress_shown_us == 0)
    return;
  fputs ("\r\033[K", stderr);
  fflush (stderr);
  progress_shown_us = 0;
}

/**
 * air_cli_put:
 * @stream: standard output or error
 * @text: what is said; what could mislead a reader in it is made visible
 * @json: whether it is JSON, whose own escapes are used then
 *
 * What strangers wrote is among what is printed; so everything goes through here.
 */
void
air_cli_put (FILE *stream, const char *text, gboolean json)
{
  wipe ();
  put (stream, text, json);
}

/**
 * air_cli_progress:
 * @self: the command
 * @what: what is at work
 * @done: how many
 * @all: of how many
 *
 * How far long work is: one line on standard error that is written over, a few times a second, where that is a
 * terminal and the answer is no JSON. What is said next takes it away.
 */
void
air_cli_progress (const AirCli *self, const char *what, guint64 done, guint64 all)
{
  gint64 now = g_get_monotonic_time ();

  if (self->json || !isatty (STDERR_FILENO)
      || (progress_shown_us != 0 && now - progress_shown_us < PROGRESS_INTERVAL_US
          && g_strcmp0 (what, progress_what) == 0))
    return;
  g_set_str (&progress_what, what);
  progress_shown_us = now;
  fprintf (stderr, "\r\033[K%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT "  ", done, all);
  put (stderr, what, FALSE);
  fflush (stderr);
}

/**
 * air_cli_work_progress:
 * @done: how many
 * @all: of how many
 * @work: (type AirCliWork): whose, and what is at work
 *
 * air_cli_progress() as an #AirProgressFunc.
 */
void
air_cli_work_progress (guint64 done, guint64 all, gpointer work)
{
  const AirCliWork *self = work;

  air_cli_progress (self->cli, self->what, done, all);
}

/**
 * air_cli_print_value:
 * @value: an answer
 *
 * Writes JSON to standard output.
 */
void
air_cli_print_value (const AirValue *value)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = air_json_write_pretty (value, &error);

  /* A server may send what is as deep as JSON may be, and the answer around it is one level more. */
  if (text == NULL)
    {
      wipe ();
      g_printerr ("airailsctl: the answer cannot be written as JSON: %s\n", error->message);
      exit (AIR_EXIT_REFUSED);
    }
  air_cli_put (stdout, text, TRUE);
}

/**
 * air_cli_print:
 * @format: as printf()
 *
 * Writes to standard output.
 */
void
air_cli_print (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  air_cli_put (stdout, text, FALSE);
}
