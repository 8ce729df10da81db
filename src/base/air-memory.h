/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void air_memory_tune (void);

void air_memory_hide (void);

G_END_DECLS
