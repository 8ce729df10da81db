/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli.h"

int
main (int argc, char **argv)
{
  return air_cli_main (argc, argv);
}
