/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-clock.h"
#include "base/air-hash.h"
#include "base/air-key.h"
#include "base/air-value.h"
#include "ledger/air-entry.h"

G_BEGIN_DECLS

/* What several tests of this folder need. */

#define ORIGIN "airails.example/demo/refunds"

AirPrivateKey *fixture_key (const char *phrase);                       /* Ed25519, seed = SHA-256 (phrase) */
AirValue *fixture_json (const char *format, ...) G_GNUC_PRINTF (1, 2); /* must be valid; ' stands for " */
GBytes *fixture_bytes (const char *text);
/* Hands out the bytes of @base64url texts, one a call. */
AirRandom fixture_fixed_random (const char **texts);
void fixture_assert_error (GError **error, GQuark domain, int code, const char *words); /* and clears it */

/* The leaf of TRUST's worked example, and its two disclosures. */
extern const char fixture_example_leaf[];
extern const char fixture_example_email[];
extern const char fixture_example_comment[];
extern const char fixture_example_checkpoint[];
extern const char fixture_example_vkey[];

G_END_DECLS
