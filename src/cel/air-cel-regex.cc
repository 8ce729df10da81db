/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <memory>
#include <re2/re2.h>

extern "C" {
#include "cel/air-cel-private.h"
}

/*
 * The regular expressions of matches(): RE2 itself, whose syntax the CEL
 * definition names and whose time is linear in the text. A backtracking engine
 * (GRegex) breaks that promise with "(a+)+$". No exception leaves this file:
 * RE2 throws none of its own.
 */

#define MAX_MEMORY       (1 << 20)
#define MAX_PROGRAM_SIZE 4096

struct _AirCelRegex {
  std::unique_ptr<re2::RE2> program;
};

AirCelRegex *
air_cel_regex_new (const char *pattern, gsize length, GError **error)
{
  re2::RE2::Options options;
  auto self = std::make_unique<AirCelRegex> ();

  options.set_log_errors (false);
  options.set_max_mem (MAX_MEMORY);
  options.set_never_capture (true);
  self->program = std::make_unique<re2::RE2> (re2::StringPiece (pattern, length), options);
  if (!self->program->ok ())
    {
      g_set_error (error, AIR_CEL_ERROR, AIR_CEL_ERROR_ARGUMENT, "regular expression \"%.*s\": %s", (int) MIN (length, 80),
                   pattern, self->program->error ().c_str ());
      return nullptr;
    }
  if (self->program->ProgramSize () > MAX_PROGRAM_SIZE)
    {
      g_set_error (error, AIR_CEL_ERROR, AIR_CEL_ERROR_ARGUMENT,
                   "regular expression \"%.*s\": too large; repeat less or split it", (int) MIN (length, 80), pattern);
      return nullptr;
    }
  return self.release ();
}

void
air_cel_regex_free (AirCelRegex *self)
{
  delete self;
}

guint
air_cel_regex_get_size (const AirCelRegex *self)
{
  return self->program->ProgramSize ();
}

/* Whether the pattern matches anywhere in the text, which is valid UTF-8. */
gboolean
air_cel_regex_search (const AirCelRegex *self, const char *text, gsize length)
{
  return re2::RE2::PartialMatch (re2::StringPiece (text, length), *self->program);
}
