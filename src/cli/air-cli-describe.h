/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-cli.h"

G_BEGIN_DECLS

/* What the table of commands and their options tell of themselves: completion and the manual are made of it. */

typedef struct {
  char *name;
  char short_name;    /* or 0 */
  gboolean takes;     /* a value */
  gboolean file;      /* which is a path */
  char *argument;     /* nullable: "FILE" */
  char *text;
} AirCliOption;

typedef struct {
  char *path;         /* "gate decide" */
  const char *group;  /* nullable */
  char *summary;      /* of the table */
  char *parameters;   /* "RUN/NODE"; NULL for a command of commands */
  char *description;
  GPtrArray *options; /* AirCliOption; NULL for a command of commands */
} AirCliDescription;

/* Every command under @commands, those of commands before theirs: (element-type AirCliDescription). */
GPtrArray *air_cli_describe              (const AirCliCommand   *commands);
/* TRUE while that runs: commands say what they are and do nothing. */
gboolean   air_cli_is_describing         (void);
void       air_cli_describe_options      (const GOptionEntry *common,
                                          const GOptionEntry *entries, /* nullable */
                                          const char         *parameters,
                                          const char         *description);
void       air_cli_describe_table        (const AirCliCommand   *commands);

char      *air_cli_write_man             (GPtrArray          *descriptions); /* mdoc(7) */
char      *air_cli_write_bash            (GPtrArray          *descriptions);
char      *air_cli_write_zsh             (GPtrArray          *descriptions);
char      *air_cli_write_fish            (GPtrArray          *descriptions);

G_END_DECLS
