/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-clock.h"
#include "base/air-json.h"
#include "fuzz.h"
#include "ledger/air-sd-jwt.h"
#include "ledger/air-statement-private.h"

#define RUN    "01JD9ZK3RUN0000000000000"
#define NOW_US G_GINT64_CONSTANT (1795339800000000)

static AirPrivateKey *key;

static void
count_cb (const char *field, const char *words, gpointer user_data)
{
  guint *n = user_data;

  g_assert_true (g_utf8_validate (words, -1, NULL));
  (*n)++;
}

/* The entry that @document describes, or NULL; @ret_opened: what it discloses. */
static AirEntry *
make_entry (const AirValue *document, const char *instance, AirValue **ret_opened, char **ret_digest)
{
  const char *type = air_map_get_string (document, "type");
  AirSeededRandom *random = air_seeded_random_new (1);
  AirChainHead head = { 0 };
  AirSealedEntry *sealed = NULL;
  AirEntry *entry = NULL;

  if (type != NULL)
    sealed = air_entry_seal (&head, instance, type, air_map_get_map (document, "members"),
                             air_map_get_map (document, "disclosed"),
                             NOW_US + CLAMP (air_map_get_int (document, "ms", 0), 0, G_MAXINT32) * 1000,
                             air_seeded_random_get (random), NULL);
  if (sealed != NULL)
    entry = air_entry_parse (sealed->leaf, NULL);
  if (entry != NULL && ret_opened != NULL)
    *ret_opened = air_entry_open (entry, sealed->disclosures, NULL);
  if (entry != NULL && ret_digest != NULL && sealed->disclosures != NULL)
    {
      *ret_digest = g_malloc0 (AIR_SD_DIGEST_SIZE + 1);
      air_sd_digest (sealed->disclosures->pdata[0], *ret_digest);
    }
  g_clear_pointer (&sealed, air_sealed_entry_free);
  air_seeded_random_free (random);
  return entry;
}

/* What the person signed: what @document says, else what fits the entries. */
static char *
make_envelope (const AirValue *document, const AirEntry *asked, const char *digest)
{
  static const AirDigest nothing = { { 0 } };
  const char *gate = air_map_get_string (document, "gate"), *artifact = air_map_get_string (document, "artifact");
  const char *decision = air_map_get_string (document, "decision"), *role = air_map_get_string (document, "role");
  const char *reason = air_map_get_string (document, "reason"),
             *action = air_map_get_string (document, "action_digest");
  gint64 issued_ms = CLAMP (air_map_get_int (document, "issued", 0), -G_MAXINT32, G_MAXINT32);
  gint64 life_ms = CLAMP (air_map_get_int (document, "life", 600000), 1, G_MAXINT32);
  g_autoptr (AirDecision) made = NULL;
  AirSeededRandom *random = air_seeded_random_new (2);
  char *envelope;

  made = air_decision_new (
      decision != NULL ? decision : "approve", gate != NULL ? gate : RUN "/approval",
      asked != NULL ? air_entry_get_hash (asked) : &nothing,
      artifact != NULL ? artifact : "sha256:0000000000000000000000000000000000000000000000000000000000000000",
      action != NULL   ? action
      : digest != NULL ? digest
                       : "",
      reason != NULL ? reason : "fine", role != NULL ? role : "approver", NOW_US + issued_ms * 1000,
      NOW_US + (issued_ms + life_ms) * 1000, air_seeded_random_get (random));
  air_seeded_random_free (random);
  envelope = air_decision_sign (made, key, NULL);
  return envelope;
}

static void
check_believed (const AirStatement *facts, const AirDecision *decision)
{
  const AirValue *members = air_entry_get_members (facts->entry);
  const char *actor = air_map_get_string (members, "actor");

  g_assert_true (air_digest_equal (&decision->request, air_entry_get_hash (facts->asked)));
  g_assert_cmpstr (air_map_get_string (members, "role"), ==, decision->role);
  g_assert_cmpstr (air_entry_get_type_name (facts->enrolment), ==, AIR_ENTRY_KEY_ENROLLED);
  g_assert_cmpstr (air_map_get_string (air_entry_get_members (facts->enrolment), "uri"), ==, actor);
  g_assert_cmpint (decision->expires_us, >=, air_entry_get_time_us (facts->entry));
  if (!air_statement_is_word (facts->entry))
    {
      g_assert_cmpstr (air_map_get_string (members, "decision"), ==, decision->decision);
      return;
    }
  g_assert_true (g_str_equal (decision->role, "operator") || g_str_equal (decision->role, "admin"));
  g_assert_cmpstr (air_map_get_string (air_entry_get_members (facts->trigger), "actor"), !=, actor);
  g_assert_cmpint (air_map_get_bool (members, "happened", FALSE), ==, g_str_equal (decision->decision, "happened"));
}

/* {"entry", "asked", "trigger", "enrolment": {"type", "members", "disclosed", "ms"}, "signed": {…}}: a statement that a
 * person really signed, beside whatever the ledger says: what is believed is what they signed, and they may. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (AirValue) document = air_json_parse ((const char *) data, size, NULL), opened = NULL;
  g_autoptr (AirEntry) entry = NULL, asked = NULL, trigger = NULL, enrolment = NULL;
  g_autoptr (AirDecision) decision = NULL;
  g_autofree char *digest = NULL, *envelope = NULL;
  AirStatement facts = { .fault = count_cb };
  guint n_faults = 0;

  if (key == NULL)
    {
      guint8 seed[32] = { 7 };

      key = air_private_key_new_ed25519 (seed, NULL);
    }
  if (document == NULL || air_value_get_kind (document) != AIR_VALUE_MAP)
    return 0;
  entry = make_entry (air_map_get_map (document, "entry"), RUN, &opened, NULL);
  if (entry == NULL || opened == NULL || !air_statement_is_in (entry))
    return 0;
  asked = make_entry (air_map_get_map (document, "asked"), RUN, NULL, &digest);
  trigger = make_entry (air_map_get_map (document, "trigger"), RUN, NULL, NULL);
  enrolment = make_entry (air_map_get_map (document, "enrolment"), "epoch-1", NULL, NULL);
  envelope = make_envelope (air_map_get_map (document, "signed"), asked, digest);
  if (envelope == NULL)
    return 0;
  facts.entry = entry;
  facts.opened = opened;
  facts.asked = asked;
  facts.first = asked;
  facts.trigger = trigger;
  facts.enrolment = enrolment;
  facts.user_data = &n_faults;
  decision = air_statement_judge (&facts, envelope, air_private_key_get_public (key));
  g_assert_true (decision != NULL || n_faults > 0);
  if (n_faults == 0)
    check_believed (&facts, decision);
  return 0;
}
