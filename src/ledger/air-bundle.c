/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-bundle.h"

#include <string.h>

#include "air-bundle-private.h"
#include "air-ledger-private.h"
#include "air-proof.h"
#include "air-statement-private.h"
#include "air-tlog-policy.h"
#include "base/air-json.h"

#define FORMAT "airails:bundle/1"

static void
input_free (gpointer data)
{
  AirBundleInput *self = data;

  g_clear_pointer (&self->leaf, g_bytes_unref);
  g_clear_pointer (&self->disclosures, g_ptr_array_unref);
  g_clear_pointer (&self->proof, g_array_unref);
  g_free (self);
}

static void
item_free (gpointer data)
{
  AirBundleItem *self = data;

  g_clear_pointer (&self->entry, air_entry_free);
  g_clear_pointer (&self->disclosures, g_ptr_array_unref);
  g_clear_pointer (&self->opened, air_value_unref);
  g_clear_pointer (&self->proof, g_array_unref);
  g_free (self);
}

/**
 * air_bundle_builder_new:
 * @instance: the run to prove
 * @checkpoint: the signed note, with its cosignatures
 * @audience: whom the disclosures are for, say a person's URI
 *
 * Returns: (transfer full): a builder without entries
 */
AirBundleBuilder *
air_bundle_builder_new (const char *instance, const char *checkpoint, const char *audience)
{
  AirBundleBuilder *self = g_new0 (AirBundleBuilder, 1);

  self->instance = g_strdup (instance);
  self->checkpoint = g_strdup (checkpoint);
  self->audience = g_strdup (audience);
  self->inputs = g_ptr_array_new_with_free_func (input_free);
  self->items = g_ptr_array_new_with_free_func (item_free);
  self->keys = g_ptr_array_new_with_free_func ((GDestroyNotify) air_vkey_free);
  self->approvers = g_ptr_array_new_with_free_func ((GDestroyNotify) air_public_key_unref);
  self->attestation = g_ptr_array_new_with_free_func ((GDestroyNotify) air_file_free);
  return self;
}

void
air_bundle_builder_free (AirBundleBuilder *self)
{
  if (self == NULL)
    return;
  g_free (self->instance);
  g_free (self->checkpoint);
  g_free (self->audience);
  g_free (self->policy);
  g_ptr_array_unref (self->inputs);
  g_ptr_array_unref (self->items);
  g_ptr_array_unref (self->keys);
  g_ptr_array_unref (self->approvers);
  g_ptr_array_unref (self->attestation);
  g_clear_pointer (&self->timestamp, g_bytes_unref);
  g_clear_pointer (&self->artifact_manifest, g_bytes_unref);
  g_clear_pointer (&self->artifact_config, g_bytes_unref);
  g_clear_pointer (&self->artifact_signature, g_bytes_unref);
  g_clear_pointer (&self->plan, g_bytes_unref);
  g_free (self);
}

/**
 * air_bundle_builder_add_entry:
 * @self: a builder
 * @index: in the tree
 * @leaf: the exact bytes
 * @disclosures: (nullable) (element-type utf8): those this reader may see
 * @proof: (element-type AirDigest): inclusion in the checkpoint's tree
 *
 * All entries of the instance, and those of the system chain that show enrolments and epochs. In any order; checked by
 * air_bundle_builder_finish().
 */
void
air_bundle_builder_add_entry (AirBundleBuilder *self,
                              guint64 index,
                              GBytes *leaf,
                              GPtrArray *disclosures,
                              GArray *proof)
{
  AirBundleInput *input = g_new0 (AirBundleInput, 1);

  input->index = index;
  input->leaf = g_bytes_ref (leaf);
  input->disclosures = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; disclosures != NULL && i < disclosures->len; i++)
    g_ptr_array_add (input->disclosures, g_strdup (g_ptr_array_index (disclosures, i)));
  input->proof = g_array_copy (proof);
  g_ptr_array_add (self->inputs, input);
}

/**
 * air_bundle_builder_add_key:
 * @self: a builder
 * @key: the log's key or a witness's
 *
 * A key that is there already is not added again.
 */
void
air_bundle_builder_add_key (AirBundleBuilder *self, const AirVkey *key)
{
  for (guint i = 0; i < self->keys->len; i++)
    if (air_vkey_equal (g_ptr_array_index (self->keys, i), key))
      return;
  g_ptr_array_add (self->keys, air_vkey_copy (key));
}

/**
 * air_bundle_builder_add_approver:
 * @self: a builder
 * @key: the key of somebody who decided a gate of this run, or said what became of an action
 *
 * A key that is there already is not added again.
 */
void
air_bundle_builder_add_approver (AirBundleBuilder *self, AirPublicKey *key)
{
  if (air_bundle_find_approver (self, air_public_key_get_id (key)) == NULL)
    g_ptr_array_add (self->approvers, air_public_key_ref (key));
}

/**
 * air_bundle_builder_set_policy:
 * @self: a builder
 * @tlog_policy: the text of a C2SP tlog-policy, copied; checked by air_bundle_builder_finish()
 *
 * Without it: the first log key, and a quorum of none.
 */
void
air_bundle_builder_set_policy (AirBundleBuilder *self, const char *tlog_policy)
{
  g_set_str (&self->policy, tlog_policy);
}

static void
set_bytes (GBytes **slot, GBytes *bytes)
{
  g_clear_pointer (slot, g_bytes_unref);
  *slot = bytes != NULL ? g_bytes_ref (bytes) : NULL;
}

/**
 * air_bundle_builder_set_timestamp:
 * @self: a builder
 * @tsr: (nullable): a TimeStampResp (RFC 3161) over the checkpoint, DER
 */
void
air_bundle_builder_set_timestamp (AirBundleBuilder *self, GBytes *tsr)
{
  set_bytes (&self->timestamp, tsr);
}

/**
 * air_bundle_builder_set_artifact:
 * @self: a builder
 * @manifest: (nullable): the OCI image manifest, exact bytes
 * @config: (nullable): the deployment manifest
 * @signature: (nullable): see air_bundle_artifact_signature()
 * @plan: (nullable): the plan layer; with it the verifier knows every guard
 */
void
air_bundle_builder_set_artifact (AirBundleBuilder *self,
                                 GBytes *manifest,
                                 GBytes *config,
                                 GBytes *signature,
                                 GBytes *plan)
{
  set_bytes (&self->artifact_manifest, manifest);
  set_bytes (&self->artifact_config, config);
  set_bytes (&self->artifact_signature, signature);
  set_bytes (&self->plan, plan);
}

/**
 * air_bundle_builder_add_attestation:
 * @self: a builder
 * @session: the runtime's session, a folder in the bundle
 * @name: the file's name in it
 * @data: its bytes, written as they are: the verifier does not judge them
 */
void
air_bundle_builder_add_attestation (AirBundleBuilder *self, const char *session, const char *name, GBytes *data)
{
  g_autofree char *path = g_strdup_printf ("attestation/%s/%s", session, name);

  g_ptr_array_add (self->attestation, air_file_new (path, data));
}

/**
 * air_bundle_artifact_signature:
 * @payload: the simple-signing payload, exact bytes
 * @signature: ASN.1 DER
 * @key: the signer's
 * @error: return location
 *
 * Fails with an %AIR_JSON_ERROR as air_jcs_write_bytes() does.
 *
 * Returns: (transfer full): artifact/signature.json
 */
GBytes *
air_bundle_artifact_signature (GBytes *payload, GBytes *signature, AirPublicKey *key, GError **error)
{
  g_autoptr (AirValue) map = air_map_new ();
  g_autofree char *pem = air_public_key_to_pem (key);
  g_autofree char *payload_text = g_base64_encode (g_bytes_get_data (payload, NULL), g_bytes_get_size (payload));
  g_autofree char *signature_text = g_base64_encode (g_bytes_get_data (signature, NULL), g_bytes_get_size (signature));

  air_map_set_string (map, "key", pem);
  air_map_set_string (map, "payload", payload_text);
  air_map_set_string (map, "signature", signature_text);
  return air_jcs_write_bytes (map, error);
}

/* --- finding --------------------------------------------------------------- */

AirBundleItem *
air_bundle_find_by_hash (const AirBundleBuilder *self, const AirDigest *hash)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      AirBundleItem *item = g_ptr_array_index (self->items, i);

      if (air_digest_equal (air_entry_get_hash (item->entry), hash))
        return item;
    }
  return NULL;
}

AirPublicKey *
air_bundle_find_approver (const AirBundleBuilder *self, const char *key_id)
{
  for (guint i = 0; i < self->approvers->len; i++)
    {
      AirPublicKey *key = g_ptr_array_index (self->approvers, i);

      if (g_strcmp0 (air_public_key_get_id (key), key_id) == 0)
        return key;
    }
  return NULL;
}

const char *
air_bundle_item_get_envelope (const AirBundleItem *item)
{
  return air_statement_is_in (item->entry) ? air_map_get_string (item->opened, "envelope") : NULL;
}

char *
air_bundle_key_file_name (const AirVkey *key)
{
  return g_strdup_printf ("keys/%s-%08x.vkey",
                          air_vkey_get_key_type (key) == AIR_NOTE_KEY_COSIGNATURE ? "witness" : "log",
                          air_vkey_get_key_id (key));
}

/* --- writing ---------------------------------------------------------------- */

static void
add_file (GPtrArray *files, const char *name, GBytes *data)
{
  if (data != NULL)
    g_ptr_array_add (files, air_file_new (name, data));
}

static void
add_text (GPtrArray *files, const char *name, const char *text)
{
  g_autoptr (GBytes) data = g_bytes_new (text, strlen (text));

  add_file (files, name, data);
}

static int
compare_items (gconstpointer a, gconstpointer b)
{
  const AirBundleItem *left = *(AirBundleItem *const *) a, *right = *(AirBundleItem *const *) b;

  return (left->index > right->index) - (left->index < right->index);
}

static int
compare_files (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(AirFile *const *) a)->name, (*(AirFile *const *) b)->name);
}

/* Appends the files of @group to @files, by name. */
static void
add_group (GPtrArray *files, GPtrArray *group)
{
  g_ptr_array_sort (group, compare_files);
  for (guint i = 0; i < group->len; i++)
    {
      AirFile *file = g_ptr_array_index (group, i);

      add_file (files, file->name, file->data);
    }
}

static gboolean
read_items (AirBundleBuilder *self, GError **error)
{
  g_ptr_array_set_size (self->items, 0);
  for (guint i = 0; i < self->inputs->len; i++)
    {
      AirBundleInput *input = g_ptr_array_index (self->inputs, i);
      AirBundleItem *item = g_new0 (AirBundleItem, 1);

      g_ptr_array_add (self->items, item);
      item->index = input->index;
      item->disclosures = g_ptr_array_ref (input->disclosures);
      item->proof = g_array_ref (input->proof);
      item->entry = air_entry_parse (input->leaf, error);
      if (item->entry != NULL)
        item->opened = air_entry_open (item->entry, item->disclosures, error);
      if (item->opened == NULL)
        {
          g_prefix_error (error, "entries/%" G_GUINT64_FORMAT ".json: ", input->index);
          return FALSE;
        }
    }
  g_ptr_array_sort (self->items, compare_items);
  for (guint i = 1; i < self->items->len; i++)
    {
      AirBundleItem *item = g_ptr_array_index (self->items, i);

      if (item->index == ((AirBundleItem *) g_ptr_array_index (self->items, i - 1))->index)
        {
          g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_RANGE,
                       "entries/%" G_GUINT64_FORMAT ".json: the index comes twice", item->index);
          return FALSE;
        }
    }
  if (self->items->len == 0)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_RANGE, "the bundle of %s has no entries", self->instance);
      return FALSE;
    }
  return TRUE;
}

static GBytes *
write_disclosures (const AirBundleBuilder *self, GError **error)
{
  g_autoptr (AirValue) root = air_map_new ();
  AirValue *map = air_map_new ();

  for (guint i = 0; i < self->items->len; i++)
    {
      AirBundleItem *item = g_ptr_array_index (self->items, i);
      g_autofree char *index = g_strdup_printf ("%" G_GUINT64_FORMAT, item->index);
      AirValue *list;

      if (item->disclosures->len == 0)
        continue;
      list = air_list_new ();
      for (guint j = 0; j < item->disclosures->len; j++)
        air_list_append (list, air_value_new_string (g_ptr_array_index (item->disclosures, j)));
      air_map_set (map, index, list);
    }
  air_map_set_string (root, "audience", self->audience);
  air_map_set (root, "disclosures", map);
  air_map_set_int (root, "v", 1);
  return air_jcs_write_bytes (root, error);
}

static GBytes *
write_manifest (const AirBundleBuilder *self, const AirCheckpoint *checkpoint, GPtrArray *files, GError **error)
{
  g_autoptr (AirValue) root = air_map_new ();
  AirValue *digests = air_map_new ();
  AirValue *disclosed = air_map_new ();

  for (guint i = 0; i < files->len; i++)
    {
      AirFile *file = g_ptr_array_index (files, i);
      AirDigest digest = air_sha256 (g_bytes_get_data (file->data, NULL), g_bytes_get_size (file->data));
      g_autofree char *hex = air_digest_to_hex (&digest);

      air_map_set_string (digests, file->name, hex);
    }
  for (guint i = 0; i < self->items->len; i++)
    {
      AirBundleItem *item = g_ptr_array_index (self->items, i);
      g_autofree char *index = g_strdup_printf ("%" G_GUINT64_FORMAT, item->index);
      AirValue *names;

      if (item->disclosures->len == 0)
        continue;
      names = air_list_new ();
      for (gsize j = 0; j < air_map_get_size (item->opened); j++)
        air_list_append (names, air_value_ref (air_map_get_key_at (item->opened, j)));
      air_map_set (disclosed, index, names);
    }

  air_map_set_string (root, "audience", self->audience);
  air_map_set (root, "disclosed", disclosed);
  air_map_set (root, "files", digests);
  air_map_set_string (root, "format", FORMAT);
  air_map_set_string (root, "instance", self->instance);
  air_map_set_string (root, "origin", checkpoint->origin);
  air_map_set_int (root, "tree_size", (gint64) checkpoint->size);
  return air_jcs_write_bytes (root, error);
}

static char *
default_policy (const AirBundleBuilder *self, GError **error)
{
  g_autoptr (AirTlogPolicy) policy = air_tlog_policy_new ();

  for (guint i = 0; i < self->keys->len; i++)
    {
      const AirVkey *key = g_ptr_array_index (self->keys, i);

      if (air_vkey_get_key_type (key) == AIR_NOTE_KEY_ED25519 && !air_tlog_policy_add_log (policy, key, NULL, error))
        return NULL;
    }
  if (air_tlog_policy_get_n_logs (policy) == 0)
    {
      g_set_error_literal (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_POLICY,
                           "the bundle has no key of a log; add the ledger's verifier key");
      return NULL;
    }
  return air_tlog_policy_write (policy);
}

static void
add_entries (GPtrArray *files, const AirBundleBuilder *self)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      AirBundleItem *item = g_ptr_array_index (self->items, i);
      g_autofree char *name = g_strdup_printf ("entries/%" G_GUINT64_FORMAT ".json", item->index);

      add_file (files, name, air_entry_get_leaf (item->entry));
    }
  for (guint i = 0; i < self->items->len; i++)
    {
      AirBundleItem *item = g_ptr_array_index (self->items, i);
      g_autofree char *name = g_strdup_printf ("proofs/%" G_GUINT64_FORMAT ".tlog-proof", item->index);
      g_autoptr (AirProof) proof =
          air_proof_new (item->index, (const AirDigest *) item->proof->data, item->proof->len, self->checkpoint, NULL);
      g_autofree char *text = air_proof_write (proof);

      add_text (files, name, text);
    }
}

static void
add_keys (GPtrArray *files, const AirBundleBuilder *self)
{
  g_autoptr (GPtrArray) group = g_ptr_array_new_with_free_func ((GDestroyNotify) air_file_free);

  for (guint i = 0; i < self->keys->len; i++)
    {
      const AirVkey *key = g_ptr_array_index (self->keys, i);
      g_autofree char *name = air_bundle_key_file_name (key);
      g_autofree char *vkey = air_vkey_to_string (key);
      g_autofree char *line = g_strconcat (vkey, "\n", NULL);

      add_text (group, name, line);
    }
  add_group (files, group);
  g_ptr_array_set_size (group, 0);
  for (guint i = 0; i < self->approvers->len; i++)
    {
      AirPublicKey *key = g_ptr_array_index (self->approvers, i);
      g_autofree char *name = g_strdup_printf ("approvers/%s.pem", air_public_key_get_id (key));
      g_autofree char *pem = air_public_key_to_pem (key);

      add_text (group, name, pem);
    }
  add_group (files, group);
}

/* It stands in the README: no line breaks, no markup of code. */
static gboolean
is_plain_text (const char *text)
{
  if (!g_utf8_validate (text, -1, NULL) || strlen (text) > 512)
    return FALSE;
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    if (g_unichar_iscntrl (g_utf8_get_char (c)) || *c == '`')
      return FALSE;
  return TRUE;
}

/**
 * air_bundle_builder_finish:
 * @self: a builder
 * @error: return location
 *
 * Writes all files: the same inputs give the same bytes. Fails with an %AIR_LEDGER_ERROR, naming the file, when an
 * entry, a disclosure, the checkpoint or the policy cannot be read; it
 * does not verify signatures and proofs, which is the verifier's work.
 *
 * Returns: (transfer full) (element-type AirFile): in the bundle's order
 */
GPtrArray *
air_bundle_builder_finish (AirBundleBuilder *self, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func ((GDestroyNotify) air_file_free);
  g_autoptr (AirCheckpoint) checkpoint = NULL;
  g_autoptr (GBytes) disclosures = NULL, manifest = NULL;
  g_autofree char *policy = NULL, *readme = NULL;

  if (!air_ledger_is_instance (self->instance) || !is_plain_text (self->audience))
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED,
                   "manifest.json: \"%s\" is no instance, or the audience \"%s\" is not plain text", self->instance,
                   self->audience);
      return NULL;
    }
  checkpoint = air_checkpoint_open (self->checkpoint, strlen (self->checkpoint), NULL, NULL, error);
  if (checkpoint == NULL)
    return NULL;
  if (checkpoint->size > (G_GUINT64_CONSTANT (1) << 53))
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_TOO_LARGE,
                   "checkpoint: a tree of %" G_GUINT64_FORMAT " entries is more than a manifest can name",
                   checkpoint->size);
      return NULL;
    }
  if (!read_items (self, error))
    return NULL;
  policy = self->policy != NULL ? g_strdup (self->policy) : default_policy (self, error);
  if (policy == NULL)
    return NULL;

  add_entries (files, self);
  add_text (files, "checkpoint", self->checkpoint);
  add_file (files, "checkpoint.tsr", self->timestamp);
  add_text (files, "policy.tlog-policy", policy);
  add_keys (files, self);
  for (guint i = 0; i < self->items->len; i++)
    air_bundle_add_decision (files, self, g_ptr_array_index (self->items, i));
  disclosures = write_disclosures (self, error);
  if (disclosures == NULL)
    return NULL;
  add_file (files, "disclosures.json", disclosures);
  add_group (files, self->attestation);
  add_file (files, "artifact/manifest.json", self->artifact_manifest);
  add_file (files, "artifact/config.json", self->artifact_config);
  add_file (files, "artifact/signature.json", self->artifact_signature);
  add_file (files, "artifact/plan.json", self->plan);
  readme = air_bundle_readme (self, checkpoint);
  add_text (files, "README.md", readme);

  manifest = write_manifest (self, checkpoint, files, error);
  if (manifest == NULL)
    return NULL;
  g_ptr_array_insert (files, 0, air_file_new ("manifest.json", manifest));
  return g_steal_pointer (&files);
}
