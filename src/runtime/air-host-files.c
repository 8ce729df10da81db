/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of the state directory stay where they are while the host runs. One that is moved away, deleted or replaced
 * is still written by whoever has it open, and lost with the process: so nothing more is promised until it is back. */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-private.h"

#include <sys/stat.h>

static const char *const names[AIR_HOST_N_FILES] = { "ledger.sqlite", "journal", "subjects.keys" };

static gboolean
look (AirHost *self, guint i, struct stat *ret_info)
{
  g_autofree char *folder = g_path_get_dirname (self->ledger), *path = g_build_filename (folder, names[i], NULL);

  return stat (path, ret_info) == 0;
}

/* A ledger begun anew beside the keys of an old one would be a fork of it. */
gboolean
air_host_check_state (const char *state, GError **error)
{
  g_autofree char *ledger = g_build_filename (state, "ledger.sqlite", NULL);
  g_autofree char *keys = g_build_filename (state, "subjects.keys", NULL);
  struct stat info;

  if (g_file_test (ledger, G_FILE_TEST_EXISTS) || stat (keys, &info) != 0 || info.st_size == 0)
    return TRUE;
  g_set_error (error, AIR_HOST_ERROR, AIR_HOST_ERROR_LEDGER,
               "%s is missing, and the keys of its disclosures are there; restore it, or give a new state directory",
               ledger);
  return FALSE;
}

void
air_host_note_files (AirHost *self)
{
  for (guint i = 0; i < AIR_HOST_N_FILES; i++)
    {
      struct stat info;

      if (look (self, i, &info))
        self->files[i] = (AirHostFile) { info.st_dev, info.st_ino };
    }
}

void
air_host_watch_files (AirHost *self)
{
  const char *lost = NULL;

  for (guint i = 0; i < AIR_HOST_N_FILES && lost == NULL; i++)
    {
      struct stat info;

      if (self->files[i].inode != 0
          && (!look (self, i, &info) || info.st_ino != self->files[i].inode || info.st_dev != self->files[i].device))
        lost = names[i];
    }
  if (lost != NULL && self->lost == NULL)
    {
      g_autoptr (GError) error = g_error_new (
          AIR_STORE_ERROR, AIR_STORE_ERROR_BUSY,
          "%s is not the file any more that the runtime has open; put that back, nothing is accepted", lost);

      g_warning ("alarm state-moved: %s", error->message);
      self->stats.alarms++;
      air_writer_halt (self->writer, error);
    }
  else if (lost == NULL && self->lost != NULL)
    {
      g_message ("%s is back", self->lost);
      air_writer_halt (self->writer, NULL);
    }
  self->lost = lost;
}
