/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "demo"

#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "demo-private.h"
#include "ledger/air-tlog-policy.h"

/* People and their keys, whom to trust, and the signed workflow: all by airailsctl, as a person would. */

#define WORKFLOW "refunds-and-cancellations"

const DemoPerson demo_people[DEMO_N_PEOPLE] = {
  [DEMO_DORA] = { "dora", "Dora Designer", "designer" }, [DEMO_OLGA] = { "olga", "Olga Operator", "operator" },
  [DEMO_ANA] = { "ana", "Ana Approver", "approver" },    [DEMO_BO] = { "bo", "Bo Approver", "approver" },
  [DEMO_AUDE] = { "aude", "Aude Auditor", "auditor" },
};

static void run_next (Demo *self);

static gboolean
signs (const DemoPerson *person)
{
  return g_str_equal (person->role, "approver") || g_str_equal (person->role, "designer");
}

static char *
uri_of (const DemoPerson *person)
{
  return g_strconcat ("airails://demo/people/", person->id, NULL);
}

static char *
key_path (Demo *self, const DemoPerson *person)
{
  g_autofree char *name = g_strconcat (person->id, "-decision.pem", NULL);

  return demo_path (self, "pki", name, NULL);
}

/* --- commands, one after the other --------------------------------------------------------------- */

static void add_command (Demo *self, const char *word, ...) G_GNUC_NULL_TERMINATED;

static void
add_command (Demo *self, const char *word, ...)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  va_list words;

  g_strv_builder_add (builder, self->places.airailsctl);
  va_start (words, word);
  for (; word != NULL; word = va_arg (words, const char *))
    g_strv_builder_add (builder, word);
  va_end (words);
  if (self->commands == NULL)
    self->commands = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  g_ptr_array_add (self->commands, g_strv_builder_end (builder));
}

static void
ran_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Demo *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *output = demo_run_command_finish (result, NULL, &error);

  if (output == NULL)
    demo_fail (self, error);
  else
    run_next (self);
}

/* The stage ends with the last command. */
static void
run_next (Demo *self)
{
  g_auto (GStrv) argv = NULL;

  if (self->commands->len == 0)
    {
      demo_next (self);
      return;
    }
  argv = g_ptr_array_steal_index (self->commands, 0);
  demo_run_command ((const char *const *) argv, FALSE, self->cancellable, ran_cb, self);
}

void
demo_stage_people (Demo *self)
{
  g_autofree char *pki = demo_path (self, "pki", NULL), *runtime = demo_path (self, "pki", "runtime", NULL);
  g_autofree char *ledger = demo_path (self, "pki", "ledger.pem", NULL);

  add_command (self, "pki", "ca", "AI Rails demo", "--output", pki, NULL);
  add_command (self, "pki", "issue", "--ca", pki, "--uri", "airails://demo/services/refunds", "--server", "127.0.0.1",
               "--output", runtime, NULL);
  add_command (self, "pki", "key", ledger, "--type", "ed25519", NULL);
  for (guint i = 0; i < DEMO_N_PEOPLE; i++)
    {
      const DemoPerson *person = &demo_people[i];
      g_autofree char *output = demo_path (self, "pki", person->id, NULL), *uri = uri_of (person);
      g_autofree char *key = key_path (self, person);

      add_command (self, "pki", "issue", "--ca", pki, "--uri", uri, "--name", person->name, "--output", output, NULL);
      if (signs (person))
        add_command (self, "pki", "key", key, NULL);
    }
  run_next (self);
}

/* --- whom to trust --------------------------------------------------------------------------------- */

static AirValue *
describe (Demo *self, const DemoPerson *person, GError **error)
{
  g_autoptr (AirValue) entry = air_map_new ();
  g_autofree char *uri = uri_of (person), *path = key_path (self, person),
                  *public_path = g_strconcat (path, ".pub", NULL);
  g_autofree char *pem = NULL;
  AirValue *roles = air_list_new ();

  air_list_append (roles, air_value_new_string (person->role));
  air_map_set_string (entry, "uri", uri);
  air_map_set_string (entry, "name", person->name);
  air_map_set (entry, "roles", roles);
  if (signs (person))
    {
      if (!g_file_get_contents (public_path, &pem, NULL, error))
        return NULL;
      air_map_set_string (entry, "key", pem);
    }
  return g_steal_pointer (&entry);
}

static AirValue *
describe_trust (Demo *self, GError **error)
{
  g_autoptr (AirValue) trust = air_map_new ();
  AirValue *signers = air_list_new (), *people = air_list_new ();
  g_autofree char *ca_path = demo_path (self, "pki", "ca.pem", NULL), *ca = NULL;

  air_map_set_int (trust, "v", 1);
  air_map_set_string (trust, "tenant", "demo");
  air_map_set (trust, "signers", signers);
  air_map_set (trust, "people", people);
  if (!g_file_get_contents (ca_path, &ca, NULL, error))
    return NULL;
  air_map_set_string (trust, "ca", ca);
  for (guint i = 0; i < DEMO_N_PEOPLE; i++)
    {
      AirValue *entry = describe (self, &demo_people[i], error);

      if (entry == NULL)
        return NULL;
      air_list_append (i == DEMO_DORA ? signers : people, entry);
    }
  return g_steal_pointer (&trust);
}

/* The ledger's key as others pin it: a vkey, and a policy for airailsctl verify. */
static gboolean
write_ledger_trust (Demo *self, GError **error)
{
  g_autofree char *path = demo_path (self, "pki", "ledger.pem", NULL), *text = NULL, *policy_text = NULL;
  g_autofree char *vkey_path = demo_path (self, "pki", "ledger.vkey", NULL);
  g_autofree char *policy_path = demo_path (self, "policy.tlog-policy", NULL);
  g_autoptr (AirPrivateKey) key = air_private_key_load (path, error);
  g_autoptr (AirVkey) vkey = NULL;
  g_autoptr (AirTlogPolicy) policy = air_tlog_policy_new ();

  if (key == NULL
      || (vkey = air_vkey_new (DEMO_ORIGIN, AIR_NOTE_KEY_ED25519, air_private_key_get_public (key), error)) == NULL
      || !air_tlog_policy_add_log (policy, vkey, NULL, error) || !air_tlog_policy_set_quorum (policy, "none", error))
    return FALSE;
  text = air_vkey_to_string (vkey);
  policy_text = air_tlog_policy_write (policy);
  return g_file_set_contents (vkey_path, text, -1, error) && g_file_set_contents (policy_path, policy_text, -1, error);
}

void
demo_stage_trust (Demo *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) trust = describe_trust (self, &error);
  g_autofree char *path = demo_path (self, "trust.json", NULL);
  g_autofree char *text = trust != NULL ? air_json_write_pretty (trust, &error) : NULL;

  if (text == NULL || !g_file_set_contents (path, text, -1, &error) || !write_ledger_trust (self, &error))
    demo_fail (self, error);
  else
    demo_next (self);
}

/* --- the workflow -------------------------------------------------------------------------------------- */

void
demo_stage_artifact (Demo *self)
{
  g_autofree char *packs = g_build_filename (self->places.source, "packs", NULL);
  g_autofree char *workflow =
      g_build_filename (packs, "customer-operations", "workflows", WORKFLOW ".workflow.json", NULL);
  g_autofree char *output = demo_path (self, "artifact", NULL), *key = key_path (self, &demo_people[DEMO_DORA]);

  add_command (self, "compile", workflow, "--packs", packs, "--output", output, NULL);
  add_command (self, "sign", "--key", key, output, NULL);
  run_next (self);
}

static void
published_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Demo *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *output = demo_run_command_finish (result, NULL, &error);
  g_autoptr (AirValue) answer = output != NULL ? air_json_parse (output, strlen (output), &error) : NULL;

  if (answer == NULL)
    {
      demo_fail (self, error);
      return;
    }
  self->artifact = g_strdup (air_map_get_string (answer, "folder"));
  demo_next (self);
}

void
demo_stage_publish (Demo *self)
{
  g_autofree char *trust = demo_path (self, "trust.json", NULL), *registry = demo_path (self, "registry", NULL);
  g_autofree char *artifact = demo_path (self, "artifact", NULL);
  const char *argv[] = {
    self->places.airailsctl, "publish", "--json", "--trust", trust, "--registry", registry, artifact, NULL
  };

  demo_run_command (argv, FALSE, self->cancellable, published_cb, self);
}
