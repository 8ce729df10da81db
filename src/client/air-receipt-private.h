/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client/air-receipt.h"
#include "ledger/air-proof.h"

G_BEGIN_DECLS

AirLedgerHead *_air_ledger_head_open (const char      *note,
                                      const char      *vkey,
                                      gboolean         pinned,
                                      GError         **error);
AirReceipt    *_air_receipt_new      (const AirProof  *proof,
                                      GBytes          *entry,
                                      AirLedgerHead   *take_head,
                                      GError         **error);

G_END_DECLS
