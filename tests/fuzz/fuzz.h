/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* What libFuzzer calls, and fuzz-main.c where there is no libFuzzer. Inputs are of
 * any bytes; a target aborts when something that must hold does not. */
int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);
