/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-hosting"

#include "config.h"

#include "hosting/air-journal.h"

#include <stdatomic.h>
#include <string.h>

#include "base/air-hash.h"

#define MAGIC G_GUINT64_CONSTANT (0x314c4e524a524941) /* "AIRJRNL1" */

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
  const AirBlockFile *file;
  gsize half_size;
  guint64 ledger;
  guint64 seq;
  guint half;
  gsize offset;    /* in the half */
  guint64 last[2]; /* the last frame in each half */
  gint64 doubtful; /* where a frame may stand that counts as not written, or -1 */
  _Atomic guint64 released;
};

static gsize
aligned (gsize length)
{
  return (length + AIR_FRAME_ALIGN - 1) / AIR_FRAME_ALIGN * AIR_FRAME_ALIGN;
}

/**
 * air_journal_open:
 * @file: where it stands; outlives the journal
 * @half_size: of each of its two halves, a multiple of %AIR_FRAME_ALIGN
 * @ledger: tells the ledger it belongs to
 * @error: return location
 *
 * Opens the journal, or makes one at its full size.
 *
 * Returns: (transfer full): the journal, to be recovered and begun; or %NULL with %AIR_STORE_ERROR_IO or
 *   %AIR_STORE_ERROR_FULL
 */
AirJournal *
air_journal_open (const AirBlockFile *file, gsize half_size, guint64 ledger, GError **error)
{
  AirJournal *self;

  g_return_val_if_fail (half_size > 0 && half_size % AIR_FRAME_ALIGN == 0, NULL);
  /* One whose making was cut short is made to its end: frames can only stand in one that is complete. */
  if (file->get_size (file->user_data) < 2 * half_size && !file->clear (file->user_data, 2 * half_size, error))
    return NULL;
  self = g_new0 (AirJournal, 1);
  self->file = file;
  self->half_size = half_size;
  self->ledger = ledger;
  self->doubtful = -1;
  return self;
}

static AirDigest
frame_digest (const AirFrame *frame)
{
  return air_sha256_parts (frame->data, G_STRUCT_OFFSET (Header, digest), frame->data + sizeof (Header),
                           frame->len - sizeof (Header), NULL, 0);
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
  if (!self->file->read (self->file->user_data, half * self->half_size, data, self->half_size, error))
    return FALSE;
  for (gsize offset = 0; offset < self->half_size;)
    {
      guint64 ledger;
      AirFrame *frame = read_frame (data + offset, self->half_size - offset, &ledger);

      offset += frame != NULL ? aligned (frame->len) : AIR_FRAME_ALIGN;
      if (frame == NULL)
        continue;
      if (ledger != self->ledger)
        {
          air_frame_free (frame);
          g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_OPEN,
                       "%s belongs to another ledger; restore the ledger it belongs to, or move it away",
                       self->file->name);
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
 * Returns: %FALSE with %AIR_STORE_ERROR_CORRUPT when one is missing, _OPEN when they are another ledger's, _IO, or what
 *   @func failed with
 */
gboolean
air_journal_recover (AirJournal *self, guint64 applied, AirJournalFunc func, gpointer user_data, GError **error)
{
  g_autoptr (GPtrArray) frames = g_ptr_array_new_with_free_func ((GDestroyNotify) air_frame_free);
  guint8 *data = g_aligned_alloc (1, self->half_size, AIR_FRAME_ALIGN);
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
                       self->file->name, applied + 1 + i);
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
  self->doubtful = -1;
  atomic_store (&self->released, seq - 1);
}

/* The numbers of the frames that @func took. */
typedef struct {
  AirJournalFunc func;
  gpointer user_data;
  guint64 last;
} Resume;

static gboolean
resume_cb (const AirFrame *frame, gpointer user_data, GError **error)
{
  Resume *resume = user_data;

  if (!resume->func (frame, resume->user_data, error))
    return FALSE;
  resume->last = frame->seq;
  return TRUE;
}

/**
 * air_journal_resume:
 * @self: a journal that was just opened
 * @applied: number of the last frame the store has
 * @func: gets the frames after it, in order, for the store
 * @sync: has the store hold durably what it has
 * @user_data: for both
 * @error: return location
 *
 * As air_journal_recover(), and begins anew: what stands there is written over only once the store holds it for sure.
 *
 * Returns: %FALSE with %AIR_STORE_ERROR_CORRUPT, _OPEN or _IO, as air_journal_recover(), or what @func or @sync failed with
 */
gboolean
air_journal_resume (AirJournal *self,
                    guint64 applied,
                    AirJournalFunc func,
                    AirJournalSync sync,
                    gpointer user_data,
                    GError **error)
{
  Resume resume = { func, user_data, applied };

  if (!air_journal_recover (self, applied, resume_cb, &resume, error) || !sync (user_data, error))
    return FALSE;
  air_journal_begin (self, resume.last + 1);
  return TRUE;
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
 * @self: a journal
 * @frame: a frame
 *
 * Returns: whether the journal could ever hold it
 */
gboolean
air_journal_fits (AirJournal *self, const AirFrame *frame)
{
  return aligned (frame->len) <= self->half_size;
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

  return self->offset + aligned (frame->len) <= self->half_size || needed <= atomic_load (&self->released) ? 0 : needed;
}

/* A frame that was refused for want of space may stand there whole: two of one number would be a contradiction. What is
 * written in its place takes it away by itself. */
static gboolean
take_away_doubtful (AirJournal *self, gint64 place, GError **error)
{
  guint8 *zeros;
  gboolean done;

  if (self->doubtful < 0 || self->doubtful == place)
    return TRUE;
  zeros = g_aligned_alloc0 (1, AIR_FRAME_ALIGN, AIR_FRAME_ALIGN);
  done = self->file->write (self->file->user_data, self->doubtful, zeros, AIR_FRAME_ALIGN, error);
  g_aligned_free (zeros);
  if (done)
    self->doubtful = -1;
  return done;
}

/**
 * air_journal_append:
 * @self: a journal that is not blocked
 * @frame: gets its number
 * @error: return location
 *
 * One synced write: it is durable when this returns.
 *
 * Returns: %FALSE with %AIR_STORE_ERROR_FULL, and it may be tried again with this frame or another; or with
 *   %AIR_STORE_ERROR_IO, after which nothing can be said about it
 */
gboolean
air_journal_append (AirJournal *self, AirFrame *frame, GError **error)
{
  gsize length = aligned (frame->len);
  guint half = self->half;
  gsize offset = self->offset;
  Header header = { MAGIC, self->ledger, self->seq, frame->entries, frame->len, 0, { { 0 } } };
  gint64 place;

  g_return_val_if_fail (air_journal_fits (self, frame) && air_journal_blocked (self, frame) == 0, FALSE);
  if (offset + length > self->half_size)
    {
      half = !half;
      offset = 0;
    }
  place = half * self->half_size + offset;
  if (!take_away_doubtful (self, place, error))
    return FALSE;
  air_frame_reserve (frame, length);
  memset (frame->data + frame->len, 0, length - frame->len);
  frame->seq = self->seq;
  memcpy (frame->data, &header, sizeof header);
  header.digest = frame_digest (frame);
  memcpy (frame->data, &header, sizeof header);
  self->doubtful = place;
  if (!self->file->write (self->file->user_data, place, frame->data, length, error))
    return FALSE;
  self->doubtful = -1;
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
  return self->file->clear (self->file->user_data, 2 * self->half_size, error);
}

void
air_journal_free (AirJournal *self)
{
  g_free (self);
}
