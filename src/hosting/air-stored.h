/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/air-hash.h"

G_BEGIN_DECLS

/* What the journal's frames and the store they go into both speak of. */

#define AIR_STORE_ERROR (air_store_error_quark ())

/**
 * AirStoreError:
 * @AIR_STORE_ERROR_OPEN: the file cannot be opened or is none of ours
 * @AIR_STORE_ERROR_FULL: no space; the transaction is undone and may be tried again
 * @AIR_STORE_ERROR_BUSY: another process holds it; as with FULL
 * @AIR_STORE_ERROR_CORRUPT: what is stored contradicts itself
 * @AIR_STORE_ERROR_IO: the disk refused; after a failed sync nothing can be said about what is durable
 */
typedef enum {
  AIR_STORE_ERROR_OPEN,
  AIR_STORE_ERROR_FULL,
  AIR_STORE_ERROR_BUSY,
  AIR_STORE_ERROR_CORRUPT,
  AIR_STORE_ERROR_IO,
} AirStoreError;

GQuark air_store_error_quark (void);

/**
 * AirSealKey:
 * @run: number of the run's key; 0: not sealed
 * @subject: number of its data subject's key; 0: it is nobody's that is known
 *
 * What something is sealed under: the run's key, or both, and then destroying either erases it.
 */
typedef struct {
  guint64 run;
  guint64 subject;
} AirSealKey;

/**
 * AirIndexRow:
 *
 * What lists and restarts need to know of an instance without reading its
 * entries. @head and @count may lag behind the entries by what
 * air_store_get_indexed() says; everything else never does.
 */
typedef struct {
  char      *id;
  gint64     head;    /* index of the last entry */
  gint64     count;   /* entries so far */
  AirDigest  hash;    /* of the last entry */
  char      *state;
  gboolean   open;    /* no closing entry yet */
  char      *waiting; /* nullable: what for, in words */
  char      *gate;    /* nullable: the node of the gate that waits */
  char      *outcome; /* nullable */
  char      *dedup;   /* nullable */
  char      *key;     /* nullable: the concurrency key */
  gint64     wake_us; /* 0: no timer */
  gint64     started_us;
  gint64     updated_us;
} AirIndexRow;

AirIndexRow *air_index_row_copy (const AirIndexRow *self);
void         air_index_row_free (AirIndexRow       *self);

GBytes      *air_disclosures_pack   (GPtrArray     *disclosures,
                                     GError       **error);
GPtrArray   *air_disclosures_unpack (GBytes        *packed,
                                     GError       **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirIndexRow, air_index_row_free)

G_END_DECLS
