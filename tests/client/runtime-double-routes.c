/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "runtime-double"

#include "config.h"

#include "runtime-double-private.h"

#include "base/air-clock.h"
#include "base/air-json.h"
#include "ledger/air-checkpoint.h"
#include "ledger/air-decision.h"
#include "ledger/air-proof.h"
#include "ledger/air-tiles.h"
#include "policy/air-gate-edit.h"

#define ORIGIN "airails.example/demo/refunds"

static void
refuse (AirRequest *request, guint status, const char *slug, const char *mend, const char *detail)
{
  air_request_respond_problem (request, air_problem_new (status, slug, mend, "%s", detail));
}

static DoubleRun *
find_run (RuntimeDouble *self, AirRequest *request)
{
  const char *id = air_request_get_param (request, "run");

  for (guint i = 0; i < self->runs->len; i++)
    if (g_strcmp0 (((DoubleRun *) self->runs->pdata[i])->id, id) == 0)
      return self->runs->pdata[i];
  refuse (request, 404, "no-such-run", "list the runs with GET /v1/runs", "there is no such run here");
  return NULL;
}

static AirValue *
run_value (DoubleRun *run)
{
  AirValue *value = air_map_new ();

  air_map_set_string (value, "id", run->id);
  air_map_set_string (value, "state", run->state);
  if (run->waiting_on != NULL)
    air_map_set_string (value, "waiting_on", run->waiting_on);
  if (run->outcome != NULL)
    air_map_set_string (value, "outcome", run->outcome);
  air_map_set_string (value, "started", run->started);
  air_map_set_int (value, "entries", run->entries->len);
  return value;
}

static void
runs_cb (AirRequest *request, gpointer data)
{
  RuntimeDouble *self = data;
  const char *limit_text = air_request_get_query (request, "limit"),
             *cursor = air_request_get_query (request, "cursor");
  const char *state = air_request_get_query (request, "state");
  guint limit = limit_text != NULL ? (guint) g_ascii_strtoull (limit_text, NULL, 10) : 100;
  guint start = cursor != NULL ? (guint) g_ascii_strtoull (cursor, NULL, 10) : 0;
  AirValue *page = air_map_new (), *items = air_list_new ();
  guint i;

  for (i = start; i < self->runs->len && air_list_get_size (items) < limit; i++)
    {
      DoubleRun *run = self->runs->pdata[self->runs->len - 1 - i];

      if (state == NULL || g_strcmp0 (state, run->state) == 0)
        air_list_append (items, run_value (run));
    }
  air_map_set (page, "items", items);
  if (i < self->runs->len)
    {
      g_autofree char *next = g_strdup_printf ("%u", i);

      air_map_set_string (page, "next", next);
    }
  else
    air_map_set (page, "next", air_value_new_null ());
  air_request_respond_value (request, 200, page);
  air_value_unref (page);
}

static void
run_cb (AirRequest *request, gpointer data)
{
  DoubleRun *run = find_run (data, request);
  g_autoptr (AirValue) value = NULL;

  if (run == NULL)
    return;
  value = run_value (run);
  air_request_respond_value (request, 200, value);
}

static AirValue *
entry_value (RuntimeDouble *self, guint64 index)
{
  AirSealedEntry *entry = self->entries->pdata[index];
  AirValue *value = air_map_new (), *texts = air_list_new ();
  gsize length;
  const char *leaf = g_bytes_get_data (entry->leaf, &length);
  g_autofree char *hash = air_digest_to_hex (&entry->hash);

  for (guint i = 0; entry->disclosures != NULL && i < entry->disclosures->len; i++)
    air_list_append (texts, air_value_new_string (entry->disclosures->pdata[i]));
  air_map_set_int (value, "index", (gint64) index);
  air_map_set (value, "leaf", air_value_new_string_len (leaf, length));
  air_map_set_string (value, "leaf_hash", hash);
  air_map_set (value, "disclosures", texts);
  return value;
}

static void
entries_cb (AirRequest *request, gpointer data)
{
  RuntimeDouble *self = data;
  DoubleRun *run = find_run (self, request);
  g_autoptr (AirValue) page = NULL;
  AirValue *items;

  if (run == NULL)
    return;
  page = air_map_new ();
  items = air_list_new ();
  for (guint i = 0; i < run->entries->len; i++)
    air_list_append (items, entry_value (self, g_array_index (run->entries, guint64, i)));
  air_map_set (page, "items", items);
  air_map_set (page, "next", air_value_new_null ());
  air_request_respond_value (request, 200, page);
}

static gboolean
is_waiting (DoubleRun *run)
{
  return run->gate_index >= 0 && g_strcmp0 (run->waiting_on, "approval") == 0;
}

/* As the runtime does: the action that moves money speaks for the request. */
static void
add_summary (AirValue *item, AirValue *action)
{
  for (gsize i = 0; i < air_list_get_size (action); i++)
    {
      AirValue *one = air_list_get (action, i), *input = air_map_get_map (one, "input");
      gint64 amount = input != NULL ? air_map_get_int (input, "amount_minor", 0) : 0;

      if (amount == 0)
        continue;
      air_map_set_int (item, "amount_minor", amount);
      air_map_set_string (item, "currency", air_map_get_string (input, "currency"));
      air_map_set_string (item, "summary", air_map_get_string (one, "title"));
    }
}

static void
gates_cb (AirRequest *request, gpointer data)
{
  RuntimeDouble *self = data;
  g_autoptr (AirValue) page = air_map_new ();
  AirValue *items = air_list_new ();

  for (guint i = 0; i < self->runs->len; i++)
    {
      DoubleRun *run = self->runs->pdata[i];
      g_autofree char *id = g_strconcat (run->id, "/approval", NULL);
      AirValue *item;

      if (!is_waiting (run))
        continue;
      item = air_map_new ();
      air_map_set_string (item, "gate", id);
      air_map_set_string (item, "title", "Approval by people");
      air_map_set_string (item, "state", "waiting");
      air_map_set_int (item, "counted", run->counted);
      air_map_set_int (item, "quorum", run->quorum);
      air_map_set_string (item, "deadline", run->deadline);
      add_summary (item, run->action);
      air_list_append (items, item);
    }
  air_map_set (page, "items", items);
  air_map_set (page, "next", air_value_new_null ());
  air_request_respond_value (request, 200, page);
}

static gboolean
is_excluded (AirRequest *request)
{
  return g_strcmp0 (air_request_get_peer (request), "airails://demo/people/dora") == 0;
}

static void
apply_lie (RuntimeDouble *self, DoubleRun *run, AirValue *requested, AirValue *disclosures)
{
  if (self->lie == RUNTIME_DOUBLE_CHANGES_LEAF)
    {
      g_autofree char *leaf = g_strdup (air_map_get_string (requested, "leaf"));
      char *quorum = strstr (leaf, "\"quorum\":");

      quorum[9] = '9';
      air_map_set_string (requested, "leaf", leaf);
    }
  if (self->lie == RUNTIME_DOUBLE_SHOWS_OTHER_ACTION)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AirValue) disclosure = NULL;
      AirChainHead head = { 0 };
      g_autoptr (AirValue) members = air_map_new (), disclosed = air_map_new ();
      g_autoptr (AirSealedEntry) other = NULL;

      air_map_set (disclosed, "action", air_value_ref (run->other_action));
      other = air_entry_seal (&head, run->id, AIR_ENTRY_HUMAN_GATE_REQUESTED, members, disclosed, self->now_us,
                              air_seeded_random_get (self->random), &error);
      g_assert_no_error (error);
      air_list_append (disclosures, air_value_new_string (other->disclosures->pdata[0]));
    }
}

static void
gate_cb (AirRequest *request, gpointer data)
{
  RuntimeDouble *self = data;
  DoubleRun *run = find_run (self, request);
  AirValue *value, *requested, *disclosures, *may;
  const char *digest;
  g_autoptr (AirEntry) entry = NULL;
  g_autofree char *id = NULL;
  AirSealedEntry *sealed;

  if (run == NULL)
    return;
  if (self->lie == RUNTIME_DOUBLE_SHOWS_OTHER_GATE)
    run = self->runs->pdata[run == self->runs->pdata[0] ? 1 : 0];
  if (run->gate_index < 0)
    {
      refuse (request, 404, "no-such-gate", "list the gates with GET /v1/gates", "this run has no such gate");
      return;
    }
  sealed = self->entries->pdata[run->gate_index];
  entry = air_entry_parse (sealed->leaf, NULL);
  digest = air_map_get_string (air_entry_get_members (entry), "action_digest");
  id = g_strconcat (run->id, "/approval", NULL);
  value = air_map_new ();
  requested = entry_value (self, (guint64) run->gate_index);
  disclosures = air_list_new ();
  for (guint i = 0; i < sealed->disclosures->len; i++)
    if (i > 0 || (self->lie != RUNTIME_DOUBLE_SHOWS_OTHER_ACTION && self->lie != RUNTIME_DOUBLE_HIDES_ACTION))
      air_list_append (disclosures, air_value_new_string (sealed->disclosures->pdata[i]));
  apply_lie (self, run, requested, disclosures);
  may = air_map_new ();
  air_map_set_bool (may, "allowed", is_waiting (run) && !is_excluded (request));
  if (is_excluded (request))
    air_map_set_string (may, "reason", "You designed this workflow; another person must decide (separation of duties)");
  else if (!is_waiting (run))
    air_map_set_string (may, "reason", "This gate is decided");
  air_map_set_string (value, "gate", id);
  air_map_set_string (value, "state", is_waiting (run) ? "waiting" : "approved");
  air_map_set (value, "requested", requested);
  air_map_set (value, "action",
               air_value_ref (self->lie == RUNTIME_DOUBLE_SHOWS_OTHER_ACTION ? run->other_action : run->action));
  air_map_set_string (value, "action_digest", digest);
  air_map_set (value, "disclosures", disclosures);
  air_map_set (value, "why", air_value_ref (run->why));
  air_map_set_int (value, "quorum", run->quorum);
  air_map_set_int (value, "counted", run->counted);
  air_map_set_string (value, "role", "approver");
  air_map_set_string (value, "deadline", run->deadline);
  air_map_set_string (value, "on_expiry", "deny");
  air_map_set (value, "decisions", air_value_ref (run->decisions));
  air_map_set (value, "may_decide", may);
  air_request_respond_value (request, 200, value);
  air_value_unref (value);
}

static void
record_decision (RuntimeDouble *self, DoubleRun *run, AirDecision *decision, const char *actor, AirValue *answer)
{
  gboolean edited = g_strcmp0 (decision->decision, "edit") == 0;
  gboolean asks = g_strcmp0 (decision->decision, "request-info") == 0;
  gboolean approved = edited || g_strcmp0 (decision->decision, "approve") == 0;
  gboolean settled;
  AirValue *members = air_map_new (), *disclosed = air_map_new (), *known;
  g_autofree char *id = g_strconcat (run->id, "/approval", NULL), *event = NULL;
  const char *outcome;
  guint64 index;

  run->counted += !asks;
  settled = !asks && (!approved || run->counted >= run->quorum);
  outcome = asks ? "waiting" : !approved ? "denied" : settled ? "approved" : "waiting";
  air_map_set_string (members, "node", "approval");
  air_map_set_string (members, "gate", id);
  air_map_set_string (members, "decision", decision->decision);
  air_map_set_string (members, "actor", actor);
  air_map_set_string (members, "role", decision->role);
  air_map_set_bool (members, "counted", TRUE);
  air_map_set_int (members, "quorum", run->quorum);
  air_map_set_string (members, "outcome", outcome);
  air_map_set_string (disclosed, "reason", decision->reason);
  index = runtime_double_append (self, run, AIR_ENTRY_HUMAN_GATE_DECISIONED, members, disclosed);
  known = air_map_new ();
  air_map_set_string (known, "actor", actor);
  air_map_set_string (known, "decision", decision->decision);
  air_map_set_bool (known, "counted", TRUE);
  air_list_append (run->decisions, known);
  air_map_set_string (answer, "outcome", outcome);
  air_map_set_int (answer, "counted", run->counted);
  air_map_set_int (answer, "quorum", run->quorum);
  air_map_set_int (answer, "index", (gint64) index);
  if (settled)
    runtime_double_carry_on (self, run, approved);
  event = g_strdup_printf ("{\"gate\":\"%s\",\"state\":\"%s\",\"counted\":%d,\"quorum\":%d}", id, outcome, run->counted,
                           run->quorum);
  runtime_double_emit (self, "gate", event);
  runtime_double_emit_run (self, run);
}

static void
decide_cb (AirRequest *request, gpointer data)
{
  RuntimeDouble *self = data;
  DoubleRun *run = find_run (self, request);
  g_autofree char *text = NULL;
  gsize length;
  g_autoptr (AirDecision) decision = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) answer = NULL;

  if (run == NULL)
    return;
  text = air_jcs_write (air_request_get_json (request), &length, NULL);
  if (is_excluded (request))
    {
      refuse (request, 403, "excluded", "ask another approver", "you designed this workflow");
      return;
    }
  if (!is_waiting (run))
    {
      refuse (request, 409, "decided", "look at the run", "this gate is decided");
      return;
    }
  decision = air_decision_open (text, length, self->enrolled, &error);
  if (decision == NULL)
    {
      refuse (request, 422, "bad-decision", "sign with your enrolled key", error->message);
      return;
    }
  if (!air_digest_equal (&decision->request, &((AirSealedEntry *) self->entries->pdata[run->gate_index])->hash))
    {
      refuse (request, 409, "stale", "look at the gate again", "the decision is about another request");
      return;
    }
  if (decision->edits != NULL)
    {
      AirSealedEntry *sealed = self->entries->pdata[run->gate_index];
      g_autoptr (AirEntry) entry = air_entry_parse (sealed->leaf, NULL);
      g_autoptr (AirValue) changed = air_gate_edit_apply (
          run->action, air_map_get_map (air_entry_get_members (entry), "edit"), decision->edits, &error);
      g_autofree char *digest = changed != NULL ? air_gate_edit_digest (changed) : NULL;

      if (digest == NULL || g_strcmp0 (digest, decision->edited_digest) != 0)
        {
          refuse (request, 422, "gate.edit-not-allowed", "change what the policy lets you",
                  error != NULL ? error->message : "what was signed is not what the edit makes");
          return;
        }
      g_clear_pointer (&self->edited, air_value_unref);
      self->edited = g_steal_pointer (&changed);
    }
  g_set_str (&self->decision, decision->decision);
  g_set_str (&self->reason, decision->reason);
  answer = air_map_new ();
  record_decision (self, run, decision, air_request_get_peer (request), answer);
  air_request_respond_value (request, 200, answer);
}

static void
workflow_cb (AirRequest *request, gpointer data)
{
  RuntimeDouble *self = data;
  g_autoptr (AirValue) value = air_map_new ();

  air_map_set (value, "source", air_json_parse (self->workflow, strlen (self->workflow), NULL));
  air_map_set (value, "plan", air_value_ref (self->plan));
  air_map_set_string (value, "artifact", "sha256:5b1f0c9f3a7e4d2286a0c4e1f7b9d83520c6ea41978bd35f60e7a2c91d48b3f6");
  air_request_respond_value (request, 200, value);
}

static void
health_cb (AirRequest *request, gpointer data)
{
  RuntimeDouble *self = data;
  g_autoptr (AirValue) value = air_map_new ();

  if (self->lie == RUNTIME_DOUBLE_REDIRECTS)
    {
      air_request_set_header (request, "Location", "/v1/workflow");
      air_request_respond_text (request, 307, "text/plain", "there");
      return;
    }
  if (self->lie == RUNTIME_DOUBLE_COMPRESSES)
    {
      g_autoptr (GConverter) gzip = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9));
      g_autofree char *text = g_strnfill (1024 * 1024, ' ');
      g_autoptr (GBytes) plain = NULL, packed = NULL;
      g_autoptr (GError) error = NULL;

      memcpy (text, "{}", 2);
      plain = g_bytes_new (text, 1024 * 1024);
      packed = g_converter_convert_bytes (gzip, plain, &error);
      g_assert_no_error (error);
      air_request_set_header (request, "Content-Encoding", "gzip");
      air_request_respond_bytes (request, 200, "application/json", packed);
      return;
    }
  air_map_set_string (value, "status", "ok");
  air_request_respond_value (request, 200, value);
}

/* --- the ledger --------------------------------------------------------- */

static AirMemoryTree *
tree_of (RuntimeDouble *self)
{
  return self->lie == RUNTIME_DOUBLE_FORKED ? self->forked : self->tree;
}

static char *
head_note (RuntimeDouble *self)
{
  guint64 size = self->entries->len - (self->lie == RUNTIME_DOUBLE_ROLLED_BACK);
  AirDigest root;
  g_autoptr (AirCheckpoint) checkpoint = NULL;
  char *note;
  g_autoptr (GError) error = NULL;

  air_tree_root_at (air_memory_tree_get_reader (tree_of (self)), size, &root, &error);
  g_assert_no_error (error);
  checkpoint = air_checkpoint_new (ORIGIN, size, &root);
  note = air_checkpoint_sign (checkpoint, self->lie == RUNTIME_DOUBLE_OTHER_KEY ? self->other_log_key : self->log_key,
                              &error);

  g_assert_no_error (error);
  if (self->lie == RUNTIME_DOUBLE_UNSIGNED_HEAD)
    *strchr (note, '=') = 'A';
  return note;
}

static void
checkpoint_cb (AirRequest *request, gpointer data)
{
  g_autofree char *note = head_note (data);

  air_request_respond_text (request, 200, "text/plain; charset=utf-8", note);
}

static void
key_cb (AirRequest *request, gpointer data)
{
  RuntimeDouble *self = data;
  g_autoptr (AirVkey) key =
      air_vkey_new (ORIGIN, AIR_NOTE_KEY_ED25519, air_private_key_get_public (self->log_key), NULL);
  g_autofree char *text = air_vkey_to_string (key), *line = g_strconcat (text, "\n", NULL);

  air_request_respond_text (request, 200, "text/plain; charset=utf-8", line);
}

static void
proof_cb (AirRequest *request, gpointer data)
{
  RuntimeDouble *self = data;
  const char *text = air_request_get_query (request, "index");
  guint64 index = text != NULL ? g_ascii_strtoull (text, NULL, 10) : G_MAXUINT64;
  g_autoptr (GArray) hashes = NULL;
  g_autoptr (AirProof) proof = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *note = NULL, *file = NULL;

  if (index >= self->entries->len)
    {
      refuse (request, 404, "no-such-entry", "ask for a number below the ledger's size",
              "the ledger has no such entry");
      return;
    }
  note = head_note (self);
  hashes = air_tree_prove_inclusion (air_memory_tree_get_reader (tree_of (self)),
                                     self->lie == RUNTIME_DOUBLE_WRONG_PROOF ? (index + 1) % self->entries->len : index,
                                     self->entries->len, &error);
  g_assert_no_error (error);
  proof = air_proof_new (index, (const AirDigest *) hashes->data, hashes->len, note, NULL);
  file = air_proof_write (proof);
  air_request_respond_text (request, 200, "text/plain; charset=utf-8", file);
}

static void
tile_cb (AirRequest *request, gpointer data)
{
  RuntimeDouble *self = data;
  AirTilePath path;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) leaves = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GBytes) bundle = NULL;

  if (!air_tile_path_parse (air_request_get_param (request, "path"), &path, &error)
      || path.width > air_tile_width_at (path.entries ? 0 : path.level, path.index, self->entries->len))
    {
      refuse (request, 404, "no-such-tile", "ask for a tile of the present tree",
              error != NULL ? error->message : "no such tile");
      return;
    }
  if (!path.entries)
    {
      g_autofree guint8 *copy = NULL;
      gsize length;

      bundle = air_tile_read (&path, air_memory_tree_get_reader (tree_of (self)), &error);
      g_assert_no_error (error);
      copy = g_memdup2 (g_bytes_get_data (bundle, &length), g_bytes_get_size (bundle));
      length = g_bytes_get_size (bundle);
      copy[length - 1] ^= self->lie == RUNTIME_DOUBLE_CHANGES_TILE;
      g_bytes_unref (bundle);
      bundle = g_bytes_new (copy, length);
      air_request_respond_bytes (request, 200, "application/octet-stream", bundle);
      return;
    }
  for (guint i = 0; i < path.width; i++)
    {
      GBytes *leaf = ((AirSealedEntry *) self->entries->pdata[path.index * AIR_TILE_WIDTH + i])->leaf;

      if (self->lie == RUNTIME_DOUBLE_CHANGES_ENTRY)
        {
          gsize length;
          char *copy = g_memdup2 (g_bytes_get_data (leaf, &length), g_bytes_get_size (leaf));
          char *type = g_strstr_len (copy, (gssize) g_bytes_get_size (leaf), "\"seq\":");

          length = g_bytes_get_size (leaf);
          type[6] = type[6] == '1' ? '2' : '1';
          g_ptr_array_add (leaves, g_bytes_new_take (copy, length));
        }
      else
        g_ptr_array_add (leaves, g_bytes_ref (leaf));
    }
  bundle = air_entry_bundle_write (leaves, &error);
  g_assert_no_error (error);
  air_request_respond_bytes (request, 200, "application/octet-stream", bundle);
}

/* --- events ------------------------------------------------------------- */

static void
sink_closed_cb (AirEventSink *sink, gpointer data)
{
  RuntimeDouble *self = data;

  g_ptr_array_remove (self->sinks, sink);
}

static void
events_cb (AirRequest *request, gpointer data)
{
  RuntimeDouble *self = data;
  AirEventSink *sink = air_request_respond_events (request);

  g_ptr_array_add (self->sinks, sink);
  air_event_sink_on_closed (sink, sink_closed_cb, self);
}

static const char *const list_query[] = { "limit", "cursor", "state", NULL };
static const char *const head_query[] = { "cosigned", NULL };
static const char *const proof_query[] = { "index", NULL };

const AirRoute runtime_double_routes[] = {
  { "GET", "/v1/health", 0, AIR_BODY_NONE, health_cb },
  { "GET", "/v1/workflow", 0, AIR_BODY_NONE, workflow_cb },
  { "GET", "/v1/runs", 0, AIR_BODY_NONE, runs_cb, NULL, list_query },
  { "GET", "/v1/runs/{run}", 0, AIR_BODY_NONE, run_cb },
  { "GET", "/v1/runs/{run}/entries", 0, AIR_BODY_NONE, entries_cb },
  { "GET", "/v1/gates", 0, AIR_BODY_NONE, gates_cb, NULL, list_query },
  { "GET", "/v1/gates/{run}/{node}", 0, AIR_BODY_NONE, gate_cb },
  { "POST", "/v1/gates/{run}/{node}/decisions", 0, AIR_BODY_JSON, decide_cb },
  { "GET", "/v1/ledger/checkpoint", 0, AIR_BODY_NONE, checkpoint_cb, NULL, head_query },
  { "GET", "/v1/ledger/key", 0, AIR_BODY_NONE, key_cb },
  { "GET", "/v1/ledger/proof", 0, AIR_BODY_NONE, proof_cb, NULL, proof_query },
  { "GET", "/v1/ledger/tile/{path...}", 0, AIR_BODY_NONE, tile_cb },
  { "GET", "/v1/events", 0, AIR_BODY_NONE, events_cb },
};
const gsize runtime_double_n_routes = G_N_ELEMENTS (runtime_double_routes);
