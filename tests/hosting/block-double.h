/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "hosting/air-block-file.h"

G_BEGIN_DECLS

#define BLOCK_PIECES  8 /* of each write, that a crash leaves or takes by itself */
#define BLOCK_ALL     ((1u << BLOCK_PIECES) - 1)
#define BLOCK_SUBSETS (1u << BLOCK_PIECES)

/* A file in memory that knows what its last write stood over, so that any part of it can be taken back. */
typedef struct {
  AirBlockFile file;
  GByteArray *bytes;
  GByteArray *before; /* the last write: what stood there */
  gsize at;           /* and where */
  guint n_writes;
  gboolean full;      /* the next write is refused, and leaves… */
  guint leaves;       /* …these pieces of it */
} BlockDouble;

BlockDouble *block_double_new   (void);
BlockDouble *block_double_copy  (const BlockDouble *self);
/* A crash within the last write: only these pieces of it stand there. */
void         block_double_tear  (BlockDouble *self, guint pieces);
void         block_double_free  (BlockDouble *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BlockDouble, block_double_free)

G_END_DECLS
