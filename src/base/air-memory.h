/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* For a process that works for long: memory it needed once stays at hand, up to some megabytes, instead of
 * going back to the kernel and coming again page by page. */
void air_memory_tune (void);

void air_memory_hide (void);

G_END_DECLS
