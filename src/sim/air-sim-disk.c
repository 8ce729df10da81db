/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include "sim/air-sim-disk.h"

#include <string.h>

#include "base/air-hash.h"

#define SECTOR 512
#define FRAME  12 /* length and the first eight bytes of a checksum */

G_DEFINE_QUARK (air-sim-disk-error-quark, air_sim_disk_error)

struct _AirSimDisk {
  AirSimRandom *random;
  GByteArray *bytes;
  gsize synced;
  gsize last; /* where the newest transaction begins */
  gboolean full;
};

/**
 * air_sim_disk_new:
 * @random: what decides what a crash leaves; borrowed
 *
 * Returns: (transfer full): an empty disk
 */
AirSimDisk *
air_sim_disk_new (AirSimRandom *random)
{
  AirSimDisk *self = g_new0 (AirSimDisk, 1);

  self->random = random;
  self->bytes = g_byte_array_new ();
  return self;
}

void
air_sim_disk_free (AirSimDisk *self)
{
  g_byte_array_unref (self->bytes);
  g_free (self);
}

/**
 * air_sim_disk_write:
 * @self: a disk
 * @transaction: not empty
 * @error: return location
 *
 * Not durable before air_sim_disk_sync().
 *
 * Returns: %FALSE with %AIR_SIM_DISK_ERROR_FULL, and the disk as it was
 */
gboolean
air_sim_disk_write (AirSimDisk *self, GBytes *transaction, GError **error)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (transaction, &length);
  AirDigest digest = air_sha256 (data, length);
  guint8 frame[FRAME] = { length & 0xff, length >> 8 & 0xff, length >> 16 & 0xff, length >> 24 & 0xff };

  if (self->full)
    {
      g_set_error_literal (error, AIR_SIM_DISK_ERROR, AIR_SIM_DISK_ERROR_FULL, "the disk is full");
      return FALSE;
    }
  memcpy (frame + 4, digest.bytes, 8);
  self->last = self->bytes->len;
  g_byte_array_append (self->bytes, frame, FRAME);
  g_byte_array_append (self->bytes, data, length);
  return TRUE;
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
  self->synced = self->bytes->len;
}

/**
 * air_sim_disk_roll_back:
 * @self: a disk
 *
 * Takes back what was written since the last sync: a transaction that is given up.
 */
void
air_sim_disk_roll_back (AirSimDisk *self)
{
  g_byte_array_set_size (self->bytes, self->synced);
}

/**
 * air_sim_disk_crash:
 * @self: a disk
 *
 * Of what was written since the last sync any sectors stay, or none.
 */
void
air_sim_disk_crash (AirSimDisk *self)
{
  gsize begin = self->synced;

  if (self->bytes->len == begin)
    return;
  switch (air_sim_random_below (self->random, 4))
    {
    case 0: /* nothing of it */
      g_byte_array_set_size (self->bytes, begin);
      break;
    case 1: /* all of it, though nobody was told */
      break;
    case 2: /* its beginning */
      g_byte_array_set_size (self->bytes, air_sim_random_between (self->random, begin, self->bytes->len));
      break;
    default: /* some sectors of it */
      for (gsize at = begin; at < self->bytes->len; at += SECTOR - at % SECTOR)
        if (air_sim_random_chance (self->random, 400))
          memset (self->bytes->data + at, 0, MIN (self->bytes->len - at, SECTOR - at % SECTOR));
      break;
    }
  self->synced = self->bytes->len;
}

/**
 * air_sim_disk_read:
 * @self: a disk
 *
 * Returns: (transfer full) (element-type GBytes): the transactions that are whole, oldest first. What follows them is
 *   gone
 */
GPtrArray *
air_sim_disk_read (AirSimDisk *self)
{
  GPtrArray *transactions = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  gsize at = 0;

  while (self->bytes->len - at >= FRAME)
    {
      const guint8 *frame = self->bytes->data + at;
      gsize length = frame[0] | frame[1] << 8 | frame[2] << 16 | (gsize) frame[3] << 24;
      AirDigest digest;

      if (length == 0 || length > self->bytes->len - at - FRAME)
        break;
      digest = air_sha256 (frame + FRAME, length);
      if (memcmp (frame + 4, digest.bytes, 8) != 0)
        break;
      g_ptr_array_add (transactions, g_bytes_new (frame + FRAME, length));
      self->last = at;
      at += FRAME + length;
    }
  g_byte_array_set_size (self->bytes, at);
  self->synced = at;
  return transactions;
}

/**
 * air_sim_disk_set_full:
 * @self: a disk
 * @full: whether writing fails from now on
 */
void
air_sim_disk_set_full (AirSimDisk *self, gboolean full)
{
  self->full = full;
}

/**
 * air_sim_disk_get_size:
 * @self: a disk
 *
 * Returns: bytes on it, synced or not
 */
gsize
air_sim_disk_get_size (AirSimDisk *self)
{
  return self->bytes->len;
}

/**
 * air_sim_disk_lose_last:
 * @self: a disk
 *
 * Loses the newest transaction although it was synced: a disk that lies, to see that it is found out.
 */
void
air_sim_disk_lose_last (AirSimDisk *self)
{
  g_byte_array_set_size (self->bytes, MIN (self->last, self->bytes->len));
  self->synced = MIN (self->synced, self->bytes->len);
}
