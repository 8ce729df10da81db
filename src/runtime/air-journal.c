/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/air-hash.h"

#define HALF_SIZE (16u << 20)
#define MAGIC     G_GUINT64_CONSTANT (0x314c4e524a524941) /* "AIRJRNL1" */
#define CHUNK     (1u << 20)

/* At the head of each frame; the digest is over the frame without itself. */
typedef struct {
  guint64 magic;
  guint64 ledger;
  guint64 seq;
  guint64 entries;
  guint64 length; /* with this header */
  guint64 zero;
  AirDigest digest;
} Header;

G_STATIC_ASSERT (sizeof (Header) == AIR_FRAME_HEADER);

struct _AirJournal {
  char *path;
  int fd;
  gboolean synced; /* each write is, by itself */
  guint64 ledger;
  guint64 seq;
  guint half;
  gsize offset;    /* in the half */
  guint64 last[2]; /* the last frame in each half */
  _Atomic guint64 released;
};

static gboolean
fail (AirJournal *self, const char *doing, GError **error)
{
  int code = errno;
  gboolean full = code == ENOSPC || code == EDQUOT || code == EFBIG;

  g_set_error (error, AIR_STORE_ERROR, full ? AIR_STORE_ERROR_FULL : AIR_STORE_ERROR_IO, "%s cannot be %s: %s%s",
               self->path, doing, g_strerror (code), full ? "; make space on the volume of the state directory" : "");
  return FALSE;
}

static gsize
aligned (gsize length)
{
  return (length + AIR_FRAME_ALIGN - 1) / AIR_FRAME_ALIGN * AIR_FRAME_ALIGN;
}

static gboolean
write_at (AirJournal *self, const void *data, gsize n, goffset at, GError **error)
{
  const char *bytes = data;

  for (gsize done = 0; done < n;)
    {
      ssize_t written = pwrite (self->fd, bytes + done, n - done, at + done);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return fail (self, "written", error);
      done += written;
    }
  if (!self->synced && fdatasync (self->fd) != 0)
    {
      fail (self, "synced", NULL);
      g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_IO, "%s cannot be synced: %s", self->path,
                   g_strerror (errno));
      return FALSE;
    }
  return TRUE;
}

/* Real zeros: blocks that are only reserved would have to be marked as written on their first sync. */
static gboolean
write_zeros (AirJournal *self, goffset from, goffset to, GError **error)
{
  guint8 *zeros = g_aligned_alloc0 (1, CHUNK, AIR_FRAME_ALIGN);
  gboolean done = TRUE;

  for (; done && from < to; from += CHUNK)
    done = write_at (self, zeros, MIN (CHUNK, to - from), from, error);
  g_aligned_free (zeros);
  return done && (fsync (self->fd) == 0 || fail (self, "synced", error));
}

/* The name of a new file is durable only with its folder. */
static gboolean
sync_folder (AirJournal *self, GError **error)
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

/**
 * air_journal_open:
 * @path: of the file
 * @ledger: tells the ledger it belongs to
 *
 * Opens the journal, or makes one at its full size.
 *
 * Returns: (transfer full): the journal, to be recovered and begun; or NULL with AIR_STORE_ERROR
 */
AirJournal *
air_journal_open (const char *path, guint64 ledger, GError **error)
{
  AirJournal *self = g_new0 (AirJournal, 1);
  struct stat info;

  self->path = g_strdup (path);
  self->ledger = ledger;
  /* Past the page cache, which only costs copies here. */
  self->fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_DIRECT | O_DSYNC, 0600);
  self->synced = self->fd >= 0;
  if (self->fd < 0 && errno == EINVAL)
    self->fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (self->fd < 0 || fstat (self->fd, &info) != 0)
    {
      fail (self, "opened", error);
      air_journal_free (self, FALSE);
      return NULL;
    }
  /* One whose making was cut short is made to its end: frames can only stand in one that is complete. */
  if (info.st_size < 2 * (goffset) HALF_SIZE
      && (!write_zeros (self, 0, 2 * (goffset) HALF_SIZE, error) || !sync_folder (self, error)))
    {
      air_journal_free (self, FALSE);
      return NULL;
    }
  return self;
}

static AirDigest
frame_digest (const AirFrame *frame)
{
  return air_sha256_parts (frame->data, G_STRUCT_OFFSET (Header, digest), frame->data + sizeof (Header),
                           frame->len - sizeof (Header), NULL, 0);
}

static gboolean
read_half (AirJournal *self, guint half, guint8 *data, GError **error)
{
  for (gsize done = 0; done < HALF_SIZE;)
    {
      ssize_t got = pread (self->fd, data + done, HALF_SIZE - done, (goffset) half * HALF_SIZE + done);

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

/* The frame at @data, or NULL when none stands there whole. */
static AirFrame *
read_frame (const guint8 *data, gsize room, guint64 *ret_ledger)
{
  AirFrame *frame;
  AirDigest digest;
  Header header;

  memcpy (&header, data, sizeof header);
  if (header.magic != MAGIC || header.length < sizeof header || header.length > room)
    return NULL;
  frame = air_frame_new ();
  air_frame_reserve (frame, header.length);
  memcpy (frame->data, data, header.length);
  frame->len = header.length;
  frame->seq = header.seq;
  frame->entries = header.entries;
  digest = frame_digest (frame);
  if (!air_digest_equal (&digest, &header.digest))
    {
      air_frame_free (frame);
      return NULL;
    }
  *ret_ledger = header.ledger;
  return frame;
}

static int
compare_frames (gconstpointer a, gconstpointer b)
{
  const AirFrame *x = *(AirFrame *const *) a, *y = *(AirFrame *const *) b;

  return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* Every whole frame past @applied, wherever it stands: one that was left out by following on would be lost unseen. */
static gboolean
find_frames (AirJournal *self, guint half, guint64 applied, guint8 *data, GPtrArray *frames, GError **error)
{
  if (!read_half (self, half, data, error))
    return FALSE;
  for (gsize offset = 0; offset < HALF_SIZE;)
    {
      guint64 ledger;
      AirFrame *frame = read_frame (data + offset, HALF_SIZE - offset, &ledger);

      offset += frame != NULL ? aligned (frame->len) : AIR_FRAME_ALIGN;
      if (frame == NULL)
        continue;
      if (ledger != self->ledger)
        {
          air_frame_free (frame);
          g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_OPEN,
                       "%s belongs to another ledger; restore the ledger it belongs to, or move it away", self->path);
          return FALSE;
        }
      if (frame->seq > applied)
        g_ptr_array_add (frames, frame);
      else
        air_frame_free (frame);
    }
  return TRUE;
}

/**
 * air_journal_recover:
 * @self: a journal that was just opened
 * @applied: number of the last frame the store has
 * @func: gets the frames after it, in order
 * @user_data: for @func
 * @error: return location
 *
 * Returns: %FALSE with %AIR_STORE_ERROR_CORRUPT when one is missing, _IO, or what @func failed with
 */
gboolean
air_journal_recover (AirJournal *self, guint64 applied, AirJournalFunc func, gpointer user_data, GError **error)
{
  g_autoptr (GPtrArray) frames = g_ptr_array_new_with_free_func ((GDestroyNotify) air_frame_free);
  guint8 *data = g_aligned_alloc (1, HALF_SIZE, AIR_FRAME_ALIGN);
  gboolean done =
      find_frames (self, 0, applied, data, frames, error) && find_frames (self, 1, applied, data, frames, error);

  g_aligned_free (data);
  g_ptr_array_sort (frames, compare_frames);
  for (guint i = 0; done && i < frames->len; i++)
    {
      const AirFrame *frame = frames->pdata[i];

      if (frame->seq != applied + 1 + i)
        {
          g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_CORRUPT,
                       "%s: frame %" G_GUINT64_FORMAT " is damaged and one behind it is not; restore the volume",
                       self->path, applied + 1 + i);
          return FALSE;
        }
      done = func (frame, user_data, error);
    }
  return done;
}

/**
 * air_journal_begin:
 * @self: a journal all of whose frames are in the store
 * @seq: number of the next frame
 */
void
air_journal_begin (AirJournal *self, guint64 seq)
{
  self->seq = seq;
  self->half = 0;
  self->offset = 0;
  self->last[0] = self->last[1] = 0;
  atomic_store (&self->released, seq - 1);
}

/**
 * air_journal_get_seq:
 * @self: a journal
 *
 * Returns: the number the next frame gets
 */
guint64
air_journal_get_seq (AirJournal *self)
{
  return self->seq;
}

/**
 * air_journal_fits:
 * @frame: a frame
 *
 * Returns: whether a journal could ever hold it
 */
gboolean
air_journal_fits (const AirFrame *frame)
{
  return aligned (frame->len) <= HALF_SIZE;
}

/**
 * air_journal_blocked:
 * @self: a journal
 * @frame: what is to be appended
 *
 * Returns: the frame up to which air_journal_release() must have come before; 0: nothing
 */
guint64
air_journal_blocked (AirJournal *self, const AirFrame *frame)
{
  guint64 needed = self->last[!self->half];

  return self->offset + aligned (frame->len) <= HALF_SIZE || needed <= atomic_load (&self->released) ? 0 : needed;
}

/**
 * air_journal_append:
 * @self: a journal that is not blocked
 * @frame: gets its number
 * @error: return location
 *
 * One synced write: it is durable when this returns.
 *
 * Returns: %FALSE with %AIR_STORE_ERROR_IO or %AIR_STORE_ERROR_FULL: after a sync that failed nothing can be said
 *   about it
 */
gboolean
air_journal_append (AirJournal *self, AirFrame *frame, GError **error)
{
  gsize length = aligned (frame->len);
  guint half = self->half;
  gsize offset = self->offset;
  Header header = { MAGIC, self->ledger, self->seq, frame->entries, frame->len, 0, { { 0 } } };

  g_return_val_if_fail (air_journal_fits (frame) && air_journal_blocked (self, frame) == 0, FALSE);
  if (offset + length > HALF_SIZE)
    {
      half = !half;
      offset = 0;
    }
  air_frame_reserve (frame, length);
  memset (frame->data + frame->len, 0, length - frame->len);
  frame->seq = self->seq;
  memcpy (frame->data, &header, sizeof header);
  header.digest = frame_digest (frame);
  memcpy (frame->data, &header, sizeof header);
  if (!write_at (self, frame->data, length, (goffset) half * HALF_SIZE + offset, error))
    return FALSE;
  self->half = half;
  self->offset = offset + length;
  self->last[half] = self->seq++;
  return TRUE;
}

/**
 * air_journal_get_old:
 * @self: a journal
 *
 * Returns: the last frame of the half that is not being written; 0: none
 */
guint64
air_journal_get_old (AirJournal *self)
{
  return self->last[!self->half];
}

/**
 * air_journal_release:
 * @self: a journal
 * @seq: the store holds the frames up to this one durably
 *
 * From any thread.
 */
void
air_journal_release (AirJournal *self, guint64 seq)
{
  atomic_store (&self->released, seq);
}

/**
 * air_journal_scrub:
 * @self: a journal all of whose frames are in the store
 * @error: return location
 *
 * Overwrites what it holds with zeros; begin anew afterwards.
 *
 * Returns: %FALSE with %AIR_STORE_ERROR_IO or %AIR_STORE_ERROR_FULL
 */
gboolean
air_journal_scrub (AirJournal *self, GError **error)
{
  return write_zeros (self, 0, 2 * (goffset) HALF_SIZE, error);
}

void
air_journal_free (AirJournal *self, gboolean remove)
{
  if (remove)
    unlink (self->path);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self);
}
