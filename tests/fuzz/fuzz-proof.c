/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "ledger/air-proof.h"

/* A proof that parses is written as it was read; checking it ends, whatever it says. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (AirProof) proof = air_proof_parse ((const char *) data, size, NULL);
  g_autoptr (AirCheckpoint) checkpoint = NULL;
  g_autofree char *again = NULL;
  AirDigest leaf = { { 0 } };

  if (proof == NULL)
    return 0;
  again = air_proof_write (proof);
  g_assert_cmpmem (again, strlen (again), data, size);
  checkpoint = air_checkpoint_open (proof->checkpoint, strlen (proof->checkpoint), NULL, NULL, NULL);
  if (checkpoint != NULL)
    g_assert_false (air_proof_verify_in (proof, &leaf, checkpoint, NULL)); /* nobody finds a preimage of zeros */
  return 0;
}
