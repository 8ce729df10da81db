/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-clock.h"
#include "base/air-hash.h"
#include "base/air-value.h"
#include "air-ledger-error.h"

G_BEGIN_DECLS

/* An entry is one line of JCS JSON; its bytes are the leaf of the tree. */

#define AIR_ENTRY_VERSION  1
#define AIR_ENTRY_MAX_SIZE 65535 /* what a u16 in an entry bundle can say */

#define AIR_ENTRY_TRIGGER_RECEIVED       "TRIGGER_RECEIVED"
#define AIR_ENTRY_STEP_DECIDED           "STEP_DECIDED"
#define AIR_ENTRY_POLICY_EVALUATED       "POLICY_EVALUATED"
#define AIR_ENTRY_HUMAN_GATE_REQUESTED   "HUMAN_GATE_REQUESTED"
#define AIR_ENTRY_HUMAN_GATE_DECISIONED  "HUMAN_GATE_DECISIONED"
#define AIR_ENTRY_TOOL_ACTION_STARTED    "TOOL_ACTION_STARTED"
#define AIR_ENTRY_TOOL_ACTION_EXECUTED   "TOOL_ACTION_EXECUTED"
#define AIR_ENTRY_EVIDENCE_CAPTURED      "EVIDENCE_CAPTURED"
#define AIR_ENTRY_ROLLBACK_APPLIED       "ROLLBACK_APPLIED"
#define AIR_ENTRY_TIMER                  "TIMER"
#define AIR_ENTRY_SIGNAL                 "SIGNAL"
#define AIR_ENTRY_REDACTION_APPLIED      "REDACTION_APPLIED"
#define AIR_ENTRY_WORKFLOW_COMPLETED     "WORKFLOW_COMPLETED"
#define AIR_ENTRY_WORKFLOW_FAILED        "WORKFLOW_FAILED"
#define AIR_ENTRY_EPOCH_STARTED          "EPOCH_STARTED"
#define AIR_ENTRY_KEY_ENROLLED           "KEY_ENROLLED"
#define AIR_ENTRY_KEY_REVOKED            "KEY_REVOKED"
#define AIR_ENTRY_TRUST_CHANGED          "TRUST_CHANGED"
#define AIR_ENTRY_ACCESS_REFUSED         "ACCESS_REFUSED"
#define AIR_ENTRY_POLICY_SETTLED         "POLICY_SETTLED"
#define AIR_ENTRY_BREAK_GLASS            "BREAK_GLASS"
#define AIR_ENTRY_RUN_CONTROLLED         "RUN_CONTROLLED"

/**
 * AirChainHead:
 * @seq: the number the next entry of the instance gets, 0 at first
 * @prev: the leaf hash of the last entry, all zero at first
 */
typedef struct {
  gint64 seq;
  AirDigest prev;
} AirChainHead;

/**
 * AirSealedEntry:
 * @leaf: the entry's exact bytes, the leaf of the tree
 * @hash: SHA-256 (00 ‖ leaf)
 * @disclosures: (nullable) (element-type utf8): in the order of the disclosed map
 * @packed: (nullable): their JSON, each after its length as LEB128, in the same order
 *
 * What air_entry_seal() makes. Freed with air_sealed_entry_free().
 */
typedef struct _AirSealedEntry AirSealedEntry;
struct _AirSealedEntry {
  GBytes *leaf;
  AirDigest hash;
  GPtrArray *disclosures;
  GString *packed;
};

AirSealedEntry *air_entry_seal         (AirChainHead    *head,
                                        const char      *instance,
                                        const char      *type,
                                        const AirValue  *members,
                                        const AirValue  *disclosed,
                                        gint64           time_us,
                                        const AirRandom *random,
                                        GError         **error);
void            air_sealed_entry_free  (AirSealedEntry  *self);

AirDigest       air_entry_leaf_hash    (const void      *leaf,
                                        gsize            length);

/**
 * AirEntry:
 *
 * A parsed entry: immutable. Every borrowed string lives as long as the entry. Freed with air_entry_free().
 */
typedef struct _AirEntry AirEntry;

AirEntry        *air_entry_parse           (GBytes          *leaf,
                                            GError         **error);
void             air_entry_free            (AirEntry        *self);

/**
 * air_entry_get_leaf:
 * @self: an entry
 *
 * Returns: (transfer none): the exact bytes it was read from
 */
GBytes          *air_entry_get_leaf        (const AirEntry  *self);

/**
 * air_entry_get_hash:
 * @self: an entry
 *
 * Returns: (transfer none): SHA-256 (00 ‖ leaf), RFC 6962 §2.1: what the next entry's `prev` must be
 */
const AirDigest *air_entry_get_hash        (const AirEntry  *self);

/**
 * air_entry_get_instance:
 * @self: an entry
 *
 * Returns: (transfer none): the chain it stands in: a run's id, or the system's
 */
const char      *air_entry_get_instance    (const AirEntry  *self);

/**
 * air_entry_get_type_name:
 * @self: an entry
 *
 * Returns: (transfer none): one of the AIR_ENTRY_ names, or one that a later version knows
 */
const char      *air_entry_get_type_name   (const AirEntry  *self);

/**
 * air_entry_get_seq:
 * @self: an entry
 *
 * Returns: its place in the chain of its instance, from 0, without gaps
 */
gint64           air_entry_get_seq         (const AirEntry  *self);

/**
 * air_entry_get_prev:
 * @self: an entry
 *
 * Returns: (transfer none): the leaf hash of the entry before it in its instance's chain, zeros for the first
 */
const AirDigest *air_entry_get_prev        (const AirEntry  *self);

/**
 * air_entry_get_time_us:
 * @self: an entry
 *
 * Returns: microseconds since the Unix epoch, exact to the millisecond, by the writer's clock
 */
gint64           air_entry_get_time_us     (const AirEntry  *self);

/**
 * air_entry_get_time:
 * @self: an entry
 *
 * Returns: (transfer none): its time as it stands in the entry, RFC 3339 in UTC
 */
const char      *air_entry_get_time        (const AirEntry  *self);

/**
 * air_entry_get_members:
 * @self: an entry
 *
 * Returns: (transfer none): the whole map, `seq`, `prev` and `_sd` included
 */
AirValue        *air_entry_get_members     (const AirEntry  *self);

/**
 * air_entry_get_n_committed:
 * @self: an entry
 *
 * Returns: how many disclosures it commits to, whether or not anybody still has them
 */
gsize            air_entry_get_n_committed (const AirEntry  *self);
gboolean         air_entry_commits_to      (const AirEntry  *self,
                                            const char      *digest);

/**
 * air_entry_is_closing:
 * @self: an entry
 *
 * Returns: whether it is WORKFLOW_COMPLETED or WORKFLOW_FAILED, after which the instance's chain goes no further
 */
gboolean         air_entry_is_closing      (const AirEntry  *self);

AirValue        *air_entry_open            (const AirEntry  *self,
                                            GPtrArray       *disclosures,
                                            GError         **error);
gboolean         air_entry_follows         (const AirEntry  *self,
                                            AirChainHead    *head,
                                            GError         **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirSealedEntry, air_sealed_entry_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirEntry, air_entry_free)

G_END_DECLS
