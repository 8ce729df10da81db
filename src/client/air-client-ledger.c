/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-client"

#include "config.h"

#include "client/air-client-private.h"
#include "client/air-client-requests.h"
#include "client/air-receipt-private.h"
#include "ledger/air-checkpoint.h"
#include "ledger/air-tiles.h"
#include "ledger/air-tree.h"

static char *
get_text (AirClient *self, const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GBytes) bytes = air_client_get_bytes (self, path, cancellable, error);
  gsize length;
  const char *data;

  if (bytes == NULL)
    return NULL;
  data = g_bytes_get_data (bytes, &length);
  if (!g_utf8_validate_len (data, length, NULL))
    {
      g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_PROTOCOL, "%s: the answer is not text", path);
      return NULL;
    }
  return g_strndup (data, length);
}

/* The pinned key, or the one the runtime named first, perhaps to another program than this; a runtime that names another
 * one later is refused. */
static char *
ledger_key (AirClient *self, const AirLedgerHead *seen, gboolean *ret_pinned, GCancellable *cancellable, GError **error)
{
  const char *pinned = air_client_profile_get_ledger_key (air_client_get_profile (self));
  g_autofree char *text = NULL, *known = NULL;

  *ret_pinned = pinned != NULL;
  if (pinned != NULL)
    return g_strdup (pinned);
  if (seen != NULL)
    return g_strdup (seen->key);
  known = _air_client_dup_ledger_key (self);
  if (known != NULL)
    return g_steal_pointer (&known);
  text = get_text (self, "/v1/ledger/key", cancellable, error);
  if (text == NULL)
    return NULL;
  g_strstrip (text);
  return _air_client_learn_ledger_key (self, text);
}

/* --- growing ------------------------------------------------------------ */

/* Tiles of hashes of a tree of a given size, each fetched once. */
typedef struct {
  AirClient *client;
  GCancellable *cancellable;
  GHashTable *tiles; /* path → GBytes */
} Tiles;

static GBytes *
read_tile (gpointer user_data, const AirTilePath *tile, GError **error)
{
  Tiles *self = user_data;
  g_autofree char *name = air_tile_path_to_string (tile), *path = g_strconcat ("/v1/ledger/", name, NULL);
  GBytes *bytes = g_hash_table_lookup (self->tiles, path);

  if (bytes == NULL)
    {
      bytes = air_client_get_bytes (self->client, path, self->cancellable, error);
      if (bytes == NULL)
        return NULL;
      g_hash_table_insert (self->tiles, g_steal_pointer (&path), bytes);
    }
  return g_bytes_ref (bytes);
}

/* That the tree of @head begins with all of the tree of @seen, RFC 6962 section 2.1.2, out of the ledger's tiles. */
static gboolean
prove_growth (AirClient *self,
              const AirLedgerHead *seen,
              const AirLedgerHead *head,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GHashTable) table =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  Tiles tiles = { self, cancellable, table };
  AirTileReader reader = { .size = head->size, .read = read_tile, .user_data = &tiles };
  AirHashReader hashes = air_tile_reader_get_hash_reader (&reader);
  g_autoptr (GArray) proof = air_tree_prove_consistency (&hashes, seen->size, head->size, error);

  return proof != NULL
         && air_tree_check_consistency (seen->size, &seen->root, head->size, &head->root,
                                        (const AirDigest *) proof->data, proof->len, error);
}

/* A ledger only grows: each head contains all that was seen before it was asked for. */
static gboolean
check_head (AirClient *self,
            const AirLedgerHead *seen, /* nullable */
            AirLedgerHead *head,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (GError) local = NULL;

  if (seen != NULL && head->size < seen->size)
    g_set_error (
        error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED,
        "the ledger had %" G_GUINT64_FORMAT " entries and now shows %" G_GUINT64_FORMAT
        ": it was cut back, or is an old copy; %s keeps the head it signed then: show it to those who audit it",
        seen->size, head->size, _air_client_get_head_path (self));
  else if (seen != NULL && head->size == seen->size && !air_digest_equal (&head->root, &seen->root))
    g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED,
                 "the ledger signed two heads of %" G_GUINT64_FORMAT
                 " entries, with different roots: it was forked; %s keeps the other: show it to those who audit it",
                 head->size, _air_client_get_head_path (self));
  else if (seen != NULL && head->size > seen->size && !prove_growth (self, seen, head, cancellable, &local))
    {
      if (!g_error_matches (local, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_PROOF)
          && !g_error_matches (local, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED))
        g_propagate_error (error, g_steal_pointer (&local));
      else
        g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED,
                     "the ledger's %" G_GUINT64_FORMAT " entries do not begin with the %" G_GUINT64_FORMAT
                     " it had before (%s): it was rewritten or forked; %s keeps the head it signed then: show it to "
                     "those who audit it",
                     head->size, seen->size, local->message, _air_client_get_head_path (self));
    }
  else
    {
      head->seen = seen != NULL ? seen->size : 0;
      _air_client_learn_head (self, head);
      return TRUE;
    }
  return FALSE;
}

/**
 * air_client_get_head:
 * @self: a client
 * @cancellable: (nullable): ends the wait
 *
 * A head that does not contain the largest one seen before it was asked for, by this program or one before it, is of a
 * ledger that was cut back, rewritten or forked: %AIR_CLIENT_ERROR_UNVERIFIED.
 *
 * Returns: (transfer full): the head, its signature and growth verified here, or %NULL with an #AirClientError
 */
AirLedgerHead *
air_client_get_head (AirClient *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *key = NULL, *note = NULL;
  g_autoptr (AirLedgerHead) head = NULL, seen = NULL;
  gboolean pinned;

  if (!_air_client_get_known_head (self, &seen, error)
      || (key = ledger_key (self, seen, &pinned, cancellable, error)) == NULL
      || (note = get_text (self, "/v1/ledger/checkpoint", cancellable, error)) == NULL
      || (head = _air_ledger_head_open (note, key, pinned, error)) == NULL
      || !check_head (self, seen, head, cancellable, error))
    return NULL;
  return g_steal_pointer (&head);
}

/* The exact bytes of entry @index in a tree of @size, out of its bundle of up to 256. */
static GBytes *
get_entry (AirClient *self, guint64 index, guint64 size, GCancellable *cancellable, GError **error)
{
  AirTilePath tile = { .entries = TRUE, .level = 0, .index = index / AIR_TILE_WIDTH };
  g_autofree char *name = NULL, *path = NULL;
  g_autoptr (GBytes) bundle = NULL;
  g_autoptr (GPtrArray) entries = NULL;

  if (index >= size)
    {
      g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED,
                   "entry %" G_GUINT64_FORMAT " is past the ledger's signed size of %" G_GUINT64_FORMAT, index, size);
      return NULL;
    }
  tile.width = air_tile_width_at (0, tile.index, size);
  name = air_tile_path_to_string (&tile);
  path = g_strconcat ("/v1/ledger/", name, NULL);
  bundle = air_client_get_bytes (self, path, cancellable, error);
  if (bundle == NULL)
    return NULL;
  entries = air_entry_bundle_parse (bundle, tile.width, error);
  if (entries == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  return g_bytes_ref (entries->pdata[index % AIR_TILE_WIDTH]);
}

/**
 * air_client_get_receipt:
 * @self: a client
 * @index: an entry's place in the ledger
 * @cancellable: (nullable): ends the wait
 *
 * Fetches the entry, its inclusion proof and the signed head, and follows the proof. The head is checked as
 * air_client_get_head() does.
 *
 * Returns: (transfer full): the receipt, or %NULL with an #AirClientError; %AIR_CLIENT_ERROR_UNVERIFIED
 *   means that what the runtime says and what its ledger holds are not the same
 */
AirReceipt *
air_client_get_receipt (AirClient *self, guint64 index, GCancellable *cancellable, GError **error)
{
  g_autofree char *key = NULL, *path = NULL, *text = NULL;
  g_autoptr (AirProof) proof = NULL;
  g_autoptr (AirLedgerHead) head = NULL, seen = NULL;
  g_autoptr (GBytes) entry = NULL;
  g_autoptr (GError) local = NULL;
  gboolean pinned;

  path = g_strdup_printf ("/v1/ledger/proof?index=%" G_GUINT64_FORMAT, index);
  if (!_air_client_get_known_head (self, &seen, error)
      || (key = ledger_key (self, seen, &pinned, cancellable, error)) == NULL
      || (text = get_text (self, path, cancellable, error)) == NULL)
    return NULL;
  proof = air_proof_parse (text, strlen (text), &local);
  if (proof == NULL)
    {
      g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED, "the proof of entry %" G_GUINT64_FORMAT ": %s",
                   index, local->message);
      return NULL;
    }
  if (proof->index != index)
    {
      g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED,
                   "asked for entry %" G_GUINT64_FORMAT ", the proof is for %" G_GUINT64_FORMAT, index, proof->index);
      return NULL;
    }
  if ((head = _air_ledger_head_open (proof->checkpoint, key, pinned, error)) == NULL
      || !check_head (self, seen, head, cancellable, error)
      || (entry = get_entry (self, index, head->size, cancellable, error)) == NULL)
    return NULL;
  return _air_receipt_new (proof, entry, g_steal_pointer (&head), error);
}

/* --- asynchronous ------------------------------------------------------- */

static void
get_head_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  AirLedgerHead *head = air_client_get_head (source, cancellable, &error);

  if (head == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, head, (GDestroyNotify) air_ledger_head_free);
}

/**
 * air_client_get_head_async:
 * @self: a client
 * @cancellable: (nullable): ends the wait
 * @callback: called in the caller's main context
 * @user_data: for @callback
 *
 * As air_client_get_head(), in a thread.
 */
void
air_client_get_head_async (AirClient *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, air_client_get_head_async);
  g_task_run_in_thread (task, get_head_thread);
}

/**
 * air_client_get_head_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location
 *
 * Returns: (transfer full): the head, verified, or %NULL with an %AIR_CLIENT_ERROR or a %G_IO_ERROR
 */
AirLedgerHead *
air_client_get_head_finish (AirClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
get_receipt_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  AirReceipt *receipt = air_client_get_receipt (source, *(guint64 *) data, cancellable, &error);

  if (receipt == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, receipt, (GDestroyNotify) air_receipt_free);
}

/**
 * air_client_get_receipt_async:
 * @self: a client
 * @index: of the entry in the ledger
 * @cancellable: (nullable): ends the wait
 * @callback: called in the caller's main context
 * @user_data: for @callback
 *
 * As air_client_get_receipt(), in a thread.
 */
void
air_client_get_receipt_async (AirClient *self,
                              guint64 index,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, air_client_get_receipt_async);
  g_task_set_task_data (task, g_memdup2 (&index, sizeof index), g_free);
  g_task_run_in_thread (task, get_receipt_thread);
}

/**
 * air_client_get_receipt_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location
 *
 * Returns: (transfer full): the receipt, verified, or %NULL with an %AIR_CLIENT_ERROR or a %G_IO_ERROR
 */
AirReceipt *
air_client_get_receipt_finish (AirClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
