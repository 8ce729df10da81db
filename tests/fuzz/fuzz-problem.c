/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "fuzz.h"
#include "wire/air-problem.h"

/* Whatever a server answered says something to people, and what was a problem is written as one. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (AirProblem) problem = air_problem_parse (500, (const char *) data, size), again = NULL;
  g_autoptr (AirValue) value = air_problem_to_value (problem);
  g_autofree char *words = air_problem_to_text (problem), *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_assert_true (g_utf8_validate (words, -1, NULL));
  text = air_jcs_write (value, &length, &error);
  g_assert_no_error (error);
  again = air_problem_parse (500, text, length);
  g_assert_cmpstr (again->detail, ==, problem->detail);
  g_assert_cmpstr (again->mend, ==, problem->mend);
  g_assert_cmpstr (again->rule, ==, problem->rule);
  return 0;
}
