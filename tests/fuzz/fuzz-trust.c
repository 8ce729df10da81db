/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "artifact/air-artifact.h"
#include "base/air-json.h"
#include "fuzz-file.h"
#include "ledger/air-verifier.h"
#include "runtime/air-trust.h"

/* The roots of trust, for the runtime, for the check of artifacts and for the verifier: refused, or everybody in them
 * is found by their name and, who has a key, by it. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirTrust) trust = air_trust_load (fuzz_file (data, size), &error);
  g_autoptr (AirValue) document = air_json_parse ((const char *) data, size, NULL);
  g_autoptr (AirVerifierTrust) pinned = air_verifier_trust_new ();

  g_assert_true ((trust == NULL) == (error != NULL));
  if (document != NULL)
    {
      g_autoptr (GPtrArray) signers = air_signers_from_trust (document, NULL);

      (void) air_verifier_trust_set_people (pinned, document, NULL);
    }
  if (trust == NULL)
    return 0;
  for (guint bound = 0; bound < 2; bound++)
    {
      for (guint i = 0; i < trust->people->len; i++)
        {
          const AirPerson *person = trust->people->pdata[i];

          g_assert_nonnull (air_trust_find_uri (trust, person->uri));
          g_assert_nonnull (person->roles);
          if (person->key != NULL)
            g_assert_nonnull (air_trust_find_key (trust, air_public_key_get_id (person->key)));
        }
      air_trust_bind (trust, "refunds");
    }
  return 0;
}
