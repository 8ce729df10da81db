/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/air-command.h"

/* Workflows of any size over the pack `lab`, without a finding; the same for the same size and seed. */
char        *maker_write_workflow (guint        n_nodes,
                                   guint        seed);
AirWorkflow *maker_new_workflow   (guint        n_nodes,
                                   guint        seed);
/* An edit as people make them; not every one can be applied, and not every one leaves it sound. */
AirCommand  *maker_new_edit       (AirWorkflow *workflow,
                                   GRand       *rand);
