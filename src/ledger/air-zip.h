/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-ledger-error.h"

G_BEGIN_DECLS

/**
 * AirFile:
 * @name: [A-Za-z0-9._-] segments with '/' between, never '.' or '..'
 * @data: its bytes
 *
 * One file of a bundle. Freed with air_file_free().
 */
typedef struct _AirFile AirFile;
struct _AirFile {
  char *name;
  GBytes *data;
};

/* A run over ten thousand items comes to some sixty thousand files, two for each entry. */
#define AIR_ZIP_MAX_FILES 1000000
#define AIR_ZIP_MAX_SIZE  (2u * 1024 * 1024 * 1024)

AirFile   *air_file_new  (const char  *name,
                          GBytes      *data);
void       air_file_free (AirFile     *self);

GBytes    *air_zip_write (GPtrArray   *files,
                          GError     **error);
GPtrArray *air_zip_read  (GBytes      *zip,
                          GError     **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirFile, air_file_free)

G_END_DECLS
