/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "ledger/air-checkpoint.h"
#include "ledger/air-cosignature.h"

#define LOG_KEY "rails.example/tenant-a+ff8e0059+AftxvhxfqVayiuqH2Cvv7CbZp13RkKJd+4pckRxJKR7I"

/* A note that parses is written as it was read; no text but the signed one is believed. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (AirNote) note = air_note_parse ((const char *) data, size, NULL);
  g_autoptr (AirVkey) key = air_vkey_parse (LOG_KEY, NULL);
  g_autoptr (AirCheckpoint) checkpoint = NULL;
  g_autofree char *again = NULL;

  if (note == NULL)
    return 0;
  again = air_note_write (note);
  g_assert_cmpmem (again, strlen (again), data, size);
  air_cosignature_verify (note, key, NULL, NULL);
  checkpoint = air_checkpoint_open ((const char *) data, size, key, NULL, NULL);
  if (checkpoint != NULL)
    g_assert_cmpuint (checkpoint->size, ==, 1);
  return 0;
}
