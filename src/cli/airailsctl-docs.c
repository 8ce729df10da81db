/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the manual and the completions when airailsctl is built; not installed. */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "air-cli-describe.h"

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    char *(*write) (GPtrArray *descriptions);
  } kinds[] = {
    { "man", air_cli_write_man },
    { "bash", air_cli_write_bash },
    { "zsh", air_cli_write_zsh },
    { "fish", air_cli_write_fish },
  };
  g_autoptr (GPtrArray) descriptions = air_cli_describe (air_cli_get_commands ());

  for (guint i = 0; argc == 2 && i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (argv[1], kinds[i].name) == 0)
      {
        g_autofree char *text = kinds[i].write (descriptions);

        return fputs (text, stdout) < 0 || fflush (stdout) != 0;
      }
  fputs ("usage: airailsctl-docs man|bash|zsh|fish\n", stderr);
  return 2;
}
