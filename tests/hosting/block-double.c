/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "block-double.h"

#include <string.h>

#include "hosting/air-stored.h"

static guint64
get_size (gpointer user_data)
{
  return ((BlockDouble *) user_data)->bytes->len;
}

static gboolean
read_at (gpointer user_data, guint64 at, void *ret_data, gsize length, GError **error)
{
  BlockDouble *self = user_data;

  g_assert_cmpuint (at % AIR_BLOCK_SIZE + length % AIR_BLOCK_SIZE + GPOINTER_TO_SIZE (ret_data) % AIR_BLOCK_SIZE, ==,
                    0);
  g_assert_cmpuint (at + length, <=, self->bytes->len);
  memcpy (ret_data, self->bytes->data + at, length);
  return TRUE;
}

static gboolean
write_at (gpointer user_data, guint64 at, const void *data, gsize length, GError **error)
{
  BlockDouble *self = user_data;

  g_assert_cmpuint (at % AIR_BLOCK_SIZE + length % AIR_BLOCK_SIZE + GPOINTER_TO_SIZE (data) % AIR_BLOCK_SIZE, ==, 0);
  g_assert_cmpuint (at + length, <=, self->bytes->len);
  self->at = at;
  g_byte_array_set_size (self->before, 0);
  g_byte_array_append (self->before, self->bytes->data + at, length);
  memcpy (self->bytes->data + at, data, length);
  self->n_writes++;
  if (!self->full)
    return TRUE;
  self->full = FALSE;
  block_double_tear (self, self->leaves);
  g_set_error_literal (error, AIR_STORE_ERROR, AIR_STORE_ERROR_FULL, "no space");
  return FALSE;
}

static gboolean
clear (gpointer user_data, guint64 size, GError **error)
{
  BlockDouble *self = user_data;
  gsize length = self->bytes->len;

  self->at = 0;
  g_byte_array_set_size (self->before, 0);
  g_byte_array_append (self->before, self->bytes->data, length);
  g_byte_array_set_size (self->bytes, MAX (length, size));
  memset (self->bytes->data, 0, self->bytes->len);
  self->n_writes++;
  return TRUE;
}

BlockDouble *
block_double_new (void)
{
  BlockDouble *self = g_new0 (BlockDouble, 1);

  self->file = (AirBlockFile) { "journal", get_size, read_at, write_at, clear, self };
  self->bytes = g_byte_array_new ();
  self->before = g_byte_array_new ();
  return self;
}

BlockDouble *
block_double_copy (const BlockDouble *self)
{
  BlockDouble *copy = block_double_new ();

  g_byte_array_append (copy->bytes, self->bytes->data, self->bytes->len);
  g_byte_array_append (copy->before, self->before->data, self->before->len);
  copy->at = self->at;
  return copy;
}

void
block_double_tear (BlockDouble *self, guint pieces)
{
  gsize length = self->before->len / BLOCK_PIECES;

  for (guint i = 0; i < BLOCK_PIECES; i++)
    if ((pieces & 1u << i) == 0)
      memcpy (self->bytes->data + self->at + i * length, self->before->data + i * length, length);
}

void
block_double_free (BlockDouble *self)
{
  g_byte_array_unref (self->bytes);
  g_byte_array_unref (self->before);
  g_free (self);
}
