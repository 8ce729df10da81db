/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-cli-source.h"
#include "air-cli.h"
#include "sim/air-mocks.h"

G_BEGIN_DECLS

/* A workflow ready to be played: compiled without errors, with the fixtures of its packs. */
typedef struct {
  AirCompileResult *compiled;
  GPtrArray *packs;
  AirPlan *plan;
  AirMocks *mocks;
} AirCliPlay;

/* FALSE when it cannot be; that is said, and *ret_exit is the exit status that fits. */
gboolean air_cli_play_init  (AirCliPlay      *self,
                             const AirCli    *cli,
                             const char      *path,
                             const char      *packs_folder,
                             int             *ret_exit);
void     air_cli_play_clear (AirCliPlay      *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AirCliPlay, air_cli_play_clear)

G_END_DECLS
