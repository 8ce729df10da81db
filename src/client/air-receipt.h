/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "base/air-hash.h"
#include "base/air-value.h"

G_BEGIN_DECLS

/**
 * AirLedgerHead:
 * @origin: the log's name
 * @size: how many entries it has
 * @root: the tree's root hash
 * @key: the vkey that signed it
 * @pinned: whether the key came with the profile (else the runtime itself named it)
 * @text: the signed note
 * @seen: how large the ledger was when it was last seen from here, all of which this one contains; 0: not before
 *
 * A ledger head whose signature was verified here.
 */
typedef struct {
  char      *origin;
  guint64    size;
  AirDigest  root;
  char      *key;
  gboolean   pinned;
  char      *text;
  guint64    seen;
} AirLedgerHead;

/**
 * AirProofStep:
 * @sibling: the hash it is joined with
 * @sibling_is_left: on which side
 * @result: SHA-256 (01 ‖ left ‖ right)
 *
 * One step up the tree: @sibling joined left or right of @result of the step before.
 */
typedef struct {
  AirDigest  sibling;
  gboolean   sibling_is_left;
  AirDigest  result;
} AirProofStep;

/**
 * AirReceipt:
 *
 * An entry's exact bytes, its place in the ledger and the verified way from it to a signed head.
 */
typedef struct {
  guint64        index;
  AirDigest      leaf;
  GBytes        *entry;       /* nullable: the tile was not asked for */
  AirValue      *members;     /* nullable */
  GArray        *steps;       /* AirProofStep, from the leaf to the root */
  AirLedgerHead *head;
  char          *text;        /* the tlog-proof file */
} AirReceipt;

AirLedgerHead *air_ledger_head_copy (const AirLedgerHead *self);
void           air_ledger_head_free (AirLedgerHead       *self);
void           air_receipt_free     (AirReceipt          *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirLedgerHead, air_ledger_head_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirReceipt, air_receipt_free)

G_END_DECLS
