/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "ledger/air-timestamp.h"

static const char authority[] = "-----BEGIN CERTIFICATE-----\n"
                                "MIIBZDCCAQqgAwIBAgIUcC5Z9gqhvYEgRLqMom+XzlymSIcwCgYIKoZIzj0EAwIw\n"
                                "DzENMAsGA1UEAwwEZnV6ejAgFw0yNjExMjIxNTA5MzFaGA8yMTI2MTAyOTE1MDkz\n"
                                "MVowDzENMAsGA1UEAwwEZnV6ejBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDeS\n"
                                "V4Pg29LTRnqBffqFfgFWyW1cfCLpk0Ebzcc6rmH20aX0a9VmXFrFmM6Oehbjweva\n"
                                "hUQ7bt324sB3/DJAkEGjQjBAMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQD\n"
                                "AgIEMB0GA1UdDgQWBBTiQpECKdqGHjGpvFCLrYVDqE8fgzAKBggqhkjOPQQDAgNI\n"
                                "ADBFAiEA/V51mnREvIzV05aFN9U8ZSCsYsY9pyQFB9QoVLCSwhoCIC5hJ9PdTsFA\n"
                                "WvvDtsx7FyT14ubj4rCY59AwVQoIe0U+\n"
                                "-----END CERTIFICATE-----\n";

/* What is believed says what the one stamp of this authority says. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (AirTimestampTrust) trust = air_timestamp_trust_new (authority, strlen (authority), NULL);
  g_autoptr (AirTimestamp) read = air_timestamp_parse (bytes, NULL), believed = NULL;
  AirDigest stamped = air_sha256 ("x", 1);

  g_assert_nonnull (trust);
  believed = air_timestamp_open (bytes, trust, NULL);
  if (believed == NULL)
    return 0;
  g_assert_nonnull (read);
  g_assert_true (air_digest_equal (&believed->imprint, &stamped));
  g_assert_cmpint (believed->time_us, ==, read->time_us);
  return 0;
}
