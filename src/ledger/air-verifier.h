/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-key.h"
#include "base/air-value.h"
#include "air-timestamp.h"
#include "air-tlog-policy.h"
#include "air-zip.h"

G_BEGIN_DECLS

/**
 * AirVerifierTrust:
 *
 * What the verifier holds true before it reads the bundle. Without it a bundle shows that it agrees with itself, and
 * the report says just that. Filled once, then only read; freed with air_verifier_trust_free().
 */
typedef struct _AirVerifierTrust AirVerifierTrust;

AirVerifierTrust *air_verifier_trust_new         (void);
void              air_verifier_trust_free        (AirVerifierTrust     *self);
gboolean          air_verifier_trust_set_policy  (AirVerifierTrust     *self,
                                                  const char           *tlog_policy,
                                                  gsize                 length,
                                                  GError              **error);
gboolean          air_verifier_trust_set_people  (AirVerifierTrust     *self,
                                                  const AirValue       *trust_json,
                                                  GError              **error);

void              air_verifier_trust_set_timestamps (AirVerifierTrust *self,
                                                  AirTimestampTrust    *take_authorities);

/**
 * AirCheck:
 * @AIR_CHECK_INTEGRITY: bytes, tree, checkpoint, chain
 * @AIR_CHECK_EVIDENCE: commitments and disclosures, people's decisions, the artifact
 * @AIR_CHECK_DETERMINISTIC: the rules every run must keep
 * @AIR_CHECK_ATTESTATION: what the machine was
 * @AIR_N_CHECKS: their number
 *
 * The four things a bundle is judged by, each with a verdict of its own.
 */
typedef enum {
  AIR_CHECK_INTEGRITY,
  AIR_CHECK_EVIDENCE,
  AIR_CHECK_DETERMINISTIC,
  AIR_CHECK_ATTESTATION,
  AIR_N_CHECKS,
} AirCheck;

/**
 * AirVerdict:
 * @AIR_VERDICT_PASSED: it was checked and holds
 * @AIR_VERDICT_FAILED: it was checked and does not hold
 * @AIR_VERDICT_NOT_PRESENT: nothing to judge; never a pass
 * @AIR_VERDICT_NOT_JUDGED: it is there, and this version does not judge it; never a pass
 */
typedef enum {
  AIR_VERDICT_PASSED,
  AIR_VERDICT_FAILED,
  AIR_VERDICT_NOT_PRESENT,
  AIR_VERDICT_NOT_JUDGED,
} AirVerdict;

/**
 * AirFindingKind:
 * @AIR_FINDING_OK: what was checked and holds
 * @AIR_FINDING_NOTE: what the reader should know
 * @AIR_FINDING_FAULT: what is wrong; it fails the check it belongs to
 */
typedef enum {
  AIR_FINDING_OK,
  AIR_FINDING_NOTE,
  AIR_FINDING_FAULT,
} AirFindingKind;

/**
 * AirFinding:
 * @check: which check it belongs to
 * @kind: what it means
 * @file: "entries/12.json"
 * @field: (nullable): "prev", "byte 17"
 * @words: what was found, as a sentence
 */
typedef struct {
  AirCheck check;
  AirFindingKind kind;
  char *file;
  char *field;
  char *words;
} AirFinding;

/**
 * AirReport:
 * @instance: (nullable): the run, where the bundle says which
 * @trust: in words: which trust was used
 * @pinned: whether log, witnesses and people all came from the caller, and none from the bundle itself
 * @verdicts: one for each #AirCheck
 * @findings: (element-type AirFinding): in the order they were found
 *
 * What the verifier says of a bundle. Freed with air_report_free().
 */
typedef struct _AirReport AirReport;
struct _AirReport {
  char *instance;
  char *trust;
  gboolean pinned;
  AirVerdict verdicts[AIR_N_CHECKS];
  GPtrArray *findings;
};

AirReport  *air_verifier_check_zip   (GBytes                 *zip,
                                      const AirVerifierTrust *trust);
AirReport  *air_verifier_check_files (GPtrArray              *files,
                                      const AirVerifierTrust *trust);
gboolean    air_report_passed        (const AirReport        *self);
char       *air_report_to_text       (const AirReport        *self);
AirValue   *air_report_to_value      (const AirReport        *self);
void        air_report_free          (AirReport              *self);
const char *air_check_to_string      (AirCheck                check);
const char *air_verdict_to_string    (AirVerdict              verdict);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirVerifierTrust, air_verifier_trust_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirReport, air_report_free)

G_END_DECLS
