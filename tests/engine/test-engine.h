/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the engine's tests share: inputs of each band, people, and assertions. */
#pragma once

#include "test-host.h"

#define SMALL "{\"id\":\"i\",\"order\":\"o\",\"who\":\"w\",\"amount\":50,\"pay\":true}"
#define MEDIUM "{\"id\":\"i\",\"order\":\"o\",\"who\":\"w\",\"amount\":500,\"pay\":true}"
#define LARGE "{\"id\":\"i\",\"order\":\"o\",\"who\":\"w\",\"amount\":5000,\"pay\":true}"
#define TOO_MUCH "{\"id\":\"i\",\"order\":\"o\",\"who\":\"w\",\"amount\":500000,\"pay\":true}"

#define ANN "airails://demo/people/ann"
#define BEN "airails://demo/people/ben"

static inline void
assert_state (TestHost        *host,
              AirInstanceState state)
{
  g_assert_cmpstr (air_instance_state_to_string (air_instance_get_state (host->instance)), ==,
                   air_instance_state_to_string (state));
}

static inline void
assert_output (TestHost   *host,
               const char *outcome)
{
  g_assert_cmpstr (air_map_get_string (air_instance_get_output (host->instance), "outcome"), ==, outcome);
}
