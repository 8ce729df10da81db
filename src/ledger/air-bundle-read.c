/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include <string.h>

#include "air-bundle-private.h"
#include "air-ledger-private.h"
#include "air-proof.h"
#include "base/air-json.h"

typedef struct {
  AirBundleBuilder *builder;
  GHashTable *files;       /* name → AirFile */
  GHashTable *disclosures; /* index as text → GPtrArray of char * */
  char *instance;
} Unpacking;

static gboolean
malformed (GError **error, const char *words)
{
  g_set_error_literal (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, words);
  return FALSE;
}

static char *
dup_text (const AirFile *file, GError **error)
{
  gsize length;
  const char *data = g_bytes_get_data (file->data, &length);

  if (length > 0 && (memchr (data, '\0', length) != NULL || !g_utf8_validate (data, (gssize) length, NULL)))
    {
      malformed (error, "not UTF-8 text");
      return NULL;
    }
  return g_strndup (data != NULL ? data : "", length);
}

/* "12" of "entries/12.json" */
static char *
get_index (const char *name, const char *prefix, const char *suffix, guint64 *ret_index)
{
  const char *start = name + strlen (prefix);
  gsize length;

  if (!g_str_has_prefix (name, prefix) || !g_str_has_suffix (start, suffix))
    return NULL;
  length = strlen (start) - strlen (suffix);
  return air_ledger_parse_decimal (start, length, ret_index) ? g_strndup (start, length) : NULL;
}

static gboolean
read_disclosures (Unpacking *self, const AirFile *file, GError **error)
{
  static const char *const known[] = { "audience", "disclosures", "v", NULL };
  g_autoptr (AirValue) root = air_json_parse_bytes (file->data, error);
  const AirValue *map;
  const char *audience;

  if (root == NULL)
    return FALSE;
  if (air_value_get_kind (root) != AIR_VALUE_MAP || air_ledger_unknown_key (root, known) != NULL
      || air_map_get_int (root, "v", 0) != 1)
    return malformed (error, "not an object of audience, disclosures and v = 1");
  audience = air_map_get_string (root, "audience");
  map = air_map_get_map (root, "disclosures");
  if (audience == NULL || map == NULL)
    return malformed (error, "fields \"audience\" and \"disclosures\" are not text and an object");

  self->builder->audience = g_strdup (audience);
  for (gsize i = 0; i < air_map_get_size (map); i++)
    {
      const char *index = air_value_get_string (air_map_get_key_at (map, i), NULL);
      const AirValue *list = air_map_get_value_at (map, i);
      GPtrArray *texts = g_ptr_array_new_with_free_func (g_free);
      g_autofree char *name = g_strdup_printf ("entries/%s.json", index);

      g_hash_table_insert (self->disclosures, g_strdup (index), texts);
      if (air_value_get_kind (list) != AIR_VALUE_LIST || !g_hash_table_contains (self->files, name))
        return malformed (error, "\"disclosures\" is not an object of lists, one for an entry of the bundle");
      for (gsize j = 0; j < air_list_get_size (list); j++)
        {
          const AirValue *item = air_list_get (list, j);

          if (air_value_get_kind (item) != AIR_VALUE_STRING)
            return malformed (error, "an item of \"disclosures\" is not text");
          g_ptr_array_add (texts, g_strdup (air_value_get_string (item, NULL)));
        }
    }
  return TRUE;
}

static gboolean
read_entry (Unpacking *self, const AirFile *file, char **ret_file, GError **error)
{
  guint64 index;
  g_autofree char *number = get_index (file->name, "entries/", ".json", &index);
  g_autofree char *proof_name = NULL;
  g_autofree char *proof_text = NULL;
  g_autoptr (AirProof) proof = NULL;
  g_autoptr (AirEntry) entry = NULL;
  AirFile *proof_file;

  if (number == NULL)
    return malformed (error, "no entry's name");
  entry = air_entry_parse (file->data, error);
  if (entry == NULL)
    return FALSE;

  proof_name = g_strdup_printf ("proofs/%s.tlog-proof", number);
  proof_file = g_hash_table_lookup (self->files, proof_name);
  if (proof_file == NULL)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_PROOF, "its proof, %s, is missing", proof_name);
      return FALSE;
    }
  g_set_str (ret_file, proof_name);
  proof_text = dup_text (proof_file, error);
  proof = proof_text != NULL ? air_proof_parse (proof_text, strlen (proof_text), error) : NULL;
  if (proof == NULL)
    return FALSE;
  if (proof->index != index)
    return malformed (error, "field \"index\" is not that of the file's name");
  g_set_str (ret_file, file->name);

  /* The run is whatever chain is not the system's. */
  if (self->instance == NULL && !g_str_has_prefix (air_entry_get_instance (entry), "epoch-"))
    self->instance = g_strdup (air_entry_get_instance (entry));
  air_bundle_builder_add_entry (self->builder, index, file->data, g_hash_table_lookup (self->disclosures, number),
                                proof->hashes);
  return TRUE;
}

static gboolean
read_key (Unpacking *self, const AirFile *file, GError **error)
{
  g_autofree char *text = dup_text (file, error);
  g_autoptr (AirVkey) key = NULL;
  gsize length;

  if (text == NULL)
    return FALSE;
  length = strlen (text);
  if (length == 0 || text[length - 1] != '\n')
    return malformed (error, "not one line");
  text[length - 1] = '\0';
  key = air_vkey_parse (text, error);
  if (key == NULL)
    return FALSE;
  air_bundle_builder_add_key (self->builder, key);
  return TRUE;
}

static gboolean
read_approver (Unpacking *self, const AirFile *file, GError **error)
{
  g_autofree char *text = dup_text (file, error);
  g_autoptr (AirPublicKey) key = text != NULL ? air_public_key_from_pem (text, error) : NULL;

  if (key == NULL)
    return FALSE;
  air_bundle_builder_add_approver (self->builder, key);
  return TRUE;
}

static gboolean
read_file (Unpacking *self, const AirFile *file, char **ret_file, GError **error)
{
  static const char *const derived[] = { "manifest.json", "README.md", NULL };
  AirBundleBuilder *builder = self->builder;
  const char *name = file->name;
  guint64 index;

  if (g_strv_contains (derived, name) || g_str_has_prefix (name, "decisions/")
      || g_str_equal (name, "disclosures.json"))
    return TRUE;
  if (g_str_has_prefix (name, "entries/"))
    return read_entry (self, file, ret_file, error);
  if (g_str_has_prefix (name, "proofs/"))
    {
      g_autofree char *number = get_index (name, "proofs/", ".tlog-proof", &index);
      g_autofree char *entry = g_strdup_printf ("entries/%s.json", number != NULL ? number : "");

      return g_hash_table_contains (self->files, entry) || malformed (error, "a proof of no entry of the bundle");
    }
  if (g_str_equal (name, "checkpoint"))
    return (builder->checkpoint = dup_text (file, error)) != NULL;
  if (g_str_equal (name, "policy.tlog-policy"))
    return (builder->policy = dup_text (file, error)) != NULL;
  if (g_str_has_prefix (name, "keys/"))
    return read_key (self, file, error);
  if (g_str_has_prefix (name, "approvers/"))
    return read_approver (self, file, error);
  if (g_str_has_prefix (name, "attestation/"))
    {
      g_ptr_array_add (builder->attestation, air_file_new (name, file->data));
      return TRUE;
    }
  if (g_str_equal (name, "checkpoint.tsr"))
    builder->timestamp = g_bytes_ref (file->data);
  else if (g_str_equal (name, "artifact/manifest.json"))
    builder->artifact_manifest = g_bytes_ref (file->data);
  else if (g_str_equal (name, "artifact/config.json"))
    builder->artifact_config = g_bytes_ref (file->data);
  else if (g_str_equal (name, "artifact/signature.json"))
    builder->artifact_signature = g_bytes_ref (file->data);
  else if (g_str_equal (name, "artifact/plan.json"))
    builder->plan = g_bytes_ref (file->data);
  else
    return malformed (error, "not a file of a bundle");
  return TRUE;
}

/* Only what says something by itself is read; the rest is what air_bundle_builder_finish() makes of it. */
AirBundleBuilder *
air_bundle_unpack (GPtrArray *files, char **ret_file, GError **error)
{
  static const char *const required[] = { "manifest.json",    "checkpoint", "policy.tlog-policy",
                                          "disclosures.json", "README.md",  NULL };
  g_autoptr (AirBundleBuilder) builder = air_bundle_builder_new (NULL, NULL, NULL);
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) disclosures =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  Unpacking unpacking = { builder, by_name, disclosures, NULL };

  for (guint i = 0; i < files->len; i++)
    {
      AirFile *file = g_ptr_array_index (files, i);

      g_set_str (ret_file, file->name);
      if (!g_hash_table_insert (by_name, file->name, file))
        {
          malformed (error, "it comes twice");
          return NULL;
        }
    }
  for (guint i = 0; required[i] != NULL; i++)
    {
      g_set_str (ret_file, required[i]);
      if (!g_hash_table_contains (by_name, required[i]))
        {
          malformed (error, "it is missing");
          return NULL;
        }
    }

  g_set_str (ret_file, "disclosures.json");
  if (!read_disclosures (&unpacking, g_hash_table_lookup (by_name, "disclosures.json"), error))
    return NULL;
  for (guint i = 0; i < files->len; i++)
    {
      AirFile *file = g_ptr_array_index (files, i);

      g_set_str (ret_file, file->name);
      if (!read_file (&unpacking, file, ret_file, error))
        {
          g_free (unpacking.instance);
          return NULL;
        }
    }

  g_set_str (ret_file, "manifest.json");
  builder->instance = unpacking.instance;
  if (builder->instance == NULL)
    {
      malformed (error, "the bundle has no entry of a run");
      return NULL;
    }
  return g_steal_pointer (&builder);
}
