/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define AIR_BLOCK_SIZE 4096

/**
 * AirBlockFile:
 * @name: for people
 * @get_size: how large it is
 * @read: gives what stands there
 * @write: over what stands there. Durable when it returns. After %AIR_STORE_ERROR_FULL, as after a crash, any part of
 *   it may stand there, or all; after %AIR_STORE_ERROR_IO nothing can be said about the file
 * @clear: makes it @size long, of zeros, with blocks behind all of it. Durable when it returns; after a crash on the way
 *   it may be shorter
 * @user_data: what the functions are called with
 *
 * A file that is written over, as an interface: the journal asks this and nothing else of a disk. Where and how much is
 * read or written are multiples of %AIR_BLOCK_SIZE, as is the address of the memory. Borrowed by those who get it; it
 * outlives them.
 */
typedef struct {
  const char *name;
  guint64 (*get_size) (gpointer user_data);
  gboolean (*read) (gpointer user_data, guint64 at, void *ret_data, gsize length, GError **error);
  gboolean (*write) (gpointer user_data, guint64 at, const void *data, gsize length, GError **error);
  gboolean (*clear) (gpointer user_data, guint64 size, GError **error);
  gpointer user_data;
} AirBlockFile;

G_END_DECLS
