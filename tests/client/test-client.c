/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <libsoup/soup.h>

#include "base/air-json.h"
#include "client/air-client-private.h"
#include "client/air-client-requests.h"
#include "client/air-gate-list.h"
#include "client/air-run-list.h"
#include "runtime-double.h"

typedef struct {
  RuntimeDouble *runtime;
  AirClient *client;
} Fixture;

static void
setup (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->runtime = runtime_double_new ();
  fixture->client = air_client_new (runtime_double_get_profile (fixture->runtime), &error);
  g_assert_no_error (error);
}

static void
teardown (Fixture *fixture, gconstpointer data)
{
  gpointer left = fixture->client;

  /* A worker thread may hold it a moment longer than its task; a leak holds it for ever. */
  g_object_add_weak_pointer (G_OBJECT (fixture->client), &left);
  g_object_unref (fixture->client);
  while (g_atomic_pointer_get (&left) != NULL)
    g_thread_yield ();
  runtime_double_free (fixture->runtime);
}

/* Runs the main loop until @condition; the test's own timeout is meson's. */
#define wait_until(condition)                                                                                          \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    while (!(condition))                                                                                               \
      g_main_context_iteration (NULL, TRUE);                                                                           \
  }                                                                                                                    \
  G_STMT_END

static void
keep_result (GObject *object, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static AirValue *
get (Fixture *fixture, const char *path, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  air_client_get_async (fixture->client, path, NULL, keep_result, &result);
  wait_until (result != NULL);
  return air_client_get_finish (fixture->client, result, error);
}

static void
test_get (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) value = get (fixture, "/v1/health", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (air_map_get_string (value, "status"), ==, "ok");
  g_assert_cmpstr (air_client_get_identity (fixture->client), ==, "airails://demo/people/ana");
}

static void
test_problem (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) value = get (fixture, "/v1/runs/none", &error);

  g_assert_null (value);
  g_assert_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_NOT_FOUND);
  g_assert_true (g_str_has_suffix (error->message, ": there is no such run here; list the runs with GET /v1/runs"));
}

static void
keep_message (SoupSession *session, SoupMessage *message, GPtrArray *messages)
{
  g_ptr_array_add (messages, g_object_ref (message));
}

/* A handshake per request is a bug, for POST too. */
static void
test_keep_alive (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func (g_object_unref);
  const char *run = runtime_double_add_waiting (fixture->runtime, "#W1", 20000, 1);
  g_autofree char *path = air_client_gate_path (run, "approval", "decisions");
  g_autoptr (GBytes) body = g_bytes_new_static ("{}", 2);

  g_signal_connect (_air_client_get_session (fixture->client), "request-queued", G_CALLBACK (keep_message), messages);
  for (int i = 0; i < 4; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (AirValue) value = get (fixture, "/v1/health", NULL), refused = NULL;
      g_autoptr (GError) error = NULL;

      air_client_post_async (fixture->client, path, NULL, body, NULL, keep_result, &result);
      wait_until (result != NULL);
      refused = air_client_post_finish (fixture->client, result, &error);
      g_assert_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_INVALID);
    }
  g_assert_cmpuint (messages->len, ==, 8);
  for (guint i = 1; i < messages->len; i++)
    g_assert_cmpuint (soup_message_get_connection_id (messages->pdata[i]), ==,
                      soup_message_get_connection_id (messages->pdata[0]));
  g_assert_nonnull (
      soup_message_headers_get_one (soup_message_get_request_headers (messages->pdata[1]), "Idempotency-Key"));
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  air_client_get_async (fixture->client, "/v1/health", cancellable, keep_result, &result);
  g_cancellable_cancel (cancellable);
  wait_until (result != NULL);
  g_assert_null (air_client_get_finish (fixture->client, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_unreachable (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  runtime_double_stop (fixture->runtime);
  g_assert_null (get (fixture, "/v1/health", &error));
  g_assert_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNREACHABLE);
  g_assert_nonnull (
      strstr (error->message, air_client_profile_get_url (runtime_double_get_profile (fixture->runtime))));
}

/* Another authority's server gets nothing from us, not even a request. */
static void
test_other_authority (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RuntimeDouble) other = runtime_double_new ();
  AirClientProfile *ours = runtime_double_get_profile (fixture->runtime), *theirs = runtime_double_get_profile (other);
  g_autoptr (AirClientProfile) mixed = NULL;
  g_autoptr (AirClient) client = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  mixed = air_client_profile_new (NULL, air_client_profile_get_url (ours), air_client_profile_get_ca (theirs),
                                  air_client_profile_get_certificate (theirs),
                                  air_client_profile_get_private_key (theirs), NULL, NULL, &error);
  g_assert_no_error (error);
  client = air_client_new (mixed, &error);
  g_assert_no_error (error);
  air_client_get_async (client, "/v1/health", NULL, keep_result, &result);
  wait_until (result != NULL);
  g_assert_null (air_client_get_finish (client, result, &error));
  g_assert_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_IDENTITY);
}

/* --- gates -------------------------------------------------------------- */

static AirGate *
get_gate (Fixture *fixture, const char *run, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  air_client_get_gate_async (fixture->client, run, "approval", NULL, keep_result, &result);
  wait_until (result != NULL);
  return air_client_get_gate_finish (fixture->client, result, error);
}

static void
test_decide (Fixture *fixture, gconstpointer data)
{
  const char *run = runtime_double_add_waiting (fixture->runtime, "#W1", 45000, 1), *reason;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirGate) gate = get_gate (fixture, run, &error);
  g_autoptr (AirPrivateKey) key = NULL;
  g_autoptr (GAsyncResult) decided = NULL, proved = NULL;
  g_autoptr (AirValue) answer = NULL;
  g_autoptr (AirReceipt) receipt = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (air_map_get_int (air_value_at (air_gate_get_action (gate), "/1/input"), "amount_minor", 0), ==,
                   45000);
  g_assert_cmpint (air_gate_get_quorum (gate), ==, 1);
  g_assert_true (air_gate_may_decide (gate, &reason));
  g_assert_cmpint (air_gate_get_deadline_us (gate), >, 0);

  key = air_private_key_load (air_client_profile_get_decision_key (runtime_double_get_profile (fixture->runtime)),
                              &error);
  g_assert_no_error (error);
  air_client_decide_async (fixture->client, gate, "approve", "Order is still pending", key, NULL, keep_result,
                           &decided);
  wait_until (decided != NULL);
  answer = air_client_decide_finish (fixture->client, decided, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (air_map_get_string (answer, "outcome"), ==, "approved");
  g_assert_cmpstr (runtime_double_get_decision (fixture->runtime), ==, "approve");
  g_assert_cmpstr (runtime_double_get_reason (fixture->runtime), ==, "Order is still pending");

  air_client_get_receipt_async (fixture->client, (guint64) air_map_get_int (answer, "index", -1), NULL, keep_result,
                                &proved);
  wait_until (proved != NULL);
  receipt = air_client_get_receipt_finish (fixture->client, proved, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (air_map_get_string (receipt->members, "type"), ==, "HUMAN_GATE_DECISIONED");
  g_assert_cmpuint (receipt->steps->len, >, 0);
  /* The last step of the walk is the signed root. */
  g_assert_cmpmem (&g_array_index (receipt->steps, AirProofStep, receipt->steps->len - 1).result, sizeof (AirDigest),
                   &receipt->head->root, sizeof (AirDigest));
  g_assert_false (receipt->head->pinned);
}

static void
test_lying_gate (Fixture *fixture, gconstpointer data)
{
  static const RuntimeDoubleLie lies[] = { RUNTIME_DOUBLE_SHOWS_OTHER_ACTION, RUNTIME_DOUBLE_HIDES_ACTION,
                                           RUNTIME_DOUBLE_CHANGES_LEAF, RUNTIME_DOUBLE_SHOWS_OTHER_GATE };
  const char *run = runtime_double_add_waiting (fixture->runtime, "#W1", 45000, 1);

  runtime_double_add_waiting (fixture->runtime, "#W2", 9000000, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autoptr (GError) error = NULL;

      runtime_double_set_lie (fixture->runtime, lies[i]);
      g_assert_null (get_gate (fixture, run, &error));
      g_assert_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED);
    }
}

/* Nowhere else, and nothing that grows. */
static void
test_detours (Fixture *fixture, gconstpointer data)
{
  static const RuntimeDoubleLie lies[] = { RUNTIME_DOUBLE_REDIRECTS, RUNTIME_DOUBLE_COMPRESSES };

  for (gsize i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autoptr (GError) error = NULL;

      runtime_double_set_lie (fixture->runtime, lies[i]);
      g_assert_null (get (fixture, "/v1/health", &error));
      g_test_message ("%s", error->message);
      g_assert_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_PROTOCOL);
    }
}

static void
test_expired_gate_is_not_signed (Fixture *fixture, gconstpointer data)
{
  const char *run = runtime_double_add_waiting (fixture->runtime, "#W1", 45000, 1);
  g_autoptr (AirGate) gate = get_gate (fixture, run, NULL);
  g_autoptr (AirPrivateKey) key =
      air_private_key_load (air_client_profile_get_decision_key (runtime_double_get_profile (fixture->runtime)), NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (air_gate_sign (gate, "approve", "", key, air_gate_get_deadline_us (gate), &error));
  g_assert_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_CONFLICT);
}

/* A request that stands at one step and calls itself another's gate: what is signed for one must not count at the other. */
static void
test_gate_at_another_step (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *from;
    const char *to;
  } rows[] = {
    { "\"node\":\"approval\"", "\"node\":\"approval\"" }, /* as it is */
    { "\"node\":\"approval\"", "\"node\":\"payout\"" },
    { "\"node\":\"approval\"", "\"nose\":\"approval\"" },
    { "\"node\":\"approval\"", "\"iteration\":\"0\",\"node\":\"approval\"" },
  };
  const char *run = runtime_double_add_waiting (fixture->runtime, "#W1", 20000, 1);
  g_autofree char *path = air_client_gate_path (run, "approval", NULL);
  g_autoptr (AirValue) document = get (fixture, path, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (AirValue) copy = air_map_copy (document);
      AirValue *requested = air_map_copy (air_map_get_map (document, "requested"));
      g_autoptr (GString) leaf = g_string_new (air_map_get_string (requested, "leaf"));
      g_autoptr (GError) error = NULL;
      g_autoptr (AirGate) gate = NULL;

      g_assert_cmpuint (g_string_replace (leaf, rows[i].from, rows[i].to, 1), ==, 1);
      air_map_set_string (requested, "leaf", leaf->str);
      air_map_remove (requested, "leaf_hash");
      air_map_set (copy, "requested", requested);
      gate = air_gate_new (copy, &error);
      g_assert_true ((gate != NULL) == (i == 0));
      if (i == 0)
        continue;
      g_assert_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED);
      g_assert_nonnull (strstr (error->message, "at another step"));
    }
}

/* --- receipts ----------------------------------------------------------- */

/* Every entry; the tree is large enough for a full tile and a partial one. */
static void
test_receipts_all (Fixture *fixture, gconstpointer data)
{
  while (runtime_double_get_size (fixture->runtime) < 260)
    runtime_double_add_refunded (fixture->runtime, "#W0", 5000);
  for (guint64 i = 0; i < runtime_double_get_size (fixture->runtime); i += 13)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (AirReceipt) receipt = NULL;

      air_client_get_receipt_async (fixture->client, i, NULL, keep_result, &result);
      wait_until (result != NULL);
      receipt = air_client_get_receipt_finish (fixture->client, result, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (receipt->index, ==, i);
      g_assert_cmpmem (&g_array_index (receipt->steps, AirProofStep, receipt->steps->len - 1).result,
                       sizeof (AirDigest), &receipt->head->root, sizeof (AirDigest));
    }
}

static void
test_lying_ledger (Fixture *fixture, gconstpointer data)
{
  static const RuntimeDoubleLie lies[] = { RUNTIME_DOUBLE_CHANGES_ENTRY, RUNTIME_DOUBLE_WRONG_PROOF,
                                           RUNTIME_DOUBLE_UNSIGNED_HEAD, RUNTIME_DOUBLE_OTHER_KEY };

  runtime_double_add_refunded (fixture->runtime, "#W1", 5000);
  for (gsize i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autoptr (GAsyncResult) honest = NULL, lied = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (AirReceipt) receipt = NULL;

      runtime_double_set_lie (fixture->runtime, RUNTIME_DOUBLE_HONEST);
      air_client_get_receipt_async (fixture->client, 3, NULL, keep_result, &honest);
      wait_until (honest != NULL);
      receipt = air_client_get_receipt_finish (fixture->client, honest, &error);
      g_assert_no_error (error);
      runtime_double_set_lie (fixture->runtime, lies[i]);
      air_client_get_receipt_async (fixture->client, 3, NULL, keep_result, &lied);
      wait_until (lied != NULL);
      g_assert_null (air_client_get_receipt_finish (fixture->client, lied, &error));
      g_assert_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED);
    }
}

static AirLedgerHead *
get_head (Fixture *fixture, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  air_client_get_head_async (fixture->client, NULL, keep_result, &result);
  wait_until (result != NULL);
  return air_client_get_head_finish (fixture->client, result, error);
}

/* A ledger that shrinks was rewritten, however well its new head is signed. */
static void
test_rolled_back (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirLedgerHead) first = NULL, grown = NULL, back = NULL;

  runtime_double_add_refunded (fixture->runtime, "#W1", 5000);
  first = get_head (fixture, &error);
  g_assert_no_error (error);
  runtime_double_add_refunded (fixture->runtime, "#W2", 5000);
  grown = get_head (fixture, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (grown->size, >, first->size);
  runtime_double_set_lie (fixture->runtime, RUNTIME_DOUBLE_ROLLED_BACK);
  back = get_head (fixture, &error);
  g_assert_null (back);
  g_assert_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED);
}

/* Another program of the same person, later. */
static void
begin_anew (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_object_unref (fixture->client);
  fixture->client = air_client_new (runtime_double_get_profile (fixture->runtime), &error);
  g_assert_no_error (error);
}

static char *
find_memory (void)
{
  g_autofree char *folder = g_build_filename (g_get_user_state_dir (), "airails", "heads", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".json"))
      return g_build_filename (folder, name, NULL);
  return NULL;
}

/* From one program to the next: through a full tile, and by a receipt as by a head. */
static void
test_grown (Fixture *fixture, gconstpointer data)
{
  static const guint64 sizes[] = { 1, 8, 100, 255, 257, 300, 520 };
  guint64 seen = 0;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (AirLedgerHead) head = NULL;
      g_autoptr (AirReceipt) receipt = NULL;

      while (runtime_double_get_size (fixture->runtime) < sizes[i])
        runtime_double_add_refunded (fixture->runtime, "#W1", 5000);
      head = get_head (fixture, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (head->seen, ==, seen);
      runtime_double_add_refunded (fixture->runtime, "#W2", 5000);
      begin_anew (fixture);
      air_client_get_receipt_async (fixture->client, 0, NULL, keep_result, &result);
      wait_until (result != NULL);
      receipt = air_client_get_receipt_finish (fixture->client, result, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (receipt->head->seen, ==, head->size);
      g_assert_cmpuint (receipt->head->size, >, head->size);
      seen = receipt->head->size;
      begin_anew (fixture);
    }
}

/* What one program saw, the next one remembers: a ledger that is another since is found out, whatever it signs. */
static void
test_forked (Fixture *fixture, gconstpointer data)
{
  static const struct {
    RuntimeDoubleLie lie;
    gboolean grows;
    const char *words;
  } rows[] = {
    { RUNTIME_DOUBLE_ROLLED_BACK, FALSE, "cut back" },    { RUNTIME_DOUBLE_FORKED, FALSE, "forked" },
    { RUNTIME_DOUBLE_FORKED, TRUE, "do not begin with" }, { RUNTIME_DOUBLE_CHANGES_TILE, TRUE, "do not begin with" },
    { RUNTIME_DOUBLE_OTHER_KEY, FALSE, "signed by" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AirLedgerHead) first = NULL, lied = NULL, after = NULL;
      g_autoptr (GAsyncResult) result = NULL;
      g_autofree char *path = NULL;

      runtime_double_set_lie (fixture->runtime, RUNTIME_DOUBLE_HONEST);
      runtime_double_add_refunded (fixture->runtime, "#W1", 5000);
      first = get_head (fixture, &error);
      g_assert_no_error (error);
      begin_anew (fixture);
      if (rows[i].grows)
        runtime_double_add_refunded (fixture->runtime, "#W2", 5000);
      runtime_double_set_lie (fixture->runtime, rows[i].lie);
      lied = get_head (fixture, &error);
      g_assert_null (lied);
      g_assert_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED);
      if (strstr (error->message, rows[i].words) == NULL)
        g_error ("row %u: %s", i, error->message);
      path = find_memory ();
      g_assert_true (strstr (error->message, path) != NULL || rows[i].lie == RUNTIME_DOUBLE_OTHER_KEY);
      g_clear_error (&error);
      /* A receipt under such a head proves nothing either. */
      air_client_get_receipt_async (fixture->client, 2, NULL, keep_result, &result);
      wait_until (result != NULL);
      g_assert_null (air_client_get_receipt_finish (fixture->client, result, &error));
      g_assert_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED);
      g_clear_error (&error);
      /* And is not what is remembered. */
      begin_anew (fixture);
      runtime_double_set_lie (fixture->runtime, RUNTIME_DOUBLE_HONEST);
      after = get_head (fixture, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (after->seen, ==, first->size);
    }
}

/* A memory that was damaged does not make a ledger new again. */
static void
test_spoilt_memory (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = NULL, *text = NULL, *root = NULL;
  g_autoptr (AirLedgerHead) first = NULL;
  g_autoptr (GError) error = NULL;

  runtime_double_add_refunded (fixture->runtime, "#W1", 5000);
  first = get_head (fixture, &error);
  g_assert_no_error (error);
  path = find_memory ();
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  root = g_base64_encode (first->root.bytes, sizeof first->root.bytes);
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (GString) spoilt = g_string_new (text);
      g_autoptr (AirLedgerHead) head = NULL;

      if (i == 0)
        g_string_truncate (spoilt, 0);
      else if (i == 1)
        g_string_truncate (spoilt, spoilt->len / 2);
      else if (i == 2)
        spoilt->str[strstr (spoilt->str, root) - spoilt->str] ^= 1;
      else if (i == 3)
        g_string_replace (spoilt, "\"v\":1", "\"v\":2", 1);
      else
        g_string_replace (spoilt, "\"key\"", "\"kay\"", 1);
      g_assert_true (g_file_set_contents (path, spoilt->str, -1, NULL));
      begin_anew (fixture);
      head = get_head (fixture, &error);
      g_assert_null (head);
      g_assert_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED);
      g_assert_nonnull (strstr (error->message, path));
      g_clear_error (&error);
    }
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* --- lists and events --------------------------------------------------- */

static void
test_lists (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AirEventStream) stream = air_event_stream_new (fixture->client);
  g_autoptr (AirRunList) runs = air_run_list_new (fixture->client, stream, NULL);
  g_autoptr (AirGateList) gates = air_gate_list_new (fixture->client, stream);
  const char *waiting = NULL;
  g_autofree char *event = NULL;
  g_autoptr (AirRunItem) first = NULL;
  g_autoptr (AirGateItem) gate = NULL;

  for (int i = 0; i < 130; i++)
    runtime_double_add_refunded (fixture->runtime, "#W1", 5000);
  waiting = runtime_double_add_waiting (fixture->runtime, "#W2", 45000, 2);
  air_event_stream_start (stream);
  wait_until (air_event_stream_get_state (stream) == AIR_EVENT_STREAM_LIVE);
  wait_until (!air_collection_get_loading (AIR_COLLECTION (runs))
              && g_list_model_get_n_items (G_LIST_MODEL (runs)) > 0);
  wait_until (!air_collection_get_loading (AIR_COLLECTION (gates)));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (runs)), ==, 100);
  g_assert_true (air_run_list_get_has_more (runs));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (gates)), ==, 1);
  gate = g_list_model_get_item (G_LIST_MODEL (gates), 0);
  g_assert_cmpstr (air_gate_item_get_summary (gate), ==, "Refund the payment");
  g_assert_cmpint (air_gate_item_get_amount_minor (gate), ==, 45000);
  g_assert_cmpstr (air_gate_item_get_currency (gate), ==, "usd");
  first = g_list_model_get_item (G_LIST_MODEL (runs), 0);
  g_assert_cmpstr (air_run_item_get_id (first), ==, waiting);
  g_assert_cmpstr (air_run_item_get_waiting_on (first), ==, "approval");

  air_run_list_load_more (runs);
  wait_until (!air_collection_get_loading (AIR_COLLECTION (runs)));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (runs)), ==, 131);
  g_assert_false (air_run_list_get_has_more (runs));

  /* A decided gate leaves at once; the run's item changes in place; a new run comes first. */
  event = g_strdup_printf ("{\"gate\":\"%s/approval\",\"state\":\"approved\"}", waiting);
  runtime_double_emit (fixture->runtime, "gate", event);
  wait_until (g_list_model_get_n_items (G_LIST_MODEL (gates)) == 0);
  g_free (event);
  event = g_strdup_printf ("{\"id\":\"%s\",\"state\":\"running\"}", waiting);
  runtime_double_emit (fixture->runtime, "run", event);
  wait_until (g_strcmp0 (air_run_item_get_state (first), "running") == 0);
  g_assert_null (air_run_item_get_waiting_on (first));
  runtime_double_emit (fixture->runtime, "run", "{\"id\":\"NEW\",\"state\":\"received\"}");
  wait_until (g_list_model_get_n_items (G_LIST_MODEL (runs)) == 132);
  air_event_stream_stop (stream);
  wait_until (!g_main_context_pending (NULL));
}

static void
test_reconnect (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AirEventStream) stream = air_event_stream_new (fixture->client);
  g_autoptr (AirRunList) runs = air_run_list_new (fixture->client, stream, NULL);

  air_event_stream_start (stream);
  wait_until (air_event_stream_get_state (stream) == AIR_EVENT_STREAM_LIVE);
  wait_until (!air_collection_get_loading (AIR_COLLECTION (runs)));
  runtime_double_stop (fixture->runtime);
  wait_until (air_event_stream_get_state (stream) == AIR_EVENT_STREAM_WAITING);
  g_assert_nonnull (air_event_stream_get_error (stream));
  /* What happens meanwhile is there after the reconnection, though no event told of it. */
  runtime_double_add_refunded (fixture->runtime, "#W1", 5000);
  runtime_double_restart (fixture->runtime);
  air_event_stream_retry_now (stream);
  wait_until (air_event_stream_get_state (stream) == AIR_EVENT_STREAM_LIVE);
  g_assert_null (air_event_stream_get_error (stream));
  wait_until (g_list_model_get_n_items (G_LIST_MODEL (runs)) == 1);
  air_event_stream_stop (stream);
  g_assert_cmpint (air_event_stream_get_state (stream), ==, AIR_EVENT_STREAM_STOPPED);
  wait_until (!g_main_context_pending (NULL));
}

/* --- profiles ----------------------------------------------------------- */

static void
test_profiles (void)
{
  static const struct {
    const char *text;
    const char *says;
  } cases[] = {
    { "[]", "a profile is a JSON object" },
    { "{\"url\":\"https://a:1\"}", "\"ca\" is missing" },
    { "{\"url\":\"http://a:1\",\"ca\":\"-----BEGIN CERTIFICATE-----\",\"certificate\":\"c\",\"private_key\":\"k\"}",
      "write it as https://HOST:PORT" },
    { "{\"url\":\"https://a:1\",\"ca\":\"none.pem\",\"certificate\":\"c\",\"private_key\":\"k\"}", "none.pem" },
    { "{\"url\":\"https://a:1\",\"ca\":\"-----BEGIN X\",\"certificate\":\"c\",\"private_key\":\"k\"}",
      "holds no PEM certificate" },
    { "{\"urls\":\"https://a:1\"}", "has no \"urls\"" },
    { "{\"url\":\"a\",\"url\":\"b\"}", "duplicate" },
  };
  g_autofree char *folder = g_dir_make_tmp ("profile-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "p.json", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (path, cases[i].text, -1, NULL));
      g_assert_null (air_client_profile_load (path, &error));
      g_assert_nonnull (error);
      if (strstr (error->message, cases[i].says) == NULL)
        g_error ("case %zu: \"%s\" does not say \"%s\"", i, error->message, cases[i].says);
    }
  g_remove (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
#define ADD(path, func) g_test_add (path, Fixture, NULL, setup, func, teardown)
  ADD ("/client/get", test_get);
  ADD ("/client/problem", test_problem);
  ADD ("/client/keep-alive", test_keep_alive);
  ADD ("/client/cancel", test_cancel);
  ADD ("/client/unreachable", test_unreachable);
  ADD ("/client/other-authority", test_other_authority);
  ADD ("/client/gate/decide", test_decide);
  ADD ("/client/gate/lies", test_lying_gate);
  ADD ("/client/detours", test_detours);
  ADD ("/client/gate/expired", test_expired_gate_is_not_signed);
  ADD ("/client/receipt/all", test_receipts_all);
  ADD ("/client/receipt/lies", test_lying_ledger);
  ADD ("/client/gate/at-another-step", test_gate_at_another_step);
  ADD ("/client/head/rolled-back", test_rolled_back);
  ADD ("/client/head/grown", test_grown);
  ADD ("/client/head/forked", test_forked);
  ADD ("/client/head/spoilt-memory", test_spoilt_memory);
  ADD ("/client/lists", test_lists);
  ADD ("/client/events/reconnect", test_reconnect);
  g_test_add_func ("/client/profiles", test_profiles);
  return g_test_run ();
}
