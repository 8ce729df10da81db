/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-wire"

#include "config.h"

#include "wire/air-problem.h"

#include <libsoup/soup.h>
#include <string.h>

#include "base/air-json.h"

static AirProblem *
problem_new (guint status, const char *slug)
{
  AirProblem *self = g_new0 (AirProblem, 1);

  self->status = status;
  self->type = g_strdup_printf ("airails:problem/%s", slug);
  self->title = g_strdup (status == 429 ? "Too Many Requests" : soup_status_get_phrase (status));
  return self;
}

/**
 * air_problem_new:
 * @status: the HTTP status
 * @slug: what kind of problem, in words a program can compare, say "no-such-run"
 * @mend: (nullable): what the caller can do about it
 * @format: what happened, for people
 *
 * Returns: (transfer full): a problem
 */
AirProblem *
air_problem_new (guint status, const char *slug, const char *mend, const char *format, ...)
{
  AirProblem *self = problem_new (status, slug);
  va_list args;

  va_start (args, format);
  self->detail = g_strdup_vprintf (format, args);
  va_end (args);
  self->mend = g_strdup (mend);
  return self;
}

/**
 * air_problem_new_error:
 * @status: of HTTP
 * @slug: of the problem's type
 *
 * A problem out of a #GError. Our messages read "what is wrong; how to mend
 * it", so the part behind the last semicolon becomes the mend.
 *
 * Returns: (transfer full): the problem
 */
AirProblem *
air_problem_new_error (guint status, const char *slug, const GError *error)
{
  AirProblem *self = problem_new (status, slug);
  const char *mend = strrchr (error->message, ';');

  self->detail = mend != NULL ? g_strndup (error->message, mend - error->message) : g_strdup (error->message);
  self->mend = mend != NULL ? g_strstrip (g_strdup (mend + 1)) : NULL;
  return self;
}

/**
 * air_problem_set_rule:
 * @self: a problem
 * @rule: (nullable): the id of the rule that refused, for programs
 */
void
air_problem_set_rule (AirProblem *self, const char *rule)
{
  g_set_str (&self->rule, rule);
}

/**
 * air_problem_to_value:
 * @self: a problem
 *
 * Returns: (transfer full): the body: {"type", "title", "status", "detail", "mend"?, "rule"?}
 */
AirValue *
air_problem_to_value (const AirProblem *self)
{
  AirValue *map = air_map_new ();

  air_map_set_string (map, "type", self->type);
  air_map_set_string (map, "title", self->title);
  air_map_set_int (map, "status", self->status);
  air_map_set_string (map, "detail", self->detail);
  if (self->mend != NULL)
    air_map_set_string (map, "mend", self->mend);
  if (self->rule != NULL)
    air_map_set_string (map, "rule", self->rule);
  return map;
}

/**
 * air_problem_parse:
 * @status: of HTTP
 * @text: the body, from anybody
 * @length: bytes of @text
 *
 * Reads what a server answered. Never fails: a body that is no problem+json
 * becomes a problem with the status' own phrase, so callers have one way to tell.
 *
 * Returns: (transfer full): the problem
 */
AirProblem *
air_problem_parse (guint status, const char *text, gsize length)
{
  g_autoptr (AirValue) map = text != NULL ? air_json_parse (text, length, NULL) : NULL;
  AirProblem *self = problem_new (status, "unknown");
  const char *member;

  if ((member = air_map_get_string (map, "type")) != NULL)
    g_set_str (&self->type, member);
  if ((member = air_map_get_string (map, "title")) != NULL)
    g_set_str (&self->title, member);
  member = air_map_get_string (map, "detail");
  self->detail = g_strdup (member != NULL ? member : self->title);
  self->mend = g_strdup (air_map_get_string (map, "mend"));
  self->rule = g_strdup (air_map_get_string (map, "rule"));
  return self;
}

/**
 * air_problem_to_text:
 * @self: a problem
 *
 * Returns: (transfer full): one line for people: "detail; mend"
 */
char *
air_problem_to_text (const AirProblem *self)
{
  if (self->mend == NULL)
    return g_strdup (self->detail);
  return g_strdup_printf ("%s; %s", self->detail, self->mend);
}

void
air_problem_free (AirProblem *self)
{
  g_free (self->type);
  g_free (self->title);
  g_free (self->detail);
  g_free (self->mend);
  g_free (self->rule);
  g_free (self);
}
