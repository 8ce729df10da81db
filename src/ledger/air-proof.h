/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-checkpoint.h"
#include "air-tlog-policy.h"

G_BEGIN_DECLS

/**
 * AirProof:
 * @extra: (nullable): further bytes for the reader, proved by nothing
 * @index: of the entry in the log
 * @hashes: (element-type AirDigest): the inclusion proof, from the leaf's sibling upwards
 * @checkpoint: the signed note with all its signatures
 *
 * A C2SP tlog-proof: one file that shows that an entry stands in a log, once air_proof_verify() has said so. Freed
 * with air_proof_free().
 */
typedef struct _AirProof AirProof;
struct _AirProof {
  GBytes *extra;
  guint64 index;
  GArray *hashes;
  char *checkpoint;
};

AirProof *air_proof_new         (guint64               index,
                                 const AirDigest      *hashes,
                                 gsize                 n_hashes,
                                 const char           *checkpoint,
                                 GBytes               *extra);
AirProof *air_proof_parse       (const char           *data,
                                 gsize                 length,
                                 GError              **error);
char     *air_proof_write       (const AirProof       *self);
void      air_proof_free        (AirProof             *self);
gboolean  air_proof_verify      (const AirProof       *self,
                                 const AirDigest      *leaf_hash,
                                 const AirTlogPolicy  *policy,
                                 GError              **error);
gboolean  air_proof_verify_in   (const AirProof       *self,
                                 const AirDigest      *leaf_hash,
                                 const AirCheckpoint  *checkpoint,
                                 GError              **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirProof, air_proof_free)

G_END_DECLS
