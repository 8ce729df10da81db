/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-checkpoint.h"

G_BEGIN_DECLS

/* C2SP tlog-witness: what a log asks of a witness, and what the witness answers. */

#define AIR_WITNESS_MAX_SIZE  (64 * 1024)
#define AIR_WITNESS_SIZE_TYPE "text/x.tlog.size"

/**
 * AirWitnessRequest:
 * @old_size: the tree the log believes the witness to know
 * @proof: (element-type AirDigest): consistency from there
 * @note: the signed checkpoint, as text
 * @checkpoint: what it says, not believed yet
 */
typedef struct _AirWitnessRequest AirWitnessRequest;
struct _AirWitnessRequest {
  guint64 old_size;
  GArray *proof;
  char *note;
  AirCheckpoint *checkpoint;
};

AirWitnessRequest *air_witness_request_parse (const char          *data,
                                              gsize                length,
                                              GError             **error);
char              *air_witness_request_write (guint64              old_size,
                                              const GArray        *proof,
                                              const char          *note);
void               air_witness_request_free  (AirWitnessRequest   *self);

/**
 * AirWitnessVerdict:
 *
 * What a witness answers; the HTTP status of each is the one of C2SP tlog-witness.
 */
typedef enum {
  AIR_WITNESS_COSIGN,        /* remember it durably, then cosign: 200 */
  AIR_WITNESS_UNKNOWN_LOG,   /* 404 */
  AIR_WITNESS_BAD_SIGNATURE, /* 403 */
  AIR_WITNESS_BAD_REQUEST,   /* 400 */
  AIR_WITNESS_CONFLICT,      /* 409: another tree is known; for a fork see @ret_words */
  AIR_WITNESS_BAD_PROOF,     /* 422 */
} AirWitnessVerdict;

AirWitnessVerdict  air_witness_judge         (const AirWitnessRequest *request,
                                              const AirVkey       *key,
                                              const AirCheckpoint *known,
                                              char               **ret_words);
guint              air_witness_verdict_to_status (AirWitnessVerdict verdict);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirWitnessRequest, air_witness_request_free)

G_END_DECLS
