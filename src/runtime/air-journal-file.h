/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "hosting/air-block-file.h"

G_BEGIN_DECLS

/**
 * AirJournalFile:
 *
 * The file a journal is written to: past the page cache, and each write by itself durable, where the file system can.
 *
 * Belongs to one thread at a time.
 */
typedef struct _AirJournalFile AirJournalFile;

AirJournalFile     *air_journal_file_open (const char      *path,
                                           GError         **error);
const AirBlockFile *air_journal_file_get  (AirJournalFile  *self);
/* @remove: all it holds is elsewhere. */
void                air_journal_file_free (AirJournalFile  *self,
                                           gboolean         remove);

G_END_DECLS
