/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An auditor, with the programs that ship: the ledger is checked as a whole, people's keys being enrolled in it before
 * everything else; and of runs that ended bundles are made, with which the offline verifier finds nothing wrong. What
 * people's hands and disasters make of a run is no reason for an alarm. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "ledger/air-bundle.h"
#include "ledger/air-checkpoint.h"
#include "ledger/air-fsck.h"
#include "ledger/air-verifier.h"
#include "sim/air-sim-check-private.h"
#include "sim/air-sim-people-private.h"

#define ORIGIN "sim.example/ledger"
#define EPOCH  "epoch-sim"
/* A bundle takes as long as the run took in the simulator: one of so many. */
#define ONE_OF 3
#define DAY_US (G_GINT64_CONSTANT (86400) * G_USEC_PER_SEC)

typedef struct {
  AirSim *sim;
  GPtrArray *stored; /* AirSimStored, of all runs, in order */
  GPtrArray *leaves; /* GBytes: those of the epoch, then those of runs */
  guint n_epoch;
  AirMemoryTree *tree;
  AirPrivateKey *key;
  char *checkpoint;
  GBytes *plan;
} Audit;

static void
take_leaf (Audit *self, GBytes *leaf)
{
  AirDigest hash = air_entry_leaf_hash (g_bytes_get_data (leaf, NULL), g_bytes_get_size (leaf));

  g_ptr_array_add (self->leaves, g_bytes_ref (leaf));
  air_memory_tree_append (self->tree, &hash);
}

static AirValue *
list_roles (const AirSimPerson *person)
{
  AirValue *list = air_list_new ();

  for (guint i = 0; person->roles[i] != NULL; i++)
    air_list_append (list, air_value_new_string (person->roles[i]));
  return list;
}

/* Long before: as an administrator would have done it. */
static void
enrol_all (Audit *self, gint64 time_us)
{
  const AirSimPerson *people = air_sim_people_get ();
  AirRandom random = air_sim_random_source (&self->sim->salts);
  AirChainHead head = { 0 };

  for (guint i = 0; i < AIR_SIM_N_PEOPLE; i++)
    {
      AirPublicKey *key = air_private_key_get_public (people[i].key);
      GBytes *spki = air_public_key_get_spki (key);
      g_autofree char *text = g_base64_encode (g_bytes_get_data (spki, NULL), g_bytes_get_size (spki));
      g_autoptr (AirValue) members = air_map_new ();
      g_autoptr (AirSealedEntry) sealed = NULL;
      AirVoter voter;

      if (!air_sim_people_find_voter (air_public_key_get_id (key), &voter, NULL))
        continue;
      air_map_set_string (members, "key", air_public_key_get_id (key));
      air_map_set_string (members, "uri", people[i].uri);
      air_map_set (members, "roles", list_roles (&people[i]));
      air_map_set_string (members, "spki", text);
      sealed = air_entry_seal (&head, EPOCH, AIR_ENTRY_KEY_ENROLLED, members, NULL, time_us, &random, NULL);
      take_leaf (self, sealed->leaf);
    }
  self->n_epoch = self->leaves->len;
}

static void
sign_head (Audit *self)
{
  AirDigest root = air_memory_tree_get_root (self->tree);
  g_autoptr (AirCheckpoint) checkpoint = air_checkpoint_new (ORIGIN, self->leaves->len, &root);
  guint8 seed[32];

  memset (seed, 99, sizeof seed);
  self->key = air_private_key_new_ed25519 (seed, NULL);
  self->checkpoint = air_checkpoint_sign (checkpoint, self->key, NULL);
}

/* --- the whole ledger --- */

static GBytes *
read_leaf (gpointer user_data, guint64 index, GError **error)
{
  return g_bytes_ref (((Audit *) user_data)->leaves->pdata[index]);
}

static GBytes *
read_entry (gpointer user_data,
            guint64 index,
            GPtrArray **ret_disclosures,
            char **ret_unreadable,
            gint64 *ret_link,
            GError **error)
{
  Audit *self = user_data;
  const AirSimStored *stored = index >= self->n_epoch ? self->stored->pdata[index - self->n_epoch] : NULL;

  *ret_disclosures = stored != NULL && stored->disclosures != NULL ? g_ptr_array_ref (stored->disclosures) : NULL;
  return read_leaf (user_data, index, error);
}

static void
check_ledger (Audit *self)
{
  const AirLedgerReader reader = {
    .size = self->leaves->len,
    .holds_disclosures = TRUE,
    .read_entry = read_entry,
    .read_leaf = read_leaf,
    .user_data = self,
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (AirFsckReport) report = air_fsck (&reader, NULL, &error);

  if (report == NULL)
    air_sim_violate (self->sim, AIR_SIM_AUDITED, "the ledger cannot be checked: %s", error->message);
  for (guint i = 0; report != NULL && i < report->faults->len; i++)
    {
      const AirFsckFault *fault = report->faults->pdata[i];

      air_sim_violate (self->sim, AIR_SIM_AUDITED, "entry %" G_GUINT64_FORMAT ": %s", fault->index - self->n_epoch,
                       fault->words);
    }
}

/* --- bundles --- */

static void
add_entry (Audit *self, AirBundleBuilder *builder, guint index, GPtrArray *disclosures)
{
  g_autoptr (GArray) proof =
      air_tree_prove_inclusion (air_memory_tree_get_reader (self->tree), index, self->leaves->len, NULL);

  air_bundle_builder_add_entry (builder, index, self->leaves->pdata[index], disclosures, proof);
}

static GPtrArray *export (Audit *self, const AirSimTold *told)
{
  g_autoptr (AirBundleBuilder) builder = air_bundle_builder_new (told->id, self->checkpoint, "airails://sim/auditor");
  g_autoptr (AirVkey) vkey = air_vkey_new (ORIGIN, AIR_NOTE_KEY_ED25519, air_private_key_get_public (self->key), NULL);
  g_autoptr (GError) error = NULL;
  const AirSimPerson *people = air_sim_people_get ();
  GPtrArray *files;

  for (guint i = 0; i < self->n_epoch; i++)
    add_entry (self, builder, i, NULL);
  for (guint i = 0; i < told->entries->len; i++)
    add_entry (self, builder, self->n_epoch + g_array_index (told->places, guint, i),
               ((AirSimStored *) told->stored->pdata[i])->disclosures);
  air_bundle_builder_add_key (builder, vkey);
  for (guint i = 0; i < AIR_SIM_N_PEOPLE; i++)
    air_bundle_builder_add_approver (builder, air_private_key_get_public (people[i].key));
  air_bundle_builder_set_artifact (builder, NULL, NULL, NULL, self->plan);
  files = air_bundle_builder_finish (builder, &error);
  if (files == NULL)
    air_sim_violate (self->sim, AIR_SIM_AUDITED, "run %s cannot be exported: %s", told->id, error->message);
  return files;
}

static void
audit (Audit *self, const AirSimTold *told)
{
  g_autoptr (GPtrArray) files = export (self, told);
  g_autoptr (AirReport) report = files != NULL ? air_verifier_check_files (files, NULL) : NULL;

  for (guint i = 0; report != NULL && i < report->findings->len; i++)
    {
      const AirFinding *finding = report->findings->pdata[i];

      /* Made-up plans have no artifact. */
      if (finding->kind == AIR_FINDING_FAULT && !g_str_has_prefix (finding->file, "artifact/"))
        air_sim_violate (self->sim, AIR_SIM_AUDITED, "run %s, %s, %s: %s", told->id, finding->file,
                         finding->field != NULL ? finding->field : "", finding->words);
    }
}

void
air_sim_check_audit (AirSimChecker *checker, GPtrArray *stored, GPtrArray *all)
{
  g_autoptr (GPtrArray) leaves = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (AirMemoryTree) tree = air_memory_tree_new ();
  g_autoptr (GBytes) plan = air_jcs_write_bytes (air_plan_get_document (checker->sim->plan), NULL);
  Audit self = { .sim = checker->sim, .stored = stored, .leaves = leaves, .tree = tree, .plan = plan };

  if (all->len == 0)
    return;
  enrol_all (&self, air_entry_get_time_us (((AirSimTold *) all->pdata[0])->entries->pdata[0]) - 30 * DAY_US);
  for (guint i = 0; i < stored->len; i++)
    take_leaf (&self, ((AirSimStored *) stored->pdata[i])->leaf);
  check_ledger (&self);
  sign_head (&self);
  for (guint i = 0; i < all->len; i++)
    {
      const AirSimTold *told = all->pdata[i];

      if ((i + checker->sim->options->seed) % ONE_OF == 0
          && air_entry_is_closing (told->entries->pdata[told->entries->len - 1]))
        audit (&self, told);
    }
  g_free (self.checkpoint);
  air_private_key_unref (self.key);
}
