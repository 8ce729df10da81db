/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include "sim/air-sim-disk.h"

#include <string.h>

#include "hosting/air-stored.h"

#define SECTOR 512

struct _AirSimDisk {
  AirBlockFile file;
  AirSimRandom *random;
  AirSimDiskCrash may_crash;
  gpointer user_data;
  GByteArray *bytes;
  GByteArray *before; /* the newest write: what it stands over… */
  gsize at;           /* …and where */
  gboolean writing;   /* it is still under way */
  gboolean copies, full;
};

static gboolean
fail (AirStoreError code, const char *words, GError **error)
{
  g_set_error (error, AIR_STORE_ERROR, code, "the journal cannot be written: %s", words);
  return FALSE;
}

static guint64
get_size (gpointer user_data)
{
  return ((AirSimDisk *) user_data)->bytes->len;
}

static gboolean
read_at (gpointer user_data, guint64 at, void *ret_data, gsize length, GError **error)
{
  AirSimDisk *self = user_data;

  g_return_val_if_fail (at + length <= self->bytes->len, FALSE);
  memcpy (ret_data, self->bytes->data + at, length);
  return TRUE;
}

/* --- writes under way --- */

static void
take_back (AirSimDisk *self, gsize from, gsize to)
{
  memcpy (self->bytes->data + self->at + from, self->before->data + from, to - from);
}

static void
tear (AirSimDisk *self)
{
  gsize length = self->before->len;
  guint n = length / SECTOR;

  switch (air_sim_random_below (self->random, 6))
    {
    case 0: /* nothing of it stands there */
      take_back (self, 0, length);
      break;
    case 1: /* all of it, though nobody was told */
      break;
    case 2: /* its beginning */
      take_back (self, air_sim_random_below (self->random, n) * SECTOR, length);
      break;
    case 3: /* its end */
      take_back (self, 0, air_sim_random_between (self->random, 1, n) * SECTOR);
      break;
    case 4: /* all but half a sector */
      length = air_sim_random_below (self->random, n) * SECTOR;
      take_back (self, length, length + air_sim_random_between (self->random, 1, SECTOR));
      break;
    default: /* some sectors of it */
      for (guint i = 0; i < n; i++)
        if (air_sim_random_chance (self->random, 400))
          take_back (self, i * SECTOR, (i + 1) * SECTOR);
      break;
    }
}

static gboolean
write_at (gpointer user_data, guint64 at, const void *data, gsize length, GError **error)
{
  AirSimDisk *self = user_data;

  g_return_val_if_fail (at % AIR_BLOCK_SIZE == 0 && length % AIR_BLOCK_SIZE == 0 && at + length <= self->bytes->len,
                        FALSE);
  self->at = at;
  g_byte_array_set_size (self->before, 0);
  g_byte_array_append (self->before, self->bytes->data + at, length);
  memcpy (self->bytes->data + at, data, length);
  self->writing = TRUE;
  if (self->full && self->copies)
    {
      if (air_sim_random_chance (self->random, 500))
        tear (self);
      self->writing = FALSE;
      return fail (AIR_STORE_ERROR_FULL, "the disk is full", error);
    }
  return !self->may_crash (self->user_data, "within a journal write")
         || fail (AIR_STORE_ERROR_IO, "the process ends", error);
}

static gboolean
clear (gpointer user_data, guint64 size, GError **error)
{
  AirSimDisk *self = user_data;
  gboolean full = self->full && (self->copies || size > self->bytes->len);
  gboolean ends = !full && self->may_crash (self->user_data, "while the journal is made");
  gsize before = self->bytes->len;

  self->writing = FALSE;
  g_byte_array_set_size (self->before, 0);
  if (full || ends)
    size = air_sim_random_below (self->random, size / AIR_BLOCK_SIZE) * AIR_BLOCK_SIZE;
  g_byte_array_set_size (self->bytes, MAX (size, before));
  if (size > 0)
    memset (self->bytes->data, 0, size);
  if (full)
    return fail (AIR_STORE_ERROR_FULL, "the disk is full", error);
  return !ends || fail (AIR_STORE_ERROR_IO, "the process ends", error);
}

/**
 * air_sim_disk_new:
 * @random: what decides what a crash leaves; borrowed
 * @copies: it never writes in place, so that overwriting needs space
 * @may_crash: asked within each write
 * @user_data: for @may_crash
 *
 * Returns: (transfer full): a disk with an empty file
 */
AirSimDisk *
air_sim_disk_new (AirSimRandom *random, gboolean copies, AirSimDiskCrash may_crash, gpointer user_data)
{
  AirSimDisk *self = g_new0 (AirSimDisk, 1);

  self->file = (AirBlockFile) { "journal", get_size, read_at, write_at, clear, self };
  self->random = random;
  self->copies = copies;
  self->may_crash = may_crash;
  self->user_data = user_data;
  self->bytes = g_byte_array_new ();
  self->before = g_byte_array_new ();
  return self;
}

void
air_sim_disk_free (AirSimDisk *self)
{
  g_byte_array_unref (self->bytes);
  g_byte_array_unref (self->before);
  g_free (self);
}

/**
 * air_sim_disk_get_file:
 * @self: a disk
 *
 * A write to it returns at once; the disk is done with it at air_sim_disk_sync(), and whoever wrote waits for that.
 *
 * Returns: (transfer none): the journal's file
 */
const AirBlockFile *
air_sim_disk_get_file (AirSimDisk *self)
{
  return &self->file;
}

/**
 * air_sim_disk_sync:
 * @self: a disk
 *
 * What was written is there for sure from now on.
 */
void
air_sim_disk_sync (AirSimDisk *self)
{
  self->writing = FALSE;
}

/**
 * air_sim_disk_crash:
 * @self: a disk
 *
 * Of a write that is under way any sectors stay, or none.
 */
void
air_sim_disk_crash (AirSimDisk *self)
{
  if (self->writing)
    tear (self);
  self->writing = FALSE;
}

/**
 * air_sim_disk_remove:
 * @self: a disk
 *
 * The file is no more; the next one begins empty.
 */
void
air_sim_disk_remove (AirSimDisk *self)
{
  self->writing = FALSE;
  g_byte_array_set_size (self->before, 0);
  g_byte_array_set_size (self->bytes, 0);
}

/**
 * air_sim_disk_set_full:
 * @self: a disk
 * @full: whether there are no blocks from now on
 */
void
air_sim_disk_set_full (AirSimDisk *self, gboolean full)
{
  self->full = full;
}

/**
 * air_sim_disk_is_full:
 * @self: a disk
 *
 * Returns: whether nothing on it can grow
 */
gboolean
air_sim_disk_is_full (AirSimDisk *self)
{
  return self->full;
}

/**
 * air_sim_disk_lose_last:
 * @self: a disk
 *
 * Loses the newest write although it was synced: a disk that lies, to see that it is found out.
 */
void
air_sim_disk_lose_last (AirSimDisk *self)
{
  take_back (self, 0, self->before->len);
}
