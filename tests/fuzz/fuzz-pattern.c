/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "schema/air-schema-pattern.h"

/* The first line is a pattern, the rest is searched: whatever the parser takes, RE2 takes or calls too large. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size), *message = NULL;
  g_autoptr (AirPattern) pattern = NULL;
  char *rest;

  if (!g_utf8_validate (text, -1, NULL))
    return 0;
  rest = strchr (text, '\n');
  if (rest != NULL)
    *rest++ = '\0';
  pattern = air_pattern_new (text, &message);
  g_assert_true ((pattern != NULL) == (message == NULL));
  if (pattern != NULL)
    (void) air_pattern_search (pattern, rest != NULL ? rest : "", rest != NULL ? strlen (rest) : 0);
  return 0;
}
