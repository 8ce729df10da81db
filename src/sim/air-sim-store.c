/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include "sim/air-sim-store.h"

#include <string.h>

/* The end of a transaction. */
typedef struct {
  guint64 applied;
  guint entries;
} Mark;

struct _AirSimStore {
  AirSimDisk *disk;
  AirSimRandom *random;
  GPtrArray *entries; /* AirSimStored */
  guint64 applied;    /* the last frame */
  GArray *marks;      /* Mark, of transactions that may be lost, after the one that is not */
};

/**
 * air_sim_stored_new:
 * @leaf: the exact bytes
 * @disclosures: (nullable) (element-type utf8): what goes with it
 *
 * Returns: (transfer full): an entry
 */
AirSimStored *
air_sim_stored_new (GBytes *leaf, GPtrArray *disclosures)
{
  AirSimStored *self = g_new (AirSimStored, 1);

  self->leaf = g_bytes_ref (leaf);
  self->disclosures = disclosures != NULL ? g_ptr_array_ref (disclosures) : NULL;
  return self;
}

void
air_sim_stored_free (AirSimStored *self)
{
  g_bytes_unref (self->leaf);
  g_clear_pointer (&self->disclosures, g_ptr_array_unref);
  g_free (self);
}

static gboolean contradict (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
contradict (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_clear_error (error);
  if (error != NULL)
    *error = g_error_new_valist (AIR_STORE_ERROR, AIR_STORE_ERROR_CORRUPT, format, arguments);
  va_end (arguments);
  return FALSE;
}

static AirDigest
hash_of (AirSimStore *self, guint64 index)
{
  const AirSimStored *entry = self->entries->pdata[index];
  gsize length;
  const void *leaf = g_bytes_get_data (entry->leaf, &length);

  return air_entry_leaf_hash (leaf, length);
}

/* --- one frame --- */

static gboolean
apply_entry (gpointer user_data,
             guint64 index,
             gint64 prev,
             const void *leaf,
             gsize leaf_len,
             const AirDigest *hash,
             const void *packed,
             gsize packed_len,
             AirSealKey key,
             GError **error)
{
  AirSimStore *self = user_data;
  g_autoptr (GBytes) bytes = g_bytes_new (leaf, leaf_len), disclosed = NULL;
  g_autoptr (GPtrArray) disclosures = NULL;

  if (index != self->entries->len)
    return contradict (error, "entry %" G_GUINT64_FORMAT " comes after %u", index, self->entries->len);
  if (packed != NULL)
    {
      disclosed = g_bytes_new (packed, packed_len);
      disclosures = air_disclosures_unpack (disclosed, error);
      if (disclosures == NULL)
        return FALSE;
    }
  g_ptr_array_add (self->entries, air_sim_stored_new (bytes, disclosures));
  return TRUE;
}

static gboolean
apply_head (gpointer user_data, const char *id, const AirFrameHead *head, gboolean forget, GError **error)
{
  AirSimStore *self = user_data;
  AirDigest hash;

  if (head->last < 0 || head->last != (gint64) self->entries->len - 1)
    return contradict (error, "the head of %s is not its last entry", id);
  hash = hash_of (self, head->last);
  return air_digest_equal (&hash, &head->hash) || contradict (error, "the head of %s has another hash", id);
}

static gboolean
apply_tile (gpointer user_data, guint level, guint64 index, const AirDigest hashes[256], GError **error)
{
  AirSimStore *self = user_data;

  if (level > 0)
    return TRUE;
  if ((index + 1) * AIR_TILE_WIDTH != self->entries->len)
    return contradict (error, "tile %" G_GUINT64_FORMAT " comes after %u entries", index, self->entries->len);
  for (guint i = 0; i < AIR_TILE_WIDTH; i++)
    {
      AirDigest hash = hash_of (self, index * AIR_TILE_WIDTH + i);

      if (!air_digest_equal (&hash, &hashes[i]))
        return contradict (error, "tile %" G_GUINT64_FORMAT " is not of these entries", index);
    }
  return TRUE;
}

static const AirFrameReader reader = { .entry = apply_entry, .head = apply_head, .tile = apply_tile };

/* --- the store --- */

static void
cut (AirSimStore *self, guint keep)
{
  const Mark *mark = &g_array_index (self->marks, Mark, keep);

  g_ptr_array_set_size (self->entries, mark->entries);
  self->applied = mark->applied;
  g_array_set_size (self->marks, keep + 1);
}

/**
 * air_sim_store_new:
 * @disk: what it lies on; borrowed
 * @random: what decides what a crash leaves; borrowed
 *
 * Returns: (transfer full): an empty store
 */
AirSimStore *
air_sim_store_new (AirSimDisk *disk, AirSimRandom *random)
{
  AirSimStore *self = g_new0 (AirSimStore, 1);

  self->disk = disk;
  self->random = random;
  self->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) air_sim_stored_free);
  self->marks = g_array_new (FALSE, TRUE, sizeof (Mark));
  g_array_set_size (self->marks, 1);
  return self;
}

void
air_sim_store_free (AirSimStore *self)
{
  g_ptr_array_unref (self->entries);
  g_array_unref (self->marks);
  g_free (self);
}

/**
 * air_sim_store_apply:
 * @self: a store
 * @first: frames linked by `next`, after the last one it has
 * @error: return location
 *
 * All of them or nothing, and not for sure before air_sim_store_sync().
 *
 * Returns: %FALSE with %AIR_STORE_ERROR_FULL or %AIR_STORE_ERROR_CORRUPT
 */
gboolean
air_sim_store_apply (AirSimStore *self, const AirFrame *first, GError **error)
{
  Mark mark;

  if (air_sim_disk_is_full (self->disk))
    {
      g_set_error_literal (error, AIR_STORE_ERROR, AIR_STORE_ERROR_FULL, "the store cannot grow: the disk is full");
      return FALSE;
    }
  for (const AirFrame *frame = first; frame != NULL; frame = frame->next)
    {
      if (!air_frame_read (frame, &reader, self, error))
        {
          cut (self, self->marks->len - 1);
          return FALSE;
        }
      self->applied = frame->seq;
    }
  mark = (Mark) { self->applied, self->entries->len };
  g_array_append_val (self->marks, mark);
  return TRUE;
}

/**
 * air_sim_store_sync:
 * @self: a store
 *
 * What was applied is there for sure from now on.
 */
void
air_sim_store_sync (AirSimStore *self)
{
  g_array_remove_range (self->marks, 0, self->marks->len - 1);
}

/**
 * air_sim_store_crash:
 * @self: a store
 *
 * Of what was applied since the last sync any number of transactions stay, the oldest first.
 */
void
air_sim_store_crash (AirSimStore *self)
{
  cut (self, air_sim_random_below (self->random, self->marks->len));
  air_sim_store_sync (self);
}

/**
 * air_sim_store_get_applied:
 * @self: a store
 *
 * Returns: the number of the last frame it has
 */
guint64
air_sim_store_get_applied (AirSimStore *self)
{
  return self->applied;
}

/**
 * air_sim_store_get_entries:
 * @self: a store
 *
 * Returns: (transfer none) (element-type AirSimStored): all of them, in order
 */
GPtrArray *
air_sim_store_get_entries (AirSimStore *self)
{
  return self->entries;
}
