/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-client"

#include "config.h"

#include "client/air-client-private.h"
#include "client/air-client-requests.h"
#include "client/air-receipt-private.h"
#include "ledger/air-checkpoint.h"
#include "ledger/air-tiles.h"

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

/* The pinned key, or the one the runtime named first; a runtime that names another one later is refused. */
static char *
ledger_key (AirClient *self, gboolean *ret_pinned, GCancellable *cancellable, GError **error)
{
  const char *pinned = air_client_profile_get_ledger_key (air_client_get_profile (self));
  g_autofree char *text = NULL, *known = NULL;

  *ret_pinned = pinned != NULL;
  if (pinned != NULL)
    return g_strdup (pinned);
  known = _air_client_dup_ledger_key (self);
  if (known != NULL)
    return g_steal_pointer (&known);
  text = get_text (self, "/v1/ledger/key", cancellable, error);
  if (text == NULL)
    return NULL;
  g_strstrip (text);
  return _air_client_learn_ledger_key (self, text);
}

/**
 * air_client_get_head:
 * @self: a client
 * @cancellable: (nullable): ends the wait
 *
 * A head smaller than one this client saw before it asked, or another one of the same size, is a ledger that was
 * rewritten: %AIR_CLIENT_ERROR_UNVERIFIED.
 *
 * Returns: (transfer full): the head, its signature verified here, or %NULL with an #AirClientError
 */
AirLedgerHead *
air_client_get_head (AirClient *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *key = NULL, *note = NULL;
  g_autoptr (AirLedgerHead) head = NULL;
  AirDigest known_root;
  guint64 known = _air_client_get_known_head (self, &known_root);
  gboolean pinned;

  if ((key = ledger_key (self, &pinned, cancellable, error)) == NULL
      || (note = get_text (self, "/v1/ledger/checkpoint", cancellable, error)) == NULL
      || (head = _air_ledger_head_open (note, key, pinned, error)) == NULL)
    return NULL;
  if (head->size < known || (head->size == known && known > 0 && !air_digest_equal (&head->root, &known_root)))
    {
      g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED,
                   "the ledger had %" G_GUINT64_FORMAT " entries and now shows %" G_GUINT64_FORMAT
                   " under another root: it was rewritten; keep what you have and tell those who audit it",
                   known, head->size);
      return NULL;
    }
  _air_client_learn_head (self, head->size, &head->root);
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
 * Fetches the entry, its inclusion proof and the signed head, and follows the proof.
 *
 * Returns: (transfer full): the receipt, or %NULL with an #AirClientError; %AIR_CLIENT_ERROR_UNVERIFIED
 *   means that what the runtime says and what its ledger holds are not the same
 */
AirReceipt *
air_client_get_receipt (AirClient *self, guint64 index, GCancellable *cancellable, GError **error)
{
  g_autofree char *key = NULL, *path = NULL, *text = NULL;
  g_autoptr (AirProof) proof = NULL;
  g_autoptr (AirLedgerHead) head = NULL;
  g_autoptr (GBytes) entry = NULL;
  g_autoptr (GError) local = NULL;
  gboolean pinned;

  path = g_strdup_printf ("/v1/ledger/proof?index=%" G_GUINT64_FORMAT, index);
  if ((key = ledger_key (self, &pinned, cancellable, error)) == NULL
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
