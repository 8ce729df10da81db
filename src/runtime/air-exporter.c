/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-exporter.h"

#include <string.h>

#include "ledger/air-bundle.h"
#include "ledger/air-checkpoint.h"
#include "ledger/air-entry.h"
#include "ledger/air-tlog-policy.h"
#include "runtime/air-tree-store.h"

/* Whatever of it can change is copied when it is asked for; the rest stays as it is for as long as the host does. */
typedef struct {
  AirExporter *exporter;
  char *run, *audience, *note;
  GBytes *stamp;        /* nullable */
  GPtrArray *witnesses; /* AirVkey */
  AirVkey *key;         /* the ledger's */
  AirTreeEdge edge;
  GArray *beside; /* guint64: entries of the system chains that belong to it */
  gint64 head;
  AirExported exported;
  gpointer user_data;
  GDestroyNotify free_user_data;
  GBytes *zip;
  GError *error;
} Job;

typedef struct {
  GSource parent;
  AirExporter *exporter;
} DoneSource;

struct _AirExporter {
  AirHost *host;
  const AirArtifactView *artifact;
  GQueue jobs; /* Job; the first is at work */
  GThread *thread;
  GSource *source;
  gint stop;
};

static void
job_free (Job *job)
{
  job->free_user_data (job->user_data);
  g_ptr_array_unref (job->witnesses);
  g_clear_pointer (&job->beside, g_array_unref);
  g_clear_pointer (&job->stamp, g_bytes_unref);
  g_clear_pointer (&job->key, air_vkey_free);
  g_clear_pointer (&job->zip, g_bytes_unref);
  g_clear_error (&job->error);
  g_free (job->run);
  g_free (job->audience);
  g_free (job->note);
  g_free (job);
}

/* --- in the thread --- */

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
static gboolean
note_key (GHashTable *keys, GBytes *leaf, GError **error)
{
  g_autoptr (AirEntry) entry = air_entry_parse (leaf, error);
  const AirValue *members;
  const char *id, *spki;
  g_autofree char *pem = NULL;
  AirPublicKey *key;

  if (entry == NULL)
    return FALSE;
  members = air_entry_get_members (entry);
  id = air_map_get_string (members, "key");
  spki = air_map_get_string (members, "spki");
  if (strcmp (air_entry_get_type_name (entry), AIR_ENTRY_KEY_ENROLLED) != 0 || id == NULL || spki == NULL)
    return TRUE;
  pem = g_strdup_printf ("-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n", spki);
  key = air_public_key_from_pem (pem, NULL);
  if (key != NULL)
    g_hash_table_insert (keys, g_strdup (id), key);
  return TRUE;
}

/* The keys of those who signed something in this run; a bundle names nobody else. */
static gboolean
add_approver (GHashTable *keys, AirBundleBuilder *builder, GBytes *leaf, GError **error)
{
  g_autoptr (AirEntry) entry = air_entry_parse (leaf, error);
  const char *id;

  if (entry == NULL)
    return FALSE;
  /* Decisions, and words on outcomes: no other entry of a run names a key. */
  id = air_map_get_string (air_entry_get_members (entry), "key");
  if (id != NULL && g_hash_table_contains (keys, id))
    {
      air_bundle_builder_add_approver (builder, g_hash_table_lookup (keys, id));
      g_hash_table_remove (keys, id);
    }
  return TRUE;
}

static gboolean
add_entries (Job *job, AirStore *store, AirBundleBuilder *builder, guint64 size, GError **error)
{
  g_autoptr (GHashTable) keys =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) air_public_key_unref);
  g_autoptr (GPtrArray) entries = air_store_read_instance (store, job->head, error);
  g_autofree AirTreeView *view = g_new (AirTreeView, 1);
  AirHashReader reader;

  if (entries == NULL)
    return FALSE;
  air_tree_view_init (view, store);
  view->edge = job->edge;
  reader = air_tree_view_get_reader (view);
  for (guint i = 0; i < job->beside->len; i++)
    {
      guint64 index = g_array_index (job->beside, guint64, i);
      g_autoptr (AirStoredEntry) stored = air_store_read_entry (store, index, error);

      if (stored == NULL || (index < size && !add_entry (builder, stored, &reader, size, error))
          || !note_key (keys, stored->leaf, error))
        return FALSE;
    }
  for (guint i = 0; i < entries->len && !g_atomic_int_get (&job->exporter->stop); i++)
    {
      const AirStoredEntry *stored = entries->pdata[i];

      if ((stored->index < size && !add_entry (builder, stored, &reader, size, error))
          || !add_approver (keys, builder, stored->leaf, error))
        return FALSE;
    }
  return TRUE;
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
make_bundle (Job *job, GError **error)
{
  const AirArtifactView *artifact = job->exporter->artifact;
  AirHost *host = job->exporter->host;
  g_autofree char *policy = NULL;
  g_autoptr (AirCheckpoint) checkpoint = air_checkpoint_open (job->note, strlen (job->note), NULL, NULL, error);
  g_autoptr (AirStore) store = checkpoint != NULL ? air_host_open_store (host, error) : NULL;
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (AirBundleBuilder) builder = NULL;

  if (store == NULL)
    return NULL;
  builder = air_bundle_builder_new (job->run, job->note, job->audience);
  if (!add_entries (job, store, builder, checkpoint->size, error))
    return NULL;
  air_bundle_builder_add_key (builder, job->key);
  for (guint i = 0; i < job->witnesses->len; i++)
    air_bundle_builder_add_key (builder, job->witnesses->pdata[i]);
  policy = make_policy (job->key, job->witnesses, error);
  if (policy == NULL)
    return NULL;
  air_bundle_builder_set_policy (builder, policy);
  if (job->stamp != NULL)
    air_bundle_builder_set_timestamp (builder, job->stamp);
  if (artifact->manifest != NULL)
    air_bundle_builder_set_artifact (builder, artifact->manifest, artifact->config, artifact->signature,
                                     artifact->plan);
  if (g_atomic_int_get (&job->exporter->stop))
    {
      g_set_error_literal (error, AIR_HOST_ERROR, AIR_HOST_ERROR_LEDGER, "the runtime is stopping");
      return NULL;
    }
  files = air_bundle_builder_finish (builder, error);
  return files != NULL ? air_zip_write (files, error) : NULL;
}

static gpointer
exporter_thread (gpointer data)
{
  Job *job = data;

  job->zip = make_bundle (job, &job->error);
  g_source_set_ready_time (job->exporter->source, 0);
  return NULL;
}

/* --- the main context --- */

static void
begin_next (AirExporter *self)
{
  Job *job = g_queue_peek_head (&self->jobs);

  if (job != NULL && self->thread == NULL)
    self->thread = g_thread_new ("export", exporter_thread, job);
}

static gboolean
done_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  AirExporter *self = ((DoneSource *) source)->exporter;
  Job *job = g_queue_pop_head (&self->jobs);

  g_source_set_ready_time (source, -1);
  g_thread_join (g_steal_pointer (&self->thread));
  job->exported (job->zip, job->error, job->user_data);
  job_free (job);
  begin_next (self);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs done_funcs = { .dispatch = done_dispatch };

/**
 * air_exporter_new:
 * @host: borrowed
 * @artifact: borrowed; what bundles tell of the artifact
 *
 * Returns: (transfer full): an exporter with nothing to do
 */
AirExporter *
air_exporter_new (AirHost *host, const AirArtifactView *artifact)
{
  AirExporter *self = g_new0 (AirExporter, 1);

  self->host = host;
  self->artifact = artifact;
  self->source = g_source_new (&done_funcs, sizeof (DoneSource));
  ((DoneSource *) self->source)->exporter = self;
  g_source_attach (self->source, g_main_context_get_thread_default ());
  return self;
}

/* What the thread cannot ask for. The times of the first and the last entry say which epochs saw the run. */
static gboolean
prepare (AirExporter *self, Job *job, GError **error)
{
  gint64 from_us, to_us;
  guint64 redaction;

  air_writer_get_edge (air_host_get_writer (self->host), &job->edge);
  job->key = air_vkey_new (air_host_get_origin (self->host), AIR_NOTE_KEY_ED25519,
                           air_private_key_get_public (air_host_get_key (self->host)), error);
  if (job->key == NULL || !air_host_get_span (self->host, job->run, &job->head, &from_us, &to_us, error))
    return FALSE;
  job->beside = air_host_system_entries (self->host, from_us, to_us, error);
  if (job->beside == NULL)
    return FALSE;
  if (air_host_get_redaction (self->host, job->run, &redaction))
    g_array_append_val (job->beside, redaction);
  return TRUE;
}

/**
 * air_exporter_add:
 * @self: an exporter
 * @run: a run
 * @audience: who asks for it
 * @note: the head that is to prove it
 * @stamp: (nullable): an RFC 3161 token of @note
 * @witnesses: (element-type AirVkey): whose cosignatures @note carries
 * @exported: called once, unless the exporter is freed before
 * @take_user_data: (transfer full): for @exported
 * @free_user_data: for @take_user_data
 *
 * Makes the run's bundle as it is now.
 */
void
air_exporter_add (AirExporter *self,
                  const char *run,
                  const char *audience,
                  const char *note,
                  GBytes *stamp,
                  GPtrArray *witnesses,
                  AirExported exported,
                  gpointer take_user_data,
                  GDestroyNotify free_user_data)
{
  Job *job = g_new0 (Job, 1);

  job->exporter = self;
  job->run = g_strdup (run);
  job->audience = g_strdup (audience);
  job->note = g_strdup (note);
  job->stamp = stamp != NULL ? g_bytes_ref (stamp) : NULL;
  job->witnesses = g_ptr_array_new_with_free_func ((GDestroyNotify) air_vkey_free);
  for (guint i = 0; i < witnesses->len; i++)
    g_ptr_array_add (job->witnesses, air_vkey_copy (witnesses->pdata[i]));
  job->exported = exported;
  job->user_data = take_user_data;
  job->free_user_data = free_user_data;
  if (!prepare (self, job, &job->error))
    {
      job->exported (NULL, job->error, job->user_data);
      job_free (job);
      return;
    }
  g_queue_push_tail (&self->jobs, job);
  begin_next (self);
}

void
air_exporter_free (AirExporter *self)
{
  Job *job;

  g_atomic_int_set (&self->stop, 1);
  if (self->thread != NULL)
    g_thread_join (self->thread);
  while ((job = g_queue_pop_head (&self->jobs)) != NULL)
    job_free (job);
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_free (self);
}
