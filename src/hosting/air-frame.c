/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-hosting"

#include "config.h"

#include "hosting/air-frame.h"

#include <pthread.h>
#include <string.h>

/* Numbers stand as this machine has them: a journal never leaves it, and is gone once its runtime has stopped. */
enum {
  KIND_ENTRY = 'E',
  KIND_ENTRY_OF = 'F', /* with a data subject's key */
  KIND_HEAD = 'H',
  KIND_ROW = 'R',
  KIND_SUBJECT = 'S',
  KIND_TILE = 'T',
  KIND_NOTE = 'N'
};

#define NO_TEXT    G_MAXUINT32
#define FIRST_SIZE (4 * AIR_FRAME_ALIGN)
#define KEPT       8
#define KEPT_SIZE  (256u << 10)

/* A few are kept: large pieces of memory are dear to get and to give back. */
static struct {
  pthread_mutex_t lock;
  AirFrame *frames[KEPT];
  guint n;
} kept = { PTHREAD_MUTEX_INITIALIZER, { NULL }, 0 };

static AirFrame *
take_kept (void)
{
  AirFrame *frame;

  pthread_mutex_lock (&kept.lock);
  frame = kept.n > 0 ? kept.frames[--kept.n] : NULL;
  pthread_mutex_unlock (&kept.lock);
  return frame;
}

static gboolean
keep (AirFrame *frame)
{
  gboolean room;

  pthread_mutex_lock (&kept.lock);
  room = kept.n < KEPT;
  if (room)
    kept.frames[kept.n++] = frame;
  pthread_mutex_unlock (&kept.lock);
  return room;
}

/**
 * air_frame_new:
 *
 * Returns: (transfer full): an empty frame; its memory may be that of a frame that was freed
 */
AirFrame *
air_frame_new (void)
{
  AirFrame *self = take_kept ();

  if (self != NULL)
    {
      memset (self->data, 0, AIR_FRAME_HEADER);
      self->len = AIR_FRAME_HEADER;
      self->seq = self->entries = 0;
      self->next = NULL;
      return self;
    }
  self = g_new0 (AirFrame, 1);
  self->size = FIRST_SIZE;
  self->data = g_aligned_alloc (1, self->size, AIR_FRAME_ALIGN);
  memset (self->data, 0, AIR_FRAME_HEADER);
  self->len = AIR_FRAME_HEADER;
  return self;
}

void
air_frame_free (AirFrame *self)
{
  if (self->size <= KEPT_SIZE && keep (self))
    return;
  g_aligned_free (self->data);
  g_free (self);
}

/**
 * air_frame_reserve:
 * @self: a frame
 * @size: bytes it must hold
 *
 * Grows the room; for whoever fills @self's data from a file.
 */
void
air_frame_reserve (AirFrame *self, gsize size)
{
  guint8 *data;

  if (G_LIKELY (size <= self->size))
    return;
  size = MAX (size, self->size * 2);
  size = (size + AIR_FRAME_ALIGN - 1) / AIR_FRAME_ALIGN * AIR_FRAME_ALIGN;
  data = g_aligned_alloc (1, size, AIR_FRAME_ALIGN);
  memcpy (data, self->data, self->len);
  g_aligned_free (self->data);
  self->data = data;
  self->size = size;
}

/* --- writing --- */

static guint8 *
extend (AirFrame *self, gsize n)
{
  guint8 *at;

  air_frame_reserve (self, self->len + n);
  at = self->data + self->len;
  self->len += n;
  return at;
}

static void
put (AirFrame *self, const void *data, gsize n)
{
  if (n > 0)
    memcpy (extend (self, n), data, n);
}

static void
put_byte (AirFrame *self, guint8 byte)
{
  *extend (self, 1) = byte;
}

static void
put_int (AirFrame *self, gint64 value)
{
  put (self, &value, sizeof value);
}

/* With its NUL, so that readers can borrow it. */
static void
put_text (AirFrame *self, const char *text)
{
  guint32 length = text != NULL ? strlen (text) : NO_TEXT;

  put (self, &length, sizeof length);
  if (text != NULL)
    put (self, text, (gsize) length + 1);
}

/**
 * air_frame_put_entry:
 * @self: a frame
 * @index: in the ledger
 * @prev: index of the instance's entry before, or -1
 * @entry: what was sealed
 * @key: what its disclosures are to be sealed under
 */
void
air_frame_put_entry (AirFrame *self, guint64 index, gint64 prev, const AirSealedEntry *entry, AirSealKey key)
{
  gsize size;
  const void *leaf = g_bytes_get_data (entry->leaf, &size);
  guint32 length = size;

  put_byte (self, key.subject != 0 ? KIND_ENTRY_OF : KIND_ENTRY);
  put_int (self, index);
  put_int (self, prev);
  put_int (self, key.run);
  if (key.subject != 0)
    put_int (self, key.subject);
  put (self, &length, sizeof length);
  put (self, leaf, length);
  put (self, &entry->hash, sizeof entry->hash);
  length = entry->packed != NULL ? entry->packed->len : NO_TEXT;
  put (self, &length, sizeof length);
  if (entry->packed != NULL)
    put (self, entry->packed->str, length);
}

/**
 * air_frame_put_head:
 * @self: a frame
 * @id: the instance
 * @head: the end of its chain
 * @forget: the instance needs no more care
 */
void
air_frame_put_head (AirFrame *self, const char *id, const AirFrameHead *head, gboolean forget)
{
  put_byte (self, KIND_HEAD);
  put_byte (self, forget);
  put_text (self, id);
  put_int (self, head->last);
  put_int (self, head->count);
  put (self, &head->hash, sizeof head->hash);
}

/**
 * air_frame_put_row:
 * @self: a frame
 * @row: what the index of instances says of it
 */
void
air_frame_put_row (AirFrame *self, const AirIndexRow *row)
{
  put_byte (self, KIND_ROW);
  put_byte (self, row->open);
  put_text (self, row->id);
  put_text (self, row->state);
  put_text (self, row->waiting);
  put_text (self, row->gate);
  put_text (self, row->outcome);
  put_text (self, row->dedup);
  put_text (self, row->key);
  put_int (self, row->head);
  put_int (self, row->count);
  put (self, &row->hash, sizeof row->hash);
  put_int (self, row->wake_us);
  put_int (self, row->started_us);
  put_int (self, row->updated_us);
}

/**
 * air_frame_put_subject:
 * @self: a frame
 * @digest: what a data subject is known by
 * @run: a run that holds its data
 * @key: number of its key
 */
void
air_frame_put_subject (AirFrame *self, const char *digest, const char *run, guint64 key)
{
  put_byte (self, KIND_SUBJECT);
  put_text (self, digest);
  put_text (self, run);
  put_int (self, key);
}

/**
 * air_frame_put_tile:
 * @self: a frame
 * @level: of the tile
 * @index: of the tile
 * @hashes: all 256
 */
void
air_frame_put_tile (AirFrame *self, guint level, guint64 index, const AirDigest hashes[256])
{
  put_byte (self, KIND_TILE);
  put_byte (self, level);
  put_int (self, index);
  put (self, hashes, 256 * sizeof *hashes);
}

/**
 * air_frame_put_note:
 * @self: a frame
 * @size: of the tree
 * @note: its signed checkpoint
 */
void
air_frame_put_note (AirFrame *self, guint64 size, const char *note)
{
  put_byte (self, KIND_NOTE);
  put_int (self, size);
  put_text (self, note);
}

static void
put_tile (guint level, guint64 index, const AirDigest hashes[AIR_TILE_WIDTH], gpointer user_data)
{
  air_frame_put_tile (user_data, level, index, hashes);
}

/**
 * air_frame_put_chain:
 * @self: a frame
 * @edge: of the ledger's tree, which grows by the entries
 * @chain: the instance; its last entry moves on
 * @sealed: (element-type AirSealedEntry): its next entries
 * @key: (nullable): tells what disclosures are to be sealed under
 * @user_data: for @key
 * @error: return location
 *
 * Puts the entries, each with the tiles it completes, and the head of the chain.
 *
 * Returns: %FALSE with what @key failed with, an %AIR_STORE_ERROR as a rule; the frame is then of no use
 */
gboolean
air_frame_put_chain (AirFrame *self,
                     AirTreeEdge *edge,
                     AirFrameChain *chain,
                     GPtrArray *sealed,
                     AirFrameKey key,
                     gpointer user_data,
                     GError **error)
{
  AirFrameHead head;

  for (guint i = 0; i < sealed->len; i++)
    {
      const AirSealedEntry *entry = sealed->pdata[i];
      guint64 index = edge->tree.size;
      AirSealKey under = { 0, 0 };

      if (key != NULL && !key (user_data, i, &under, error))
        return FALSE;
      air_frame_put_entry (self, index, chain->last, entry, under);
      air_tree_edge_append (edge, &entry->hash, put_tile, self);
      chain->last = index;
    }
  head = (AirFrameHead) { chain->last, chain->head->seq, chain->head->prev };
  air_frame_put_head (self, chain->id, &head, chain->forget);
  return TRUE;
}

/* --- reading --- */

typedef struct {
  const guint8 *at;
  const guint8 *end;
  gboolean failed;
} Cursor;

static const guint8 *
take (Cursor *cursor, gsize n)
{
  const guint8 *at = cursor->at;

  if (cursor->failed || (gsize) (cursor->end - at) < n)
    {
      cursor->failed = TRUE;
      return NULL;
    }
  cursor->at += n;
  return at;
}

static guint8
take_byte (Cursor *cursor)
{
  const guint8 *at = take (cursor, 1);

  return at != NULL ? *at : 0;
}

static gint64
take_int (Cursor *cursor)
{
  const guint8 *at = take (cursor, sizeof (gint64));
  gint64 value = 0;

  if (at != NULL)
    memcpy (&value, at, sizeof value);
  return value;
}

static guint32
take_length (Cursor *cursor)
{
  const guint8 *at = take (cursor, sizeof (guint32));
  guint32 value = NO_TEXT;

  if (at != NULL)
    memcpy (&value, at, sizeof value);
  return value;
}

static const char *
take_text (Cursor *cursor, gsize *ret_length)
{
  guint32 length = take_length (cursor);
  const char *text;

  *ret_length = 0;
  if (length == NO_TEXT)
    return NULL;
  text = (const char *) take (cursor, (gsize) length + 1);
  if (text == NULL || text[length] != '\0')
    {
      cursor->failed = TRUE;
      return NULL;
    }
  *ret_length = length;
  return text;
}

static void
take_digest (Cursor *cursor, AirDigest *ret_digest)
{
  const guint8 *at = take (cursor, sizeof *ret_digest);

  if (at != NULL)
    memcpy (ret_digest, at, sizeof *ret_digest);
}

static gboolean
read_entry (Cursor *cursor, gboolean of_subject, const AirFrameReader *reader, gpointer user_data, GError **error)
{
  guint64 index = take_int (cursor);
  gint64 prev = take_int (cursor);
  AirSealKey key = { .run = take_int (cursor) };
  guint32 leaf_length, length;
  const void *leaf, *packed;
  AirDigest hash;

  if (of_subject)
    key.subject = take_int (cursor);
  leaf_length = take_length (cursor);
  leaf = take (cursor, leaf_length);
  take_digest (cursor, &hash);
  length = take_length (cursor);
  packed = length != NO_TEXT ? take (cursor, length) : NULL;
  return cursor->failed
         || reader->entry (user_data, index, prev, leaf, leaf_length, &hash, packed, packed != NULL ? length : 0, key,
                           error);
}

static gboolean
read_head (Cursor *cursor, const AirFrameReader *reader, gpointer user_data, GError **error)
{
  gboolean forget = take_byte (cursor);
  gsize length;
  const char *id = take_text (cursor, &length);
  AirFrameHead head = { .last = take_int (cursor) };

  head.count = take_int (cursor);
  take_digest (cursor, &head.hash);
  cursor->failed |= id == NULL;
  return cursor->failed || reader->head (user_data, id, &head, forget, error);
}

static gboolean
read_row (Cursor *cursor, const AirFrameReader *reader, gpointer user_data, GError **error)
{
  AirIndexRow row = { .open = take_byte (cursor) };
  char **const texts[] = { &row.id, &row.state, &row.waiting, &row.gate, &row.outcome, &row.dedup, &row.key };
  gsize length;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    *texts[i] = (char *) take_text (cursor, &length);
  row.head = take_int (cursor);
  row.count = take_int (cursor);
  take_digest (cursor, &row.hash);
  row.wake_us = take_int (cursor);
  row.started_us = take_int (cursor);
  row.updated_us = take_int (cursor);
  cursor->failed |= row.id == NULL || row.state == NULL;
  return cursor->failed || reader->row (user_data, &row, error);
}

static gboolean
read_subject (Cursor *cursor, const AirFrameReader *reader, gpointer user_data, GError **error)
{
  gsize length;
  const char *digest = take_text (cursor, &length), *run = take_text (cursor, &length);
  guint64 key = take_int (cursor);

  cursor->failed |= digest == NULL || run == NULL;
  return cursor->failed || reader->subject (user_data, digest, run, key, error);
}

static gboolean
read_tile (Cursor *cursor, const AirFrameReader *reader, gpointer user_data, GError **error)
{
  guint level = take_byte (cursor);
  guint64 index = take_int (cursor);
  const guint8 *at = take (cursor, 256 * sizeof (AirDigest));

  return cursor->failed || reader->tile (user_data, level, index, (const AirDigest *) at, error);
}

static gboolean
read_note (Cursor *cursor, const AirFrameReader *reader, gpointer user_data, GError **error)
{
  guint64 size = take_int (cursor);
  gsize length;
  const char *note = take_text (cursor, &length);

  cursor->failed |= note == NULL;
  return cursor->failed || reader->note (user_data, size, note, error);
}

/**
 * air_frame_read:
 * @self: a frame
 * @reader: what takes it apart
 *
 * Hands out what the frame holds, in order. Fails with AIR_STORE_ERROR_CORRUPT or as @reader does.
 *
 * Returns: whether all of it was handed out
 */
gboolean
air_frame_read (const AirFrame *self, const AirFrameReader *reader, gpointer user_data, GError **error)
{
  Cursor cursor = { self->data + AIR_FRAME_HEADER, self->data + self->len, FALSE };
  gboolean done = TRUE;

  while (done && !cursor.failed && cursor.at < cursor.end)
    switch (take_byte (&cursor))
      {
      case KIND_ENTRY:
        done = read_entry (&cursor, FALSE, reader, user_data, error);
        break;
      case KIND_ENTRY_OF:
        done = read_entry (&cursor, TRUE, reader, user_data, error);
        break;
      case KIND_SUBJECT:
        done = read_subject (&cursor, reader, user_data, error);
        break;
      case KIND_HEAD:
        done = read_head (&cursor, reader, user_data, error);
        break;
      case KIND_ROW:
        done = read_row (&cursor, reader, user_data, error);
        break;
      case KIND_TILE:
        done = read_tile (&cursor, reader, user_data, error);
        break;
      case KIND_NOTE:
        done = read_note (&cursor, reader, user_data, error);
        break;
      default:
        cursor.failed = TRUE;
        break;
      }
  if (!done)
    return FALSE;
  if (cursor.failed)
    g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_CORRUPT,
                 "frame %" G_GUINT64_FORMAT " of the journal contradicts itself", self->seq);
  return !cursor.failed;
}
