/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-base"

#include "config.h"

#include <memory>
#include <re2/re2.h>

#include "air-regex.h"

/*
 * The one place where regular expressions run, whoever wrote them: RE2, whose time
 * is linear in the text. A backtracking engine (GRegex, std::regex) breaks that
 * promise with "(a+)+$". No exception leaves this file: RE2 throws none of its own.
 */

#define MAX_MEMORY       (1 << 20)
#define MAX_PROGRAM_SIZE 4096

struct _AirRegex {
  std::unique_ptr<re2::RE2> program;
};

AirRegex *
air_regex_new (const char *pattern, gsize length, char **ret_message)
{
  re2::RE2::Options options;
  auto self = std::make_unique<AirRegex> ();

  options.set_log_errors (false);
  options.set_max_mem (MAX_MEMORY);
  options.set_never_capture (true);
  self->program = std::make_unique<re2::RE2> (re2::StringPiece (pattern, length), options);
  if (!self->program->ok ())
    {
      *ret_message = g_strdup (self->program->error ().c_str ());
      return nullptr;
    }
  if (self->program->ProgramSize () > MAX_PROGRAM_SIZE)
    {
      *ret_message = g_strdup ("too large; repeat less or split it");
      return nullptr;
    }
  return self.release ();
}

void
air_regex_free (AirRegex *self)
{
  delete self;
}

guint
air_regex_get_size (const AirRegex *self)
{
  return self->program->ProgramSize ();
}

gboolean
air_regex_search (const AirRegex *self, const char *text, gsize length)
{
  return re2::RE2::PartialMatch (re2::StringPiece (text, length), *self->program);
}
