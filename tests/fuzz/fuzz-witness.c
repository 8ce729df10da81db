/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "ledger/air-witness.h"

#define LOG "rails.example/tenant-a+ff8e0059+AftxvhxfqVayiuqH2Cvv7CbZp13RkKJd+4pckRxJKR7I"

/* The log signed one checkpoint, of one entry: no other is ever cosigned. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (AirWitnessRequest) request = air_witness_request_parse ((const char *) data, size, NULL);
  g_autoptr (AirVkey) log = air_vkey_parse (LOG, NULL);
  g_autofree char *words = NULL, *again = NULL;

  if (request == NULL)
    return 0;
  again = air_witness_request_write (request->old_size, request->proof, request->note);
  g_assert_cmpmem (again, strlen (again), data, size);
  if (air_witness_judge (request, log, NULL, &words) == AIR_WITNESS_COSIGN)
    g_assert_cmpuint (request->checkpoint->size, ==, 1);
  return 0;
}
