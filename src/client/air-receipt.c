/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-client"

#include "config.h"

#include "client/air-receipt.h"

#include "client/air-client.h"
#include "client/air-receipt-private.h"
#include "ledger/air-checkpoint.h"
#include "ledger/air-entry.h"
#include "ledger/air-tree.h"

/**
 * air_ledger_head_copy:
 * @self: a head
 *
 * Returns: (transfer full): a copy
 */
AirLedgerHead *
air_ledger_head_copy (const AirLedgerHead *self)
{
  AirLedgerHead *copy = g_memdup2 (self, sizeof *self);

  copy->origin = g_strdup (self->origin);
  copy->key = g_strdup (self->key);
  copy->text = g_strdup (self->text);
  return copy;
}

void
air_ledger_head_free (AirLedgerHead *self)
{
  g_free (self->origin);
  g_free (self->key);
  g_free (self->text);
  g_free (self);
}

void
air_receipt_free (AirReceipt *self)
{
  g_clear_pointer (&self->entry, g_bytes_unref);
  g_clear_pointer (&self->members, air_value_unref);
  g_clear_pointer (&self->steps, g_array_unref);
  g_clear_pointer (&self->head, air_ledger_head_free);
  g_free (self->text);
  g_free (self);
}

/* A signed note as a head: only with @vkey's signature, and only of the log that key is for. */
AirLedgerHead *
_air_ledger_head_open (const char *note, const char *vkey, gboolean pinned, GError **error)
{
  g_autoptr (AirVkey) key = NULL;
  g_autoptr (AirCheckpoint) checkpoint = NULL;
  g_autoptr (GError) local = NULL;
  AirLedgerHead *head;

  key = air_vkey_parse (vkey, &local);
  if (key == NULL)
    {
      g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_PROTOCOL, "the ledger's key: %s", local->message);
      return NULL;
    }
  checkpoint = air_checkpoint_open (note, strlen (note), key, NULL, &local);
  if (checkpoint == NULL)
    {
      g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED, "the ledger's head: %s", local->message);
      return NULL;
    }
  if (g_strcmp0 (checkpoint->origin, air_vkey_get_name (key)) != 0)
    {
      g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED,
                   "the ledger's head is of \"%s\", the key is for \"%s\"", checkpoint->origin,
                   air_vkey_get_name (key));
      return NULL;
    }
  head = g_new0 (AirLedgerHead, 1);
  head->origin = g_strdup (checkpoint->origin);
  head->size = checkpoint->size;
  head->root = checkpoint->root;
  head->key = g_strdup (vkey);
  head->pinned = pinned;
  head->text = g_strdup (note);
  return head;
}

/* RFC 9162, section 2.1.3.2, keeping each step so that a person can follow it. */
static GArray *
walk (const AirDigest *leaf, guint64 index, guint64 size, GArray *hashes)
{
  GArray *steps = g_array_new (FALSE, TRUE, sizeof (AirProofStep));
  AirDigest hash = *leaf;
  guint64 fn = index, sn = size - 1;

  for (guint i = 0; i < hashes->len; i++)
    {
      AirProofStep step = { 0 };

      step.sibling = g_array_index (hashes, AirDigest, i);
      step.sibling_is_left = (fn & 1) != 0 || fn == sn;
      if (step.sibling_is_left)
        {
          hash = air_tree_node_hash (&step.sibling, &hash);
          while (fn != 0 && (fn & 1) == 0)
            {
              fn >>= 1;
              sn >>= 1;
            }
        }
      else
        hash = air_tree_node_hash (&hash, &step.sibling);
      fn >>= 1;
      sn >>= 1;
      step.result = hash;
      g_array_append_val (steps, step);
    }
  return steps;
}

/* Fails with %AIR_CLIENT_ERROR_UNVERIFIED when @proof does not lead from @entry to @take_head. */
AirReceipt *
_air_receipt_new (const AirProof *proof, GBytes *entry, AirLedgerHead *take_head, GError **error)
{
  g_autoptr (AirLedgerHead) head = take_head;
  g_autoptr (AirEntry) parsed = NULL;
  g_autoptr (GError) local = NULL;
  AirCheckpoint checkpoint = { .origin = head->origin, .size = head->size, .root = head->root };
  AirReceipt *self;

  parsed = air_entry_parse (entry, &local);
  if (parsed == NULL)
    {
      g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED, "entry %" G_GUINT64_FORMAT ": %s",
                   proof->index, local->message);
      return NULL;
    }
  if (!air_proof_verify_in (proof, air_entry_get_hash (parsed), &checkpoint, &local))
    {
      g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED,
                   "entry %" G_GUINT64_FORMAT " is not in the ledger whose head was signed: %s", proof->index,
                   local->message);
      return NULL;
    }
  self = g_new0 (AirReceipt, 1);
  self->index = proof->index;
  self->leaf = *air_entry_get_hash (parsed);
  self->entry = g_bytes_ref (entry);
  self->members = air_value_ref (air_entry_get_members (parsed));
  self->steps = walk (&self->leaf, proof->index, head->size, proof->hashes);
  self->head = g_steal_pointer (&head);
  self->text = air_proof_write (proof);
  return self;
}
