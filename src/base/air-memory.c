/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-base"

#include "config.h"

#include "air-memory.h"

#include <malloc.h>

void
air_memory_tune (void)
{
  mallopt (M_TRIM_THRESHOLD, 16 << 20);
  mallopt (M_TOP_PAD, 1 << 20);
  mallopt (M_MMAP_THRESHOLD, 4 << 20);
}
