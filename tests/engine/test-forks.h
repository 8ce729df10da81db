/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "test-host.h"

G_BEGIN_DECLS

#define CALL(id, op, with, next) \
  "'" id "':{'kind':'call','operation':'" op "','with':" with ",'timeout_ms':1000," \
  "'retry':{'max':3,'base_ms':100,'max_ms':1000}," next "}"
#define UNDO "'compensate':{'operation':'v.undo','with':{'of':'${input.n}'}},"
#define TO(port, edge, to) "'" port "':{'edge':'" edge "','to':'" to "'}"
#define END(id, outcome, output) "'" id "':{'kind':'end','outcome':'" outcome "','output':" output "}"

/* @nodes: JSON with ' for " and ~ for ', the node behind the trigger being `first`. */
AirPlan  *test_forks_try (const char *nodes,
                          GError    **error);
TestHost *test_forks_new (const char *nodes);

G_END_DECLS
