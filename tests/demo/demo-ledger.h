/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client/air-client-requests.h"

G_BEGIN_DECLS

/* What the whole ledger tells: its tree computed again from every entry's exact bytes and compared
 * with the signed head, and the figures of the work as a fold over those entries. */

typedef struct {
  AirLedgerHead *head;
  guint64 entries;
  guint64 bytes;
  guint64 runs;
  guint64 steps;         /* actions that were started */
  guint64 retries;       /* started once more after a refusal that passes */
  guint64 unknowns;      /* outcomes nobody knew */
  guint64 settled;       /* of them: known in the end */
  guint64 compensations; /* effects taken back */
  guint64 epochs;        /* starts of the runtime */
  guint64 refused;       /* accesses refused */
  guint64 gates[3];      /* by how many must approve: none, one, two */
  guint64 approvals;
  guint64 denials;
  double seconds;        /* first trigger to last closing entry */
  double step_p50_ms, step_p99_ms;
  double run_p50_ms, run_p99_ms; /* of runs that waited for nobody */
} DemoLedger;

void        demo_ledger_read        (AirClient          *client,
                                     GCancellable       *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer            user_data);
DemoLedger *demo_ledger_read_finish (GAsyncResult       *result,
                                     GError            **error);
void        demo_ledger_free        (DemoLedger         *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DemoLedger, demo_ledger_free)

G_END_DECLS
