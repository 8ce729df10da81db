/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-base"

#include "config.h"

#include "air-memory.h"

#include <malloc.h>
#include <sys/prctl.h>

/**
 * air_memory_tune:
 *
 * Keeps memory a process needed once at hand, up to some megabytes, instead of giving it back to the kernel to have it
 * come again page by page. For processes that work for long; called once in main(), before threads. Changes malloc for
 * the whole process.
 */
void
air_memory_tune (void)
{
  mallopt (M_TRIM_THRESHOLD, 16 << 20);
  mallopt (M_TOP_PAD, 1 << 20);
  mallopt (M_MMAP_THRESHOLD, 4 << 20);
}

/**
 * air_memory_hide:
 *
 * No core of this process is written, and no other process of the same user looks into it: it holds keys. Root still may.
 */
void
air_memory_hide (void)
{
  prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
}
