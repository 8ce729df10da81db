/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-api-private.h"

#include <string.h>

#include "ledger/air-bundle.h"
#include "ledger/air-checkpoint.h"
#include "ledger/air-tlog-policy.h"
#include "ledger/air-entry.h"
#include "runtime/air-tree-store.h"

typedef struct {
  AirApi *api;
  AirRequest *request;
  guint64 covers; /* entries a head must have to hold all of the run */
} Bundling;

static gboolean
add_entry (AirBundleBuilder *builder,
           const AirStoredEntry *stored,
           const AirHashReader *reader,
           guint64 size,
           GError **error)
{
  g_autoptr (GArray) proof = air_tree_prove_inclusion (reader, stored->index, size, error);

  if (proof == NULL)
    return FALSE;
  air_bundle_builder_add_entry (builder, stored->index, stored->leaf, stored->disclosures, proof);
  return TRUE;
}

/* A key as the ledger enrolled it: who has left since has signed all the same. */
static void
note_key (GHashTable *keys, const AirEntry *entry)
{
  const AirValue *members = air_entry_get_members (entry);
  const char *id = air_map_get_string (members, "key"), *spki = air_map_get_string (members, "spki");
  g_autofree char *pem = NULL;
  AirPublicKey *key;

  if (strcmp (air_entry_get_type_name (entry), AIR_ENTRY_KEY_ENROLLED) != 0 || id == NULL || spki == NULL)
    return;
  pem = g_strdup_printf ("-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n", spki);
  key = air_public_key_from_pem (pem, NULL);
  if (key != NULL)
    g_hash_table_insert (keys, g_strdup (id), key);
}

/* The keys of those who signed something in this run; a bundle names nobody else. */
static gboolean
add_approvers (AirBundleBuilder *builder, GPtrArray *entries, GHashTable *keys, GError **error)
{
  for (guint i = 0; i < entries->len; i++)
    {
      g_autoptr (AirEntry) entry = air_entry_parse (((AirStoredEntry *) entries->pdata[i])->leaf, error);
      const char *id;

      if (entry == NULL)
        return FALSE;
      /* Decisions, and words on outcomes: no other entry of a run names a key. */
      id = air_map_get_string (air_entry_get_members (entry), "key");
      if (id != NULL && g_hash_table_contains (keys, id))
        air_bundle_builder_add_approver (builder, g_hash_table_lookup (keys, id));
    }
  return TRUE;
}

static gboolean
add_entries (AirApi *self, AirBundleBuilder *builder, const char *run, GPtrArray *entries, guint64 size, GError **error)
{
  guint64 redaction;
  g_autofree AirTreeView *view = g_new (AirTreeView, 1);
  g_autoptr (GArray) system = NULL;
  g_autoptr (GHashTable) keys =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) air_public_key_unref);
  g_autoptr (AirEntry) first = NULL, last = NULL;
  AirHashReader reader;

  air_tree_view_init (view, air_host_get_store (self->host));
  air_writer_get_edge (air_host_get_writer (self->host), &view->edge);
  reader = air_tree_view_get_reader (view);
  first = air_entry_parse (((AirStoredEntry *) entries->pdata[0])->leaf, error);
  last = first != NULL ? air_entry_parse (((AirStoredEntry *) entries->pdata[entries->len - 1])->leaf, error) : NULL;
  if (last == NULL)
    return FALSE;
  system = air_host_system_entries (self->host, air_entry_get_time_us (first), air_entry_get_time_us (last), error);
  if (system == NULL)
    return FALSE;
  for (guint i = 0; i < system->len; i++)
    {
      guint64 index = g_array_index (system, guint64, i);
      g_autoptr (AirStoredEntry) stored = air_store_read_entry (air_host_get_store (self->host), index, error);
      g_autoptr (AirEntry) entry = stored != NULL ? air_entry_parse (stored->leaf, error) : NULL;

      if (entry == NULL || (index < size && !add_entry (builder, stored, &reader, size, error)))
        return FALSE;
      note_key (keys, entry);
    }
  if (air_host_get_redaction (self->host, run, &redaction) && redaction < size)
    {
      g_autoptr (AirStoredEntry) stored = air_store_read_entry (air_host_get_store (self->host), redaction, error);

      if (stored == NULL || !add_entry (builder, stored, &reader, size, error))
        return FALSE;
    }
  for (guint i = 0; i < entries->len; i++)
    {
      const AirStoredEntry *stored = entries->pdata[i];

      if (stored->index < size && !add_entry (builder, stored, &reader, size, error))
        return FALSE;
    }
  return add_approvers (builder, entries, keys, error);
}

/* The exporter's own policy: the log, and all the witnesses that cosigned this head. */
static char *
make_policy (const AirVkey *log, GPtrArray *witnesses, GError **error)
{
  g_autoptr (AirTlogPolicy) policy = air_tlog_policy_new ();
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  if (!air_tlog_policy_add_log (policy, log, NULL, error))
    return NULL;
  for (guint i = 0; i < witnesses->len; i++)
    {
      char *name = g_strdup_printf ("w%u", i + 1);

      g_ptr_array_add (names, name);
      if (!air_tlog_policy_add_witness (policy, name, witnesses->pdata[i], NULL, error))
        return NULL;
    }
  if (witnesses->len == 0)
    return air_tlog_policy_write (policy);
  g_ptr_array_add (names, NULL);
  if (!air_tlog_policy_add_group (policy, "witnesses", witnesses->len, (const char *const *) names->pdata, error)
      || !air_tlog_policy_set_quorum (policy, "witnesses", error))
    return NULL;
  return air_tlog_policy_write (policy);
}

static GBytes *
make_bundle (AirApi *self,
             const char *run,
             const char *audience,
             const char *note,
             GBytes *stamp,
             GPtrArray *witnesses,
             GError **error)
{
  g_autofree char *policy = NULL;
  g_autoptr (AirCheckpoint) checkpoint = air_checkpoint_open (note, strlen (note), NULL, NULL, error);
  g_autoptr (GPtrArray) entries = NULL, files = NULL;
  g_autoptr (AirBundleBuilder) builder = NULL;
  g_autoptr (AirVkey) key = NULL;

  if (checkpoint == NULL || (entries = air_host_read_entries (self->host, run, error)) == NULL)
    return NULL;
  builder = air_bundle_builder_new (run, note, audience);
  key = air_vkey_new (air_host_get_origin (self->host), AIR_NOTE_KEY_ED25519,
                      air_private_key_get_public (air_host_get_key (self->host)), error);
  if (key == NULL || !add_entries (self, builder, run, entries, checkpoint->size, error))
    return NULL;
  air_bundle_builder_add_key (builder, key);
  for (guint i = 0; i < witnesses->len; i++)
    air_bundle_builder_add_key (builder, witnesses->pdata[i]);
  policy = make_policy (key, witnesses, error);
  if (policy == NULL)
    return NULL;
  air_bundle_builder_set_policy (builder, policy);
  if (stamp != NULL)
    air_bundle_builder_set_timestamp (builder, stamp);
  if (self->artifact->manifest != NULL)
    air_bundle_builder_set_artifact (builder, self->artifact->manifest, self->artifact->config,
                                     self->artifact->signature, self->artifact->plan);
  files = air_bundle_builder_finish (builder, error);
  return files != NULL ? air_zip_write (files, error) : NULL;
}

static void
notarized_cb (const char *note, GBytes *stamp, GPtrArray *witnesses, gpointer user_data)
{
  g_autofree Bundling *bundling = user_data;
  g_autoptr (AirRequest) request = bundling->request;
  const char *run = air_request_get_param (request, "run");
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) zip = NULL;
  g_autofree char *name = NULL;

  zip = make_bundle (bundling->api, run, air_request_get_peer (request), note, stamp, witnesses, &error);
  if (zip == NULL)
    {
      air_api_not_readable (request, error);
      return;
    }
  name = g_strdup_printf ("attachment; filename=\"%s.zip\"", run);
  air_request_set_header (request, "Content-Disposition", name);
  air_request_respond_bytes (request, 200, "application/zip", zip);
}

static void
checkpoint_ready_cb (const char *note, const GError *failure, gpointer user_data)
{
  Bundling *bundling = user_data;
  AirNotary *notary = bundling->api->notary;
  g_autoptr (GPtrArray) nobody = g_ptr_array_new ();

  if (note == NULL)
    {
      air_api_not_readable (bundling->request, failure);
      air_request_unref (bundling->request);
      g_free (bundling);
    }
  else if (notary != NULL)
    air_notary_want (notary, note, bundling->covers, notarized_cb, bundling);
  else
    notarized_cb (note, NULL, nobody, bundling);
}

void
air_route_get_run_bundle (AirRequest *request, gpointer api)
{
  AirApi *self = api;
  const char *run = air_request_get_param (request, "run");
  g_autoptr (GError) error = NULL;
  g_autoptr (AirRunView) view = air_host_view (self->host, run, FALSE, &error);
  Bundling *bundling;
  guint64 redaction;

  if (view == NULL)
    {
      if (error != NULL)
        air_api_not_readable (request, error);
      else
        air_request_respond_problem (request, air_api_no_such_run (run));
      return;
    }
  bundling = g_new0 (Bundling, 1);
  bundling->api = self;
  bundling->request = air_request_ref (request);
  bundling->covers = (guint64) view->row->head + 1;
  if (air_host_get_redaction (self->host, run, &redaction))
    bundling->covers = MAX (bundling->covers, redaction + 1);
  air_host_checkpoint (self->host, checkpoint_ready_cb, bundling);
}
