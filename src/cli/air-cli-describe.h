/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-cli.h"

G_BEGIN_DECLS

/* What the table of commands and their options tell of themselves: completion and the manual are made of it. */

/**
 * AirCliOption:
 * @name: without dashes
 * @short_name: a letter, or 0
 * @takes: a value
 * @file: which is a path
 * @argument: (nullable): "FILE"
 * @text: what it is for
 *
 * An option, as the manual and the completions tell of it.
 */
typedef struct {
  char *name;
  char short_name;
  gboolean takes;
  gboolean file;
  char *argument;
  char *text;
} AirCliOption;

/**
 * AirCliDescription:
 * @path: "gate decide"
 * @group: (nullable): the heading it stands under in the help
 * @summary: of the table
 * @parameters: (nullable): "RUN/NODE"; %NULL for a command of commands
 * @description: (nullable): in whole sentences
 * @options: (nullable) (element-type AirCliOption): %NULL for a command of commands
 */
typedef struct {
  char *path;
  const char *group;
  char *summary;
  char *parameters;
  char *description;
  GPtrArray *options;
} AirCliDescription;

GPtrArray *air_cli_describe              (const AirCliCommand   *commands);
gboolean   air_cli_is_describing         (void);
void       air_cli_describe_options      (const GOptionEntry *common,
                                          const GOptionEntry *entries,
                                          const char         *parameters,
                                          const char         *description);
void       air_cli_describe_table        (const AirCliCommand   *commands);

char      *air_cli_write_man             (GPtrArray          *descriptions);
char      *air_cli_write_bash            (GPtrArray          *descriptions);
char      *air_cli_write_zsh             (GPtrArray          *descriptions);
char      *air_cli_write_fish            (GPtrArray          *descriptions);

G_END_DECLS
