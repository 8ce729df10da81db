/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-bundle.h"
#include "air-checkpoint.h"
#include "air-decision.h"
#include "air-entry.h"

G_BEGIN_DECLS

/* What the builder and the verifier know of a bundle. The verifier unpacks the
 * files into a builder and has it write them all again: whatever is not
 * reproduced byte for byte is no part of a bundle. */

typedef struct {
  guint64 index;
  AirEntry *entry;
  GPtrArray *disclosures; /* char * */
  AirValue *opened;       /* name → value */
  GArray *proof;          /* AirDigest */
} AirBundleItem;

struct _AirBundleBuilder {
  char *instance;
  char *checkpoint;
  char *audience;
  GPtrArray *inputs;    /* AirBundleInput, as handed in */
  GPtrArray *items;     /* AirBundleItem by index, once finished */
  GPtrArray *keys;      /* AirVkey */
  GPtrArray *approvers; /* AirPublicKey */
  char *policy;
  GBytes *timestamp;
  GBytes *artifact_manifest;
  GBytes *artifact_config;
  GBytes *artifact_signature;
  GBytes *plan;
  GPtrArray *attestation; /* AirFile */
};

typedef struct {
  guint64 index;
  GBytes *leaf;
  GPtrArray *disclosures;
  GArray *proof;
} AirBundleInput;

AirBundleItem    *air_bundle_find_by_hash     (const AirBundleBuilder  *self,
                                               const AirDigest         *hash);
AirPublicKey     *air_bundle_find_approver    (const AirBundleBuilder  *self,
                                               const char              *key_id);
/* The signed envelope an entry discloses, or NULL. */
const char       *air_bundle_item_get_envelope (const AirBundleItem    *item);
char             *air_bundle_key_file_name    (const AirVkey           *key);
char             *air_bundle_readme           (const AirBundleBuilder  *self,
                                               const AirCheckpoint     *checkpoint);
/* decisions/<index>.dsse.json and the OCI layout cosign reads. */
void              air_bundle_add_decision     (GPtrArray               *files,
                                               const AirBundleBuilder  *self,
                                               const AirBundleItem     *item);
/* Reads files back into a builder. On failure *ret_file names the file at fault. */
AirBundleBuilder *air_bundle_unpack           (GPtrArray               *files,
                                               char                   **ret_file,
                                               GError                 **error);

G_END_DECLS
