/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* airails-bench cel [--json FILE] */
int bench_cel (int argc, char **argv);
