/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-journal-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hosting/air-stored.h"

#define CHUNK (1u << 20)

struct _AirJournalFile {
  AirBlockFile file;
  char *path;
  int fd;
  gboolean synced; /* each write is, by itself */
  guint64 size;
};

static gboolean
fail (AirJournalFile *self, const char *doing, GError **error)
{
  int code = errno;
  gboolean full = code == ENOSPC || code == EDQUOT || code == EFBIG;

  g_set_error (error, AIR_STORE_ERROR, full ? AIR_STORE_ERROR_FULL : AIR_STORE_ERROR_IO, "%s cannot be %s: %s%s",
               self->path, doing, g_strerror (code), full ? "; make space on the volume of the state directory" : "");
  return FALSE;
}

static guint64
get_size (gpointer user_data)
{
  return ((AirJournalFile *) user_data)->size;
}

static gboolean
read_at (gpointer user_data, guint64 at, void *ret_data, gsize length, GError **error)
{
  AirJournalFile *self = user_data;
  guint8 *bytes = ret_data;

  for (gsize done = 0; done < length;)
    {
      ssize_t got = pread (self->fd, bytes + done, length - done, at + done);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        {
          if (got == 0)
            errno = EIO;
          return fail (self, "read", error);
        }
      done += got;
    }
  return TRUE;
}

static gboolean
write_at (gpointer user_data, guint64 at, const void *data, gsize length, GError **error)
{
  AirJournalFile *self = user_data;
  const guint8 *bytes = data;

  for (gsize done = 0; done < length;)
    {
      ssize_t written = pwrite (self->fd, bytes + done, length - done, at + done);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return fail (self, "written", error);
      done += written;
    }
  if (!self->synced && fdatasync (self->fd) != 0)
    {
      /* For whatever reason: what was written is then in doubt. */
      g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_IO, "%s cannot be synced: %s", self->path,
                   g_strerror (errno));
      return FALSE;
    }
  return TRUE;
}

/* The name of a new file is durable only with its folder; who made it may have been stopped before it got to this. */
static gboolean
sync_folder (AirJournalFile *self, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean done = fd >= 0 && fsync (fd) == 0;

  if (!done)
    fail (self, "synced", error);
  if (fd >= 0)
    close (fd);
  return done;
}

/* Real zeros: blocks that are only reserved would have to be marked as written on their first sync. */
static gboolean
clear (gpointer user_data, guint64 size, GError **error)
{
  AirJournalFile *self = user_data;
  guint8 *zeros = g_aligned_alloc0 (1, CHUNK, AIR_BLOCK_SIZE);
  gboolean done = TRUE;

  for (guint64 at = 0; done && at < size; at += CHUNK)
    done = write_at (self, at, zeros, MIN (CHUNK, size - at), error);
  g_aligned_free (zeros);
  done = done && (fsync (self->fd) == 0 || fail (self, "synced", error));
  if (done)
    self->size = MAX (self->size, size);
  return done;
}

/**
 * air_journal_file_open:
 * @path: of the file; made, empty, when there is none
 * @error: return location
 *
 * Returns: (transfer full): the file, or %NULL with %AIR_STORE_ERROR_FULL or %AIR_STORE_ERROR_IO
 */
AirJournalFile *
air_journal_file_open (const char *path, GError **error)
{
  AirJournalFile *self = g_new0 (AirJournalFile, 1);
  struct stat info;

  self->path = g_strdup (path);
  self->file = (AirBlockFile) { self->path, get_size, read_at, write_at, clear, self };
  /* Past the page cache, which only costs copies here. */
  self->fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_DIRECT | O_DSYNC, 0600);
  self->synced = self->fd >= 0;
  if (self->fd < 0 && errno == EINVAL)
    self->fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (self->fd < 0 || fstat (self->fd, &info) != 0)
    {
      fail (self, "opened", error);
      air_journal_file_free (self, FALSE);
      return NULL;
    }
  if (!sync_folder (self, error))
    {
      air_journal_file_free (self, FALSE);
      return NULL;
    }
  self->size = info.st_size;
  return self;
}

/**
 * air_journal_file_get:
 * @self: a file
 *
 * Returns: (transfer none): what a journal writes to
 */
const AirBlockFile *
air_journal_file_get (AirJournalFile *self)
{
  return &self->file;
}

void
air_journal_file_free (AirJournalFile *self, gboolean remove)
{
  if (remove)
    unlink (self->path);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self);
}
