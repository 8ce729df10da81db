/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-hash.h"
#include "air-note.h"

G_BEGIN_DECLS

/**
 * AirCheckpoint:
 * @origin: the log's name, a line without white space around it
 * @size: leaves of the tree
 * @root: its root
 *
 * What a log says of its tree: a C2SP tlog-checkpoint without extension lines, "origin\nsize\nbase64 (root)\n". By
 * itself it proves nothing; air_checkpoint_open() and air_tlog_policy_open() verify. Freed with air_checkpoint_free().
 */
typedef struct _AirCheckpoint AirCheckpoint;
struct _AirCheckpoint {
  char *origin;
  guint64 size;
  AirDigest root;
};

AirCheckpoint *air_checkpoint_new        (const char       *origin,
                                          guint64           size,
                                          const AirDigest  *root);
AirCheckpoint *air_checkpoint_parse_text (const char       *text,
                                          GError          **error);
char          *air_checkpoint_to_text    (const AirCheckpoint *self);
void           air_checkpoint_free       (AirCheckpoint    *self);

char          *air_checkpoint_sign       (const AirCheckpoint *self,
                                          AirPrivateKey    *key,
                                          GError          **error);
AirCheckpoint *air_checkpoint_open       (const char       *note,
                                          gsize             length,
                                          const AirVkey    *key,
                                          AirNote         **ret_note,
                                          GError          **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirCheckpoint, air_checkpoint_free)

G_END_DECLS
