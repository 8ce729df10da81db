/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli-fixture.h"
#include "site.h"

G_BEGIN_DECLS

/* airailsctl, the runtime as it ships, and a profile for everybody. */
typedef struct {
  Cli cli;
  Site *site;
  char *profiles[SITE_N_PEOPLE];
} CliSite;

/* @data: pairs of texts to be replaced in the plan, NULL-terminated, or NULL. The runtime runs. */
void      cli_site_set_up    (CliSite       *self,
                              gconstpointer  data);
void      cli_site_tear_down (CliSite       *self,
                              gconstpointer  data);
/* The same with a plan of tests/cli. */
void      cli_site_set_up_plan (CliSite     *self,
                                gconstpointer file);
/* Again, after site_stop(): the profiles say where it listens this time. */
void      cli_site_start     (CliSite       *self);
/* A run that has come to this state. */
char     *cli_site_order     (CliSite       *self,
                              const char    *id,
                              gint64         amount,
                              const char    *state);
/* One whose action is refused: it fails. */
char     *cli_site_fail      (CliSite       *self,
                              const char    *id);
/* A member of a run, as the API tells it. */
char     *cli_site_member    (CliSite       *self,
                              const char    *run,
                              const char    *name);

G_END_DECLS
