/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal against every crash there can be: within each write of a short life, whatever part of it stays, whatever
 * the store has lost of what it was not synced for. */
#include "config.h"

#include "block-double.h"
#include "hosting/air-journal.h"

#define LEDGER    G_GUINT64_CONSTANT (0x1234567890abcdef)
#define HALF_SIZE (3 * AIR_FRAME_ALIGN)

typedef struct {
  guint blocks;
  guint serial; /* no two have one piece in common */
} Written;

/* The process, and the store behind it, which is no more than the numbers of frames. */
typedef struct {
  BlockDouble *disk;
  AirJournal *journal;
  GArray *written;  /* Written, from the first frame on */
  guint64 told;     /* the last frame that somebody was told is durable */
  guint64 released; /* up to which the store was synced */
} Life;

/* To its last sector, so that no piece is without meaning. */
static AirFrame *
make_frame (guint64 number, Written written)
{
  gsize length = written.blocks * AIR_FRAME_ALIGN - AIR_FRAME_HEADER - 20;
  g_autofree char *note = g_strnfill (length, ' ');
  AirFrame *frame = air_frame_new ();

  for (gsize at = 0; at + 7 < length; at += 250)
    for (guint i = 0, rest = written.serial; i < 7; i++, rest /= 10)
      note[at + i] = '0' + rest % 10;
  air_frame_put_note (frame, number, note);
  return frame;
}

static void
life_open (Life *self, guint64 begin)
{
  g_autoptr (GError) error = NULL;

  self->journal = air_journal_open (&self->disk->file, HALF_SIZE, LEDGER, &error);
  g_assert_no_error (error);
  if (begin > 0)
    air_journal_begin (self->journal, begin);
}

static void
life_begin (Life *self)
{
  self->disk = block_double_new ();
  self->written = g_array_new (FALSE, FALSE, sizeof (Written));
  self->told = self->released = 0;
  life_open (self, 1);
}

static void
life_end (Life *self)
{
  g_clear_pointer (&self->journal, air_journal_free);
  g_clear_pointer (&self->disk, block_double_free);
  g_clear_pointer (&self->written, g_array_unref);
}

/* As the writer does it: into the journal, or the store when it is too large; the store is synced where it must be. */
static gboolean
life_write (Life *self, guint blocks, GError **error)
{
  static guint serial = 0;
  guint64 number = air_journal_get_seq (self->journal), blocked;
  Written written = { blocks, serial++ };
  g_autoptr (AirFrame) frame = make_frame (number, written);

  g_array_set_size (self->written, number - 1);
  g_array_append_val (self->written, written);
  if (!air_journal_fits (self->journal, frame))
    {
      self->told = self->released = number;
      air_journal_begin (self->journal, number + 1);
      return TRUE;
    }
  blocked = air_journal_blocked (self->journal, frame);
  if (blocked != 0)
    {
      g_assert_cmpuint (blocked, <=, self->told);
      self->released = blocked;
      air_journal_release (self->journal, blocked);
      g_assert_cmpuint (air_journal_blocked (self->journal, frame), ==, 0);
    }
  if (!air_journal_append (self->journal, frame, error))
    return FALSE;
  g_assert_cmpuint (frame->seq, ==, number);
  self->told = number;
  return TRUE;
}

/* --- what a start finds --- */

typedef struct {
  const Life *life;
  guint64 last;
} Found;

static gboolean
note_cb (gpointer user_data, guint64 size, const char *note, GError **error)
{
  *(guint64 *) user_data = size;
  return TRUE;
}

static gboolean
frame_cb (const AirFrame *frame, gpointer user_data, GError **error)
{
  static const AirFrameReader reader = { .note = note_cb };
  Found *found = user_data;
  g_autoptr (AirFrame) as_written = NULL;
  guint64 number = 0;

  g_assert_cmpuint (frame->seq, ==, found->last + 1);
  g_assert_true (air_frame_read (frame, &reader, &number, error));
  g_assert_cmpuint (number, ==, frame->seq);
  as_written = make_frame (number, g_array_index (found->life->written, Written, number - 1));
  g_assert_cmpmem (frame->data + AIR_FRAME_HEADER, frame->len - AIR_FRAME_HEADER, as_written->data + AIR_FRAME_HEADER,
                   as_written->len - AIR_FRAME_HEADER);
  found->last = number;
  return TRUE;
}

/* Every frame after @applied that somebody was told of, once, in order, as it was written; one more may be there. */
static guint64
recover (const Life *life, AirJournal *journal, guint64 applied)
{
  Found found = { life, applied };
  g_autoptr (GError) error = NULL;

  air_journal_recover (journal, applied, frame_cb, &found, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found.last, >=, life->told);
  g_assert_cmpuint (found.last, <=, life->told + 1);
  return found.last;
}

/* Starts on @disk with a store that has any number of frames it may have. */
static guint64
start_anew (const Life *life, const BlockDouble *disk)
{
  guint64 last = 0;

  for (guint64 applied = life->released; applied <= life->told; applied++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AirJournal) journal = air_journal_open (&disk->file, HALF_SIZE, LEDGER, &error);

      g_assert_no_error (error);
      last = recover (life, journal, applied);
    }
  return last;
}

/* --- */

static const guint lengths[] = { 1, 1, 2, 1, 1, 2, 2, 1, 4, 1, 2, 1, 1, 1, 3, 1, 1, 2, 3, 3 };

/* A second process that is cut off as well, in its first or its second write, over what the first has left. */
static void
crash_again (const Life *first, const BlockDouble *disk, guint64 last)
{
  static const guint again[] = { 2, 1, 2 };

  for (guint n = 1; n <= G_N_ELEMENTS (again); n++)
    for (guint pieces = 0; pieces < BLOCK_SUBSETS; pieces += n == 1 ? 3 : 17)
      {
        Life life = { block_double_copy (disk), NULL, g_array_copy (first->written), last, last };

        life_open (&life, last + 1);
        for (guint i = 0; i < n; i++)
          life_write (&life, again[i], NULL);
        life.told--;
        life.released = MIN (life.released, life.told);
        block_double_tear (life.disk, pieces);
        start_anew (&life, life.disk);
        life_end (&life);
      }
}

static void
test_every_crash (void)
{
  guint whole = 0, lost = 0;
  Life life;

  life_begin (&life);
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      guint writes = life.disk->n_writes;

      life_write (&life, lengths[i], NULL);
      g_assert_cmpuint (start_anew (&life, life.disk), ==, life.told);
      if (life.disk->n_writes == writes)
        continue; /* into the store */
      life.told--;
      for (guint pieces = 0; pieces < BLOCK_SUBSETS; pieces++)
        {
          g_autoptr (BlockDouble) disk = block_double_copy (life.disk);
          guint64 last;

          block_double_tear (disk, pieces);
          last = start_anew (&life, disk);
          whole += last > life.told;
          lost += last == life.told;
          if (pieces % 51 == 0)
            crash_again (&life, disk, last);
        }
      life.told++;
    }
  life_end (&life);
  g_assert_cmpuint (whole, >=, G_N_ELEMENTS (lengths) - 1);
  g_assert_cmpuint (lost, >, 200 * (G_N_ELEMENTS (lengths) - 1));
}

/* Refused for want of space, with any part of it on the disk: the next frame, of any length, is the one that counts. */
static void
test_refused (void)
{
  for (guint at = 0; at < 8; at++)
    for (guint pieces = 0; pieces < BLOCK_SUBSETS; pieces += at % 2 == 0 ? 1 : 17)
      for (guint next = 1; next <= 4; next++)
        {
          g_autoptr (GError) error = NULL;
          Life life;

          life_begin (&life);
          for (guint i = 0; i < at; i++)
            life_write (&life, lengths[i], NULL);
          life.disk->full = TRUE;
          life.disk->leaves = pieces;
          g_assert_false (life_write (&life, lengths[at], &error));
          g_assert_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_FULL);
          start_anew (&life, life.disk);
          for (guint i = 0; i < 3; i++)
            {
              g_assert_true (life_write (&life, i == 0 ? next : 1, NULL));
              g_assert_cmpuint (start_anew (&life, life.disk), ==, life.told);
            }
          life_end (&life);
        }
}

/* One whose making or whose erasure was cut short. */
static void
test_clear (void)
{
  Life life;

  life_begin (&life);
  for (guint size = 0; size <= 2 * HALF_SIZE; size += AIR_FRAME_ALIGN)
    {
      g_byte_array_set_size (life.disk->bytes, size);
      g_clear_pointer (&life.journal, air_journal_free);
      life_open (&life, 0);
      g_assert_cmpuint (life.disk->bytes->len, ==, 2 * HALF_SIZE);
      g_assert_cmpuint (recover (&life, life.journal, 0), ==, 0);
    }
  air_journal_begin (life.journal, 1);
  for (guint i = 0; i < 5; i++)
    life_write (&life, lengths[i], NULL);
  life.released = life.told;
  g_assert_true (air_journal_scrub (life.journal, NULL));
  for (gsize i = 0; i < life.disk->bytes->len; i++)
    g_assert_cmpuint (life.disk->bytes->data[i], ==, 0);
  for (guint pieces = 0; pieces < BLOCK_SUBSETS; pieces++)
    {
      g_autoptr (BlockDouble) disk = block_double_copy (life.disk);

      block_double_tear (disk, pieces);
      g_assert_cmpuint (start_anew (&life, disk), ==, life.told);
      if (pieces % 17 == 0)
        crash_again (&life, disk, life.told);
    }
  life_end (&life);
}

/* Any byte of it damaged: a frame is as it was written or it is none, and one that was told and is none stops a start,
 * unless it is the last. */
static void
test_flips (void)
{
  static const guint blocks[] = { 1, 2, 1, 1 };
  guint lost = 0, refused = 0;
  Life life;

  life_begin (&life);
  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    life_write (&life, blocks[i], NULL);
  life.told = 3; /* the last may be one that nobody was told of */
  for (gsize at = 0; at < life.disk->bytes->len; at++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AirJournal) journal = air_journal_open (&life.disk->file, HALF_SIZE, LEDGER, NULL);
      Found found = { &life, 0 };

      life.disk->bytes->data[at] ^= 1u << at % 8;
      air_journal_recover (journal, 0, frame_cb, &found, &error);
      if (error != NULL)
        g_assert_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_CORRUPT);
      else
        g_assert_cmpuint (found.last, >=, 3);
      refused += error != NULL;
      lost += error == NULL && found.last == 3;
      life.disk->bytes->data[at] ^= 1u << at % 8;
    }
  g_assert_cmpuint (recover (&life, life.journal, 0), ==, 4);
  life_end (&life);
  /* All but the ends of their last blocks. */
  g_assert_cmpuint (lost, >, AIR_FRAME_ALIGN - 100);
  g_assert_cmpuint (refused, >, 4 * AIR_FRAME_ALIGN - 300);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hosting/journal/every-crash", test_every_crash);
  g_test_add_func ("/hosting/journal/refused", test_refused);
  g_test_add_func ("/hosting/journal/clear", test_clear);
  g_test_add_func ("/hosting/journal/flips", test_flips);
  return g_test_run ();
}
