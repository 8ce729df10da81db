/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define AIR_LEDGER_ERROR (air_ledger_error_quark ())

/**
 * AirLedgerError:
 * @AIR_LEDGER_ERROR_MALFORMED: the bytes are not of the format
 * @AIR_LEDGER_ERROR_NOT_CANONICAL: the right content, written in another way than the one allowed
 * @AIR_LEDGER_ERROR_TOO_LARGE: past a limit of the format
 * @AIR_LEDGER_ERROR_UNSUPPORTED: a version, key type or algorithm this program does not know
 * @AIR_LEDGER_ERROR_COMMITMENT: a disclosure that the entry does not commit to
 * @AIR_LEDGER_ERROR_SIGNATURE: a signature is absent, by another key, or wrong
 * @AIR_LEDGER_ERROR_PROOF: a proof does not lead to the root
 * @AIR_LEDGER_ERROR_CHAIN: an entry does not follow its predecessor
 * @AIR_LEDGER_ERROR_RANGE: an index or size outside of the tree
 * @AIR_LEDGER_ERROR_POLICY: the quorum of a tlog-policy is not reached
 *
 * What can be wrong with bytes of the ledger.
 */
typedef enum {
  AIR_LEDGER_ERROR_MALFORMED,
  AIR_LEDGER_ERROR_NOT_CANONICAL,
  AIR_LEDGER_ERROR_TOO_LARGE,
  AIR_LEDGER_ERROR_UNSUPPORTED,
  AIR_LEDGER_ERROR_COMMITMENT,
  AIR_LEDGER_ERROR_SIGNATURE,
  AIR_LEDGER_ERROR_PROOF,
  AIR_LEDGER_ERROR_CHAIN,
  AIR_LEDGER_ERROR_RANGE,
  AIR_LEDGER_ERROR_POLICY,
} AirLedgerError;

GQuark air_ledger_error_quark (void);

G_END_DECLS
