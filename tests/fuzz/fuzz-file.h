/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

/* The path of a file in memory that holds the input: for readers that take paths. */
static inline const char *
fuzz_file (const guint8 *data, gsize size)
{
  static char *path;
  static int fd = -1;

  if (path == NULL)
    {
      fd = memfd_create ("fuzz", MFD_CLOEXEC);
      g_assert_cmpint (fd, >=, 0);
      path = g_strdup_printf ("/proc/self/fd/%d", fd);
    }
  g_assert_cmpint (ftruncate (fd, 0), ==, 0);
  g_assert_cmpint (pwrite (fd, data, size, 0), ==, (gssize) size);
  return path;
}
