/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-key.h"
#include "ledger/air-entry.h"
#include "ledger/air-tree.h"
#include "runtime-double.h"
#include "wire/air-http-server.h"

typedef struct {
  char *id;
  char *state;
  char *waiting_on; /* nullable */
  char *outcome;    /* nullable */
  char *started;
  GArray *entries;  /* guint64 */
  AirChainHead head;
  /* of the gate, when it has one */
  gint64 gate_index; /* -1: none */
  AirValue *action;
  AirValue *other_action;
  AirValue *why;
  int quorum;
  int counted;
  char *deadline;
  AirValue *decisions;
} DoubleRun;

struct _RuntimeDouble {
  char *folder;
  char *address;
  char *designer_profile;
  char *profile_path;
  char *workflow;
  AirValue *plan;
  char *policy; /* digest of the gate's policy */
  AirClientProfile *profile;
  AirPrivateKey *log_key, *other_log_key, *decision_key;
  AirPublicKey *enrolled; /* what decisions are opened with */
  AirHttpServer *server;
  AirHttpServerOptions options;
  GTlsDatabase *clients;
  GPtrArray *runs; /* newest first when listed */
  GPtrArray *entries; /* AirSealedEntry */
  AirMemoryTree *tree;
  AirMemoryTree *forked; /* of the ledger whose first entry is another */
  GPtrArray *sinks;
  RuntimeDoubleLie lie;
  char *decision, *reason;
  AirValue *edited; /* the action as the last edit changed it, nullable */
  AirSeededRandom *random;
  gint64 now_us;
};

guint64    runtime_double_append  (RuntimeDouble  *self,
                                   DoubleRun      *run,
                                   const char     *type,
                                   AirValue       *take_members,
                                   AirValue       *take_disclosed);
void       runtime_double_emit_run (RuntimeDouble *self,
                                   DoubleRun      *run);
/* What an approval sets going: the rest of the run. */
void       runtime_double_carry_on (RuntimeDouble *self,
                                   DoubleRun      *run,
                                   gboolean        approved);
extern const AirRoute runtime_double_routes[];
extern const gsize runtime_double_n_routes;
