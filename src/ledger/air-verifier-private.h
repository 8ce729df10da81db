/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-bundle-private.h"
#include "air-verifier.h"

G_BEGIN_DECLS

typedef struct {
  char *uri;
  char **roles;
  AirPublicKey *key;
} AirTrustedKey;

struct _AirVerifierTrust {
  AirTlogPolicy *policy; /* nullable */
  AirTimestampTrust *timestamps; /* nullable */
  gboolean has_people;
  GPtrArray *people;  /* AirTrustedKey: may decide */
  GPtrArray *signers; /* AirTrustedKey: may sign artifacts */
};

typedef struct {
  AirReport *report;
  const AirVerifierTrust *trust; /* nullable */
  const AirBundleBuilder *bundle;
  AirCheckpoint *checkpoint; /* NULL when it could not be believed */
  const AirBundleItem *redaction; /* of this run's disclosures, or NULL */
} AirVerification;

AirReport           *air_report_new        (void);
const AirTrustedKey *air_verifier_find_key (GPtrArray       *keys,
                                            const char      *key_id);
void                 air_report_add        (AirReport       *self,
                                            AirCheck         check,
                                            AirFindingKind   kind,
                                            const char      *file,
                                            const char      *field, /* nullable */
                                            const char      *format,
                                            ...) G_GNUC_PRINTF (6, 7);
/* Something that is not disclosed, and a rule hangs on it: a note where the ledger says that it was erased by right,
 * else a fault. */
void                 air_verifier_hidden   (AirVerification *self,
                                            AirCheck         check,
                                            const char      *file,
                                            const char      *field,
                                            const char      *format,
                                            ...) G_GNUC_PRINTF (5, 6);
/* "entries/12.json" */
char                *air_verifier_entry_file (const AirBundleItem *item);
/* Whether @item belongs to the run the bundle is about. */
gboolean             air_verifier_is_of_run  (const AirVerification *self,
                                              const AirBundleItem   *item);
gboolean             air_verifier_is_type    (const AirBundleItem   *item,
                                              const char            *type);

void                 air_verify_integrity  (AirVerification *self);
void                 air_verify_evidence   (AirVerification *self);
void                 air_verify_artifact   (AirVerification *self);
void                 air_verify_rules      (AirVerification *self);

G_END_DECLS
