/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-key.h"
#include "base/air-value.h"
#include "air-timestamp.h"
#include "air-tlog-policy.h"
#include "air-zip.h"

G_BEGIN_DECLS

/* What the verifier holds true before it reads the bundle. Without it a bundle
 * shows that it agrees with itself, and the report says just that. */
typedef struct _AirVerifierTrust AirVerifierTrust;

AirVerifierTrust *air_verifier_trust_new         (void);
void              air_verifier_trust_free        (AirVerifierTrust     *self);
gboolean          air_verifier_trust_set_policy  (AirVerifierTrust     *self,
                                                  const char           *tlog_policy,
                                                  gsize                 length,
                                                  GError              **error);
/* The people and signers of a trust.json (see docs/proofs.md). */
gboolean          air_verifier_trust_set_people  (AirVerifierTrust     *self,
                                                  const AirValue       *trust_json,
                                                  GError              **error);

/* Whose timestamps count. */
void              air_verifier_trust_set_timestamps (AirVerifierTrust *self,
                                                  AirTimestampTrust    *take_authorities);

typedef enum {
  AIR_CHECK_INTEGRITY,     /* bytes, tree, checkpoint, chain */
  AIR_CHECK_EVIDENCE,      /* commitments and disclosures, people's decisions, the artifact */
  AIR_CHECK_DETERMINISTIC, /* the rules every run must keep */
  AIR_CHECK_ATTESTATION,   /* what the machine was */
  AIR_N_CHECKS,
} AirCheck;

typedef enum {
  AIR_VERDICT_PASSED,
  AIR_VERDICT_FAILED,
  AIR_VERDICT_NOT_PRESENT, /* nothing to judge; never a pass */
  AIR_VERDICT_NOT_JUDGED,  /* it is there, and this version does not judge it; never a pass */
} AirVerdict;

typedef enum {
  AIR_FINDING_OK,   /* what was checked and holds */
  AIR_FINDING_NOTE, /* what the reader should know */
  AIR_FINDING_FAULT,
} AirFindingKind;

typedef struct {
  AirCheck check;
  AirFindingKind kind;
  char *file;  /* "entries/12.json" */
  char *field; /* "prev", "byte 17"; or NULL */
  char *words;
} AirFinding;

typedef struct _AirReport AirReport;
struct _AirReport {
  char *instance; /* nullable */
  char *trust;    /* in words: which trust was used */
  gboolean pinned;
  AirVerdict verdicts[AIR_N_CHECKS];
  GPtrArray *findings; /* AirFinding */
};

/* Never fails: what cannot even be read is a fault in the report. @trust is nullable. */
AirReport  *air_verifier_check_zip   (GBytes                 *zip,
                                      const AirVerifierTrust *trust);
AirReport  *air_verifier_check_files (GPtrArray              *files, /* AirFile */
                                      const AirVerifierTrust *trust);
/* Integrity, evidence and the deterministic checks all passed. */
gboolean    air_report_passed        (const AirReport        *self);
char       *air_report_to_text       (const AirReport        *self);
AirValue   *air_report_to_value      (const AirReport        *self);
void        air_report_free          (AirReport              *self);
const char *air_check_to_string      (AirCheck                check);
const char *air_verdict_to_string    (AirVerdict              verdict);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirVerifierTrust, air_verifier_trust_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirReport, air_report_free)

G_END_DECLS
