/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-verifier.h"

#include <string.h>

#include "air-cosignature.h"
#include "air-ledger-private.h"
#include "air-tree.h"
#include "air-verifier-private.h"
#include "base/air-json.h"

#define INTEGRITY AIR_CHECK_INTEGRITY
#define FAULT     AIR_FINDING_FAULT

char *
air_verifier_entry_file (const AirBundleItem *item)
{
  return g_strdup_printf ("entries/%" G_GUINT64_FORMAT ".json", item->index);
}

void
air_verifier_hidden (AirVerification *self,
                     AirCheck check,
                     const char *file,
                     const char *field,
                     const char *format,
                     ...)
{
  g_autofree char *words = NULL;
  va_list args;

  va_start (args, format);
  words = g_strdup_vprintf (format, args);
  va_end (args);
  if (self->redaction != NULL)
    air_report_add (self->report, check, AIR_FINDING_NOTE, file, field, "redacted, committed: %s", words);
  else
    air_report_add (self->report, check, FAULT, file, field, "%s", words);
}

gboolean
air_verifier_is_of_run (const AirVerification *self, const AirBundleItem *item)
{
  return g_str_equal (air_entry_get_instance (item->entry), self->bundle->instance);
}

gboolean
air_verifier_is_type (const AirBundleItem *item, const char *type)
{
  return g_str_equal (air_entry_get_type_name (item->entry), type);
}

/* --- the files -------------------------------------------------------------- */

static GHashTable *
index_files (GPtrArray *files)
{
  GHashTable *table = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < files->len; i++)
    {
      AirFile *file = g_ptr_array_index (files, i);

      g_hash_table_insert (table, file->name, file);
    }
  return table;
}

/* Says which file is not the one the manifest lists. That the manifest itself is
 * right follows from its being reproduced from the files. */
static void
check_digests (AirReport *report, GPtrArray *files)
{
  g_autoptr (GHashTable) by_name = index_files (files);
  const AirFile *manifest = g_hash_table_lookup (by_name, "manifest.json");
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) root = NULL;
  const AirValue *digests;

  if (manifest == NULL)
    return;
  root = air_json_parse_bytes (manifest->data, &error);
  digests = root != NULL ? air_map_get_map (root, "files") : NULL;
  if (digests == NULL)
    {
      air_report_add (report, INTEGRITY, FAULT, "manifest.json", "files", "%s",
                      error != NULL ? error->message : "it lists no files");
      return;
    }

  for (guint i = 0; i < files->len; i++)
    {
      const AirFile *file = g_ptr_array_index (files, i);
      AirDigest digest = air_sha256 (g_bytes_get_data (file->data, NULL), g_bytes_get_size (file->data));
      g_autofree char *hex = air_digest_to_hex (&digest);
      const char *listed = air_map_get_string (digests, file->name);

      if (file == manifest)
        continue;
      if (listed == NULL)
        air_report_add (report, INTEGRITY, FAULT, file->name, NULL, "manifest.json does not list it");
      else if (!g_str_equal (listed, hex))
        air_report_add (report, INTEGRITY, FAULT, file->name, "SHA-256", "it is %s, manifest.json says %s", hex,
                        listed);
    }
  for (gsize i = 0; i < air_map_get_size (digests); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (digests, i), NULL);

      if (!g_hash_table_contains (by_name, name))
        air_report_add (report, INTEGRITY, FAULT, name, NULL, "manifest.json lists it, and it is missing");
    }
}

static void
compare_file (AirReport *report, const AirFile *file, const AirFile *rebuilt)
{
  gsize size, rebuilt_size, i;
  const char *bytes = g_bytes_get_data (file->data, &size);
  const char *rebuilt_bytes = g_bytes_get_data (rebuilt->data, &rebuilt_size);
  g_autofree char *field = NULL;

  for (i = 0; i < MIN (size, rebuilt_size) && bytes[i] == rebuilt_bytes[i]; i++)
    ;
  if (i == size && i == rebuilt_size)
    return;
  field = g_strdup_printf ("byte %" G_GSIZE_FORMAT, i);
  air_report_add (report, INTEGRITY, FAULT, file->name, field,
                  "from there on it is not what the other files of the bundle give");
}

/* All files again, from those that say something by themselves. */
static void
check_reproduction (AirReport *report, GPtrArray *files, GPtrArray *rebuilt)
{
  g_autoptr (GHashTable) by_name = index_files (files);
  g_autoptr (GHashTable) rebuilt_by_name = index_files (rebuilt);

  for (guint i = 0; i < MAX (files->len, rebuilt->len); i++)
    {
      const AirFile *file = i < files->len ? g_ptr_array_index (files, i) : NULL;
      const AirFile *wanted = i < rebuilt->len ? g_ptr_array_index (rebuilt, i) : NULL;

      if (file != NULL && wanted != NULL && g_str_equal (file->name, wanted->name))
        {
          compare_file (report, file, wanted);
          continue;
        }
      if (file != NULL && !g_hash_table_contains (rebuilt_by_name, file->name))
        air_report_add (report, INTEGRITY, FAULT, file->name, NULL, "it has no place in this bundle");
      else if (wanted != NULL && !g_hash_table_contains (by_name, wanted->name))
        air_report_add (report, INTEGRITY, FAULT, wanted->name, NULL, "it is missing");
      else
        air_report_add (report, INTEGRITY, FAULT, file != NULL ? file->name : wanted->name, NULL,
                        "it stands in another place than it should");
      return; /* after that every file would be said to be out of place */
    }
}

/* The ledger's own word that what the run disclosed was erased: an entry of a system chain, after all of the run's. */
static void
find_redaction (AirVerification *self)
{
  for (guint i = 0; i < self->bundle->items->len; i++)
    {
      const AirBundleItem *item = g_ptr_array_index (self->bundle->items, i);

      if (air_verifier_is_of_run (self, item))
        self->redaction = NULL;
      else if (air_verifier_is_type (item, AIR_ENTRY_REDACTION_APPLIED)
               && g_strcmp0 (air_map_get_string (air_entry_get_members (item->entry), "run"), self->bundle->instance)
                      == 0)
        self->redaction = item;
    }
}

/* --- the tree and the chain --------------------------------------------------- */

/* Who else saw it, by keys the bundle or the pinned policy names. A wrong cosignature was refused already. */
static void
say_cosignatures (AirVerification *self, const AirTlogPolicy *policy)
{
  g_autoptr (AirNote) note = air_note_parse (self->bundle->checkpoint, strlen (self->bundle->checkpoint), NULL);

  for (guint i = 0; note != NULL && i < air_tlog_policy_get_n_witnesses (policy); i++)
    {
      const AirVkey *key = air_tlog_policy_get_witness (policy, i, NULL);
      g_autofree char *time = NULL;
      gint64 unix_s;

      if (!air_cosignature_verify (note, key, &unix_s, NULL))
        continue;
      time = air_time_format (MIN (unix_s, G_MAXINT64 / G_USEC_PER_SEC) * G_USEC_PER_SEC);
      air_report_add (self->report, INTEGRITY, AIR_FINDING_OK, "checkpoint", air_vkey_get_name (key),
                      "it was the largest consistent tree this witness had seen at %s", time);
    }
}

static void
check_checkpoint (AirVerification *self)
{
  const char *note = self->bundle->checkpoint;
  gboolean pinned = self->trust != NULL && self->trust->policy != NULL;
  g_autoptr (AirTlogPolicy) own = NULL;
  g_autoptr (GError) error = NULL;

  own = air_tlog_policy_parse (self->bundle->policy, strlen (self->bundle->policy), &error);
  if (own == NULL)
    {
      air_report_add (self->report, INTEGRITY, FAULT, "policy.tlog-policy", NULL, "%s", error->message);
      return;
    }
  self->checkpoint = air_tlog_policy_open (own, note, strlen (note), &error);
  if (self->checkpoint == NULL)
    {
      air_report_add (self->report, INTEGRITY, FAULT, "checkpoint", NULL, "by the bundle's own policy: %s",
                      error->message);
      return;
    }
  if (pinned)
    {
      g_autoptr (AirCheckpoint) again = air_tlog_policy_open (self->trust->policy, note, strlen (note), &error);

      if (again == NULL)
        {
          air_report_add (self->report, INTEGRITY, FAULT, "checkpoint", NULL, "by the policy you pinned: %s",
                          error->message);
          g_clear_pointer (&self->checkpoint, air_checkpoint_free);
          return;
        }
    }
  air_report_add (self->report, INTEGRITY, AIR_FINDING_OK, "checkpoint", NULL,
                  "%s signed a tree of %" G_GUINT64_FORMAT " entries (%s)", self->checkpoint->origin,
                  self->checkpoint->size, pinned ? "by the policy you pinned" : "by the key in the bundle");
  say_cosignatures (self, pinned ? self->trust->policy : own);
}

static void
check_proofs (AirVerification *self)
{
  gboolean all = TRUE;

  if (self->checkpoint == NULL)
    return;
  for (guint i = 0; i < self->bundle->items->len; i++)
    {
      const AirBundleItem *item = g_ptr_array_index (self->bundle->items, i);
      g_autoptr (GError) error = NULL;

      if (!air_tree_check_inclusion (air_entry_get_hash (item->entry), item->index, self->checkpoint->size,
                                     (const AirDigest *) item->proof->data, item->proof->len, &self->checkpoint->root,
                                     &error))
        {
          g_autofree char *file = g_strdup_printf ("proofs/%" G_GUINT64_FORMAT ".tlog-proof", item->index);

          all = FALSE;
          air_report_add (self->report, INTEGRITY, FAULT, file, NULL,
                          "%s: entries/%" G_GUINT64_FORMAT ".json is not what stands there in the ledger",
                          error->message, item->index);
        }
    }
  if (all)
    air_report_add (self->report, INTEGRITY, AIR_FINDING_OK, "proofs", NULL,
                    "each of the %u entries stands in that tree", self->bundle->items->len);
}

static void
check_run_chain (AirVerification *self)
{
  AirChainHead head = { 0 };
  gboolean broken = FALSE;

  for (guint i = 0; i < self->bundle->items->len; i++)
    {
      const AirBundleItem *item = g_ptr_array_index (self->bundle->items, i);
      g_autofree char *file = air_verifier_entry_file (item);
      g_autoptr (GError) error = NULL;

      if (!air_verifier_is_of_run (self, item))
        {
          if (!g_str_has_prefix (air_entry_get_instance (item->entry), "epoch-"))
            air_report_add (self->report, INTEGRITY, FAULT, file, "instance", "an entry of another run, %s",
                            air_entry_get_instance (item->entry));
          continue;
        }
      if (!air_entry_follows (item->entry, &head, &error))
        {
          broken = TRUE;
          air_report_add (self->report, INTEGRITY, FAULT, file,
                          air_entry_get_seq (item->entry) != head.seq ? "seq" : "prev", "%s", error->message);
          /* Go on from here: one gap is one fault. */
          head.seq = air_entry_get_seq (item->entry) + 1;
          head.prev = *air_entry_get_hash (item->entry);
        }
    }
  if (!broken)
    air_report_add (self->report, INTEGRITY, AIR_FINDING_OK, "entries", NULL,
                    "the %" G_GINT64_FORMAT " entries of the run follow one another", head.seq);
}

/* Of the system's chains a bundle holds parts; where two neighbours are there they must fit. */
static void
check_system_chains (AirVerification *self)
{
  g_autoptr (GHashTable) last = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->bundle->items->len; i++)
    {
      AirBundleItem *item = g_ptr_array_index (self->bundle->items, i);
      const AirBundleItem *before;
      g_autofree char *file = air_verifier_entry_file (item);
      char *instance = (char *) air_entry_get_instance (item->entry);
      gint64 seq = air_entry_get_seq (item->entry);

      if (air_verifier_is_of_run (self, item))
        continue;
      before = g_hash_table_lookup (last, instance);
      if (before != NULL && air_entry_get_seq (before->entry) >= seq)
        air_report_add (self->report, INTEGRITY, FAULT, file, "seq", "out of order in %s", instance);
      else if (before != NULL && air_entry_get_seq (before->entry) == seq - 1
               && !air_digest_equal (air_entry_get_prev (item->entry), air_entry_get_hash (before->entry)))
        air_report_add (self->report, INTEGRITY, FAULT, file, "prev",
                        "not the leaf hash of entries/%" G_GUINT64_FORMAT ".json", before->index);
      g_hash_table_insert (last, instance, item);
    }
}

void
air_verify_integrity (AirVerification *self)
{
  check_checkpoint (self);
  check_proofs (self);
  check_run_chain (self);
  check_system_chains (self);
}

/* --- all of it ------------------------------------------------------------------ */

static void
say_trust (AirVerification *self)
{
  gboolean policy = self->trust != NULL && self->trust->policy != NULL;
  gboolean people = self->trust != NULL && self->trust->has_people;

  self->report->pinned = policy && people;
  self->report->trust = g_strdup (
      policy && people ? "the log policy and the people you pinned"
      : policy ? "the log policy you pinned; people's and signers' keys are those the ledger and the bundle name"
      : people ? "the people you pinned; the log's key is the bundle's own, so compare keys/ with one you know"
               : "none was pinned: the keys are the bundle's own, so it is shown to agree with itself, no more");
}

static void
settle (AirReport *report, AirCheck check)
{
  if (report->verdicts[check] != AIR_VERDICT_FAILED)
    report->verdicts[check] = AIR_VERDICT_PASSED;
}

/**
 * air_verifier_check_files:
 * @files: (element-type AirFile): the bundle, in order
 * @trust: (nullable): what to hold true
 *
 * Verifies a bundle offline. What cannot be read is a fault in the report, with
 * its place; nothing is an error of the call.
 *
 * Returns: (transfer full): the report
 */
AirReport *
air_verifier_check_files (GPtrArray *files, const AirVerifierTrust *trust)
{
  AirReport *report = air_report_new ();
  g_autoptr (AirBundleBuilder) bundle = NULL;
  g_autoptr (GPtrArray) rebuilt = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *file = NULL;
  AirVerification self = { .report = report, .trust = trust };

  say_trust (&self);
  check_digests (report, files);
  bundle = air_bundle_unpack (files, &file, &error);
  if (bundle != NULL)
    {
      report->instance = g_strdup (bundle->instance);
      g_set_str (&file, "disclosures.json");
      rebuilt = air_bundle_builder_finish (bundle, &error);
    }
  if (rebuilt == NULL)
    {
      air_report_add (report, INTEGRITY, FAULT, file, NULL, "%s", error->message);
      for (guint check = AIR_CHECK_EVIDENCE; check < AIR_CHECK_ATTESTATION; check++)
        air_report_add (report, check, AIR_FINDING_NOTE, file, NULL, "not judged, because the bundle cannot be read");
      return report;
    }
  check_reproduction (report, files, rebuilt);

  self.bundle = bundle;
  find_redaction (&self);
  air_verify_integrity (&self);
  air_verify_evidence (&self);
  air_verify_artifact (&self);
  air_verify_rules (&self);
  for (guint check = 0; check < AIR_CHECK_ATTESTATION; check++)
    settle (report, check);
  air_report_add (report, AIR_CHECK_ATTESTATION, AIR_FINDING_NOTE, "attestation", NULL,
                  bundle->attestation->len > 0 ? "its files are whole; this version does not judge what they say"
                                               : "nothing in this bundle shows on what machine the run took place");
  if (bundle->attestation->len > 0)
    report->verdicts[AIR_CHECK_ATTESTATION] = AIR_VERDICT_NOT_JUDGED;
  g_clear_pointer (&self.checkpoint, air_checkpoint_free);
  return report;
}

/**
 * air_verifier_check_zip:
 * @zip: the bytes of a bundle
 * @trust: (nullable): what to hold true
 *
 * As air_verifier_check_files(), from the exact bytes of the zip: one changed bit
 * of its structure is a fault too.
 *
 * Returns: (transfer full): the report
 */
AirReport *
air_verifier_check_zip (GBytes *zip, const AirVerifierTrust *trust)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) files = air_zip_read (zip, &error);
  AirReport *report;

  if (files != NULL)
    return air_verifier_check_files (files, trust);

  report = air_report_new ();
  air_report_add (report, INTEGRITY, FAULT, "bundle", NULL, "%s", error->message);
  for (guint check = AIR_CHECK_EVIDENCE; check < AIR_CHECK_ATTESTATION; check++)
    air_report_add (report, check, AIR_FINDING_NOTE, "bundle", NULL, "not judged, because the bundle cannot be read");
  return report;
}
