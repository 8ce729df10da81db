/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-cli-source.h"
#include "air-cli.h"
#include "trial/air-mocks.h"

G_BEGIN_DECLS

/**
 * AirCliPlay:
 * @compiled: without errors
 * @packs: (element-type AirPack): its packs
 * @plan: what the engine runs
 * @mocks: made of the packs' fixtures
 *
 * A workflow ready to be played. Cleared by air_cli_play_clear().
 */
typedef struct {
  AirCompileResult *compiled;
  GPtrArray *packs;
  AirPlan *plan;
  AirMocks *mocks;
} AirCliPlay;

gboolean air_cli_play_init  (AirCliPlay      *self,
                             const AirCli    *cli,
                             const char      *path,
                             const char      *packs_folder,
                             int             *ret_exit);
void     air_cli_play_clear (AirCliPlay      *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AirCliPlay, air_cli_play_clear)

G_END_DECLS
