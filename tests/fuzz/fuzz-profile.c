/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "client/air-client-profile.h"
#include "fuzz-file.h"

/* A profile has all that a connection needs, or is refused. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirClientProfile) profile = air_client_profile_load (fuzz_file (data, size), &error);

  g_assert_true ((profile == NULL) == (error != NULL));
  if (profile == NULL)
    return 0;
  g_assert_nonnull (air_client_profile_get_url (profile));
  g_assert_nonnull (air_client_profile_get_ca (profile));
  g_assert_nonnull (air_client_profile_get_certificate (profile));
  g_assert_nonnull (air_client_profile_get_private_key (profile));
  return 0;
}
