/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>

#include "fuzz.h"

/* With libFuzzer: a warning is a finding. G_DEBUG=fatal-warnings would end the program by a signal that libFuzzer
 * does not catch, and the input would be lost. */

int LLVMFuzzerInitialize (int *argc, char ***argv);

static GLogWriterOutput
abort_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  if ((level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING)) == 0)
    return G_LOG_WRITER_HANDLED;
  g_log_writer_standard_streams (level, fields, n_fields, NULL);
  abort ();
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_log_set_writer_func (abort_cb, NULL, NULL);
  return 0;
}
