/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ledger-fixture.h"
#include "ledger/air-bundle.h"
#include "ledger/air-checkpoint.h"
#include "ledger/air-decision.h"
#include "ledger/air-sd-jwt.h"
#include "ledger/air-tree.h"
#include "ledger/air-verifier.h"

G_BEGIN_DECLS

/* A small ledger with one refund in it, entry by entry as the runtime writes them,
 * among entries of other runs. A test changes it on the way to break a rule. */

typedef struct {
  GBytes *leaf;
  GPtrArray *disclosures; /* char *; nullable */
} RunEntry;

typedef struct {
  AirSeededRandom *random;
  AirPrivateKey *log_key;
  AirVkey *log_vkey;
  AirPrivateKey *approvers[2];
  AirPrivateKey *designer;
  AirPrivateKey *operator_key; /* nullable */
  const char *operator_uri;
  AirDigest intent;
  char input_digest[AIR_SD_DIGEST_SIZE + 1];
  AirPrivateKey *witness; /* nullable: cosigns the checkpoint of a bundle */
  GBytes *timestamp;  /* nullable: over the checkpoint of a bundle */
  GPtrArray *entries; /* RunEntry: the whole ledger */
  AirChainHead run, epoch, noise;
  gint64 time_us;
  GBytes *manifest, *config, *plan, *signature;
  char *artifact;      /* "sha256:…" */
  char *action_digest; /* of the last request */
  AirDigest request;   /* leaf hash of the last request */
} Run;

#define RUN_ID   "01JD9ZK3RUN0000000000000"
#define EPOCH_ID "epoch-01JD9ZK3"
#define ANA      "airails://demo/people/ana"
#define BEN      "airails://demo/people/ben"

Run *run_new (void);
/* Another workflow version, before the first entry; @layer_type is nullable. */
void run_set_plan (Run *self, AirValue *take_plan, const char *layer_type);
void run_free (Run *self);
/* Seals into the chain of @instance; @disclosed is nullable. Returns the index. */
guint run_add (Run *self, const char *instance, const char *type, AirValue *take_members, AirValue *take_disclosed);
void run_add_enrolments (Run *self);
void run_add_trigger (Run *self);
void run_add_request (Run *self, int quorum);
/* That decisions are signed over the entry added last. */
void run_note_request (Run *self);
/* @approver is 0 or 1; @outcome is what the entry claims. */
void run_add_decision (Run *self, guint approver, const char *decision, int counted, int quorum, const char *outcome);
void run_add_envelope (Run *self,
                       guint approver,
                       const char *entry_decision,
                       int counted,
                       int quorum,
                       const char *outcome,
                       const char *envelope);
char *run_sign (Run *self, guint approver, const char *decision);
void run_add_refund (Run *self, int amount);
void run_add_closing (Run *self, int count_offset);
/* The refund, sent and not answered; and an operator (@uri in @role), who says by a signed word what became of it. */
void run_add_operator (Run *self, const char *uri, const char *role);
void run_add_doubt (Run *self);
AirDecision *run_make_word (Run *self, const char *said);
guint run_add_word (Run *self, const AirDecision *word, AirPrivateKey *key, gboolean happened);
/* All of it, with an approval by ana (quorum 1) and entries of others between. */
Run *run_new_refund (void);

AirMemoryTree *run_make_tree (Run *self);
char *run_sign_checkpoint (Run *self);
GPtrArray *run_make_files (Run *self);
GBytes *run_make_bundle (Run *self);
AirVerifierTrust *run_make_trust (Run *self);

/* A fault of @check at @file (nullable) with @words (nullable) in it, or NULL. */
const AirFinding *run_find_fault (const AirReport *report, AirCheck check, const char *file, const char *words);
/* The run as it stands must be refused by @check alone, at @file, with @words. */
void run_expect_refusal (Run *self, AirCheck check, const char *file, const char *words);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Run, run_free)

G_END_DECLS
