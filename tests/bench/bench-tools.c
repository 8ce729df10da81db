/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-bench"

#include "config.h"

#include "bench.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/air-hash.h"

void
bench_samples_add (BenchSamples *self, gint64 us)
{
  if (self->n == self->size)
    {
      self->size = MAX (4096, self->size * 2);
      self->values = g_renew (gint64, self->values, self->size);
    }
  self->values[self->n++] = us;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

double
bench_samples_quantile (BenchSamples *self, double quantile)
{
  if (self->n == 0)
    return 0;
  qsort (self->values, self->n, sizeof (gint64), compare);
  return self->values[MIN ((gsize) (quantile * self->n), self->n - 1)] / 1000.0;
}

void
bench_samples_clear (BenchSamples *self)
{
  g_clear_pointer (&self->values, g_free);
  self->n = self->size = 0;
}

double
bench_cpu_seconds (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

double
bench_memory_mb (void)
{
  g_autofree char *text = NULL;
  long pages = 0;

  if (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    sscanf (text, "%*d %ld", &pages);
  return pages * (double) sysconf (_SC_PAGESIZE) / (1 << 20);
}

double
bench_peak_mb (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024.0;
}

void
bench_remove (const char *directory)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        bench_remove (path);
      else
        unlink (path);
    }
  rmdir (directory);
}

#define FLOOR_SIZE (32 << 20)

double
bench_floor (const char *directory, guint concurrency, guint syncs, guint entries, gsize entry_bytes, double seconds)
{
  g_autofree char *path = g_build_filename (directory, "floor", NULL);
  g_autofree AirDigest *heads = g_new0 (AirDigest, concurrency);
  g_autofree char *entry = g_malloc (entry_bytes);
  g_autoptr (GByteArray) batch = g_byte_array_new ();
  g_autofree char *zeros = g_malloc0 (FLOOR_SIZE);
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  gint64 start, now;
  guint64 workflows = 0;
  goffset at = 0;

  g_assert (fd >= 0);
  memset (entry, 'x', entry_bytes);
  /* Written over, not grown: what such a loop does where it matters. */
  g_assert (write (fd, zeros, FLOOR_SIZE) == FLOOR_SIZE && fsync (fd) == 0);
  start = now = g_get_monotonic_time ();
  while (now - start < seconds * G_USEC_PER_SEC)
    {
      for (guint sync = 0; sync < syncs; sync++)
        {
          guint n = entries * (sync + 1) / syncs - entries * sync / syncs;

          g_byte_array_set_size (batch, 0);
          for (guint i = 0; i < concurrency; i++)
            for (guint j = 0; j < n; j++)
              {
                heads[i] = air_sha256_parts (&heads[i], sizeof heads[i], entry, entry_bytes, NULL, 0);
                g_byte_array_append (batch, heads[i].bytes, sizeof heads[i]);
                g_byte_array_append (batch, (guint8 *) entry, entry_bytes);
              }
          if (at + batch->len > FLOOR_SIZE)
            at = 0;
          g_assert (pwrite (fd, batch->data, batch->len, at) == batch->len);
          at += batch->len;
          g_assert (fdatasync (fd) == 0);
        }
      workflows += concurrency;
      now = g_get_monotonic_time ();
    }
  close (fd);
  unlink (path);
  return workflows / ((now - start) / (double) G_USEC_PER_SEC);
}
