/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every kind of document, broken in every way a document can be, given to every command that reads it: an error that
 * names the place and the mend, a status that is not zero, and nothing written. */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include "artifact/air-artifact.h"
#include "cli-fixture.h"
#include "cli/air-cli.h"

typedef enum {
  EMPTY,
  CUT,       /* in its middle */
  LONGER,    /* something behind its end */
  TWICE,     /* a key */
  UNKNOWN,   /* a key */
  SURROGATE, /* half a character */
  NOT_UTF8,
  DEEP,
  OTHER_MARKER, /* a "$schema" that is none of ours, where it has one */
  OTHER_KIND,   /* JSON, but a list */
  TEXT,         /* no JSON at all */
  FOLDER,
  GONE,
  N_DAMAGES,
} Damage;

static const char *const damage_names[N_DAMAGES] = {
  [EMPTY] = "empty",
  [CUT] = "cut",
  [LONGER] = "longer",
  [TWICE] = "key-twice",
  [UNKNOWN] = "unknown-key",
  [SURROGATE] = "surrogate",
  [NOT_UTF8] = "not-utf8",
  [DEEP] = "too-deep",
  [OTHER_MARKER] = "other-marker",
  [OTHER_KIND] = "a-list",
  [TEXT] = "text",
  [FOLDER] = "folder",
  [GONE] = "gone",
};

#define ALL         ((1u << N_DAMAGES) - 1)
#define BUT(damage) &~(1u << (damage))
#define NO_JSON     (1u << EMPTY | 1u << CUT | 1u << OTHER_KIND | 1u << TEXT | 1u << FOLDER | 1u << GONE)
/* The example of C2SP's signed-note. */
#define VKEY     "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define PACKS    "--packs", "packs"
#define WORKFLOW "packs/customer-operations/workflows/refunds-and-cancellations.workflow.json"

typedef struct {
  const char *name;
  const char *file;
  guint damages;
  int status; /* of the commands; 0: any but 0 */
  const char *commands[14][9];
} Kind;

static const Kind kinds[] = {
  { "workflow",
    WORKFLOW,
    ALL,
    3,
    {
        { "check", WORKFLOW },
        { "lint", WORKFLOW },
        { "lint", "--fix", WORKFLOW },
        { "hints", WORKFLOW },
        { "labels", WORKFLOW },
        { "manifest", WORKFLOW },
        { "compile", WORKFLOW, "-o", "made" },
        { "simulate", WORKFLOW, "--runs", "2" },
        { "test", WORKFLOW, "--junit", "made.xml" },
        { "diff", WORKFLOW, "good.json" },
        { "diff", "good.json", WORKFLOW },
        { "backtest", WORKFLOW, "--over", "bundle.zip" },
        { "new", "made.json", "-t", "customer-operations/refunds-and-cancellations", PACKS },
    } },
  { "pack",
    "packs/customer-operations/pack.json",
    ALL,
    3,
    { { "pack", "check", "packs" },
      { "pack", "list", "packs" },
      { "check", WORKFLOW },
      { "compile", WORKFLOW, "-o", "made" },
      { "new", "made.json", "-t", "customer-operations/refunds-and-cancellations", PACKS } } },
  { "connector",
    "packs/customer-operations/connectors/stripe.json",
    ALL,
    3,
    { { "pack", "check", "packs" }, { "check", WORKFLOW }, { "compile", WORKFLOW, "-o", "made" } } },
  { "operation",
    "packs/customer-operations/ops/stripe.refund.create.json",
    ALL,
    3,
    { { "pack", "check", "packs" }, { "check", WORKFLOW }, { "compile", WORKFLOW, "-o", "made" } } },
  { "fixtures",
    "packs/customer-operations/fixtures/stripe.refund.create.json",
    ALL,
    3,
    { { "pack", "check", "packs" }, { "check", WORKFLOW }, { "compile", WORKFLOW, "-o", "made" } } },
  { "policy",
    "packs/customer-operations/policies/refund-approval.policy.json",
    ALL,
    3,
    { { "pack", "check", "packs" }, { "check", WORKFLOW }, { "compile", WORKFLOW, "-o", "made" } } },
  { "component",
    "packs/data-handling/components/data.validate.component.json",
    ALL,
    3,
    { { "pack", "check", "packs" }, { "check", WORKFLOW } } },
  { "schema",
    "schema.json",
    ALL,
    3,
    { { "schema", "check", "schema.json" },
      { "schema", "check", "schema.json", "instance.json" },
      { "schema", "sample", "schema.json" } } },
  { "instance",
    "instance.json",
    ALL BUT (OTHER_KIND) BUT (UNKNOWN),
    3,
    { { "schema", "check", "schema.json", "instance.json" } } },
  { "trust",
    "trust.json",
    ALL,
    3,
    { { "verify", "built", "-t", "trust.json" },
      { "publish", "built", "-r", "made", "-t", "trust.json" },
      { "pki", "trust", "show", "trust.json" },
      { "pki", "trust", "add", "trust.json", "-u", "airails://demo/people/ana", "--role", "operator" },
      { "pki", "trust", "revoke", "trust.json", "-u", "airails://demo/people/dora" } } },
  { "event", "event.json", ALL, 3, { { "run", "request", "event.json", "-p", "profile.json" } } },
  { "profile",
    "profile.json",
    ALL,
    3,
    { { "runs", "-p", "profile.json" },
      { "gate", "list", "-p", "profile.json" },
      { "export", "r-1", "-o", "made.zip", "-p", "profile.json" } } },
  { "secrets",
    "secrets.json",
    ALL BUT (UNKNOWN) BUT (GONE),
    3,
    { { "authorize", "connector.json", "-s", "secrets.json", "--wait", "1" } } },
  { "connector-alone",
    "connector.json",
    ALL,
    3,
    { { "authorize", "connector.json", "-s", "secrets.json", "--wait", "1" } } },
  { "events", "events.jsonl", ALL, 3, { { "simulate", WORKFLOW, "--data", "events.jsonl" } } },
  /* Keys that an OCI reader does not know it must not refuse (image-spec, "Considerations"). */
  { "layout",
    "built/index.json",
    ALL BUT (UNKNOWN),
    0,
    { { "verify", "built", "-t", "trust.json" },
      { "inspect", "built" },
      { "sign", "built", "-k", "dora.key" },
      { "publish", "built", "-r", "made", "-t", "trust.json" } } },
  { "layout-mark",
    "built/oci-layout",
    ALL BUT (UNKNOWN),
    0,
    { { "verify", "built", "-t", "trust.json" },
      { "inspect", "built" },
      { "sign", "built", "-k", "dora.key" },
      { "publish", "built", "-r", "made", "-t", "trust.json" } } },
  { "manifest",
    NULL,
    ALL,
    0,
    { { "verify", "built", "-t", "trust.json" },
      { "inspect", "built" },
      { "sign", "built", "-k", "dora.key" },
      { "publish", "built", "-r", "made", "-t", "trust.json" } } },
  { "key",
    "dora.key",
    NO_JSON,
    3,
    { { "sign", "built", "-k", "dora.key" }, { "key", "show", "dora.key" }, { "key", "public", "dora.key" } } },
  { "bundle",
    "bundle.zip",
    NO_JSON BUT (FOLDER),
    0,
    {
        { "verify", "bundle.zip" },
        { "replay", "bundle.zip" },
        { "backtest", WORKFLOW, "--over", "bundle.zip" },
    } },
  { "log-policy",
    "policy.tlog-policy",
    NO_JSON,
    3,
    {
        { "verify", "bundle.zip", "--policy", "policy.tlog-policy" },
        { "ledger", "fsck", "state", "--policy", "policy.tlog-policy" },
    } },
  { "ledger", "state/ledger.sqlite", NO_JSON, 0, { { "ledger", "fsck", "state", "--key", VKEY } } },
};

typedef struct {
  Cli cli;
  char *manifest; /* where the artifact's manifest lies */
} Fixture;

/* --- the folder, and what it holds ---------------------------------------------------------- */

static void
copy_tree (const char *from, const char *to)
{
  g_autoptr (GDir) dir = g_dir_open (from, 0, NULL);
  const char *name;

  g_assert_cmpint (g_mkdir_with_parents (to, 0700), ==, 0);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *source = g_build_filename (from, name, NULL), *target = g_build_filename (to, name, NULL);

      if (g_file_test (source, G_FILE_TEST_IS_DIR))
        copy_tree (source, target);
      else
        {
          g_autofree char *text = NULL;
          gsize length;

          g_assert_true (g_file_get_contents (source, &text, &length, NULL));
          g_assert_true (g_file_set_contents (target, text, length, NULL));
        }
    }
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* One digest over the names, kinds and bytes of all that is there. */
static void
digest_tree (GChecksum *sum, const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL), *text = NULL;
      gsize length;

      g_checksum_update (sum, (const guchar *) path, strlen (path) + 1);
      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        digest_tree (sum, path);
      else if (g_file_get_contents (path, &text, &length, NULL))
        g_checksum_update (sum, (const guchar *) text, length);
    }
}

static char *
digest (Fixture *self)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  digest_tree (sum, self->cli.directory);
  return g_strdup (g_checksum_get_string (sum));
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *packs = cli_packs (), *copy = NULL, *built = NULL, *workflow = cli_workflow (), *text = NULL;
  g_autoptr (AirArtifact) artifact = NULL;
  g_autoptr (GError) error = NULL;

  cli_set_up (&self->cli, NULL);
  copy = cli_path (&self->cli, "packs");
  copy_tree (packs, copy);
  g_assert_true (g_file_get_contents (workflow, &text, NULL, NULL));
  cli_write (&self->cli, "good.json", text);
  cli_run (&self->cli, 0, "pki", "key", "dora.key", NULL);
  cli_run (&self->cli, 0, "pki", "ca", "Demo CA", "-o", "ca", NULL);
  cli_run (&self->cli, 0, "pki", "trust", "init", "trust.json", "--tenant", "demo", "--ca", "ca/ca.pem", NULL);
  cli_run (&self->cli, 0, "pki", "trust", "add", "trust.json", "--uri", "airails://demo/people/dora", "--role",
           "designer", "--key", "dora.key.pub", NULL);
  cli_run (&self->cli, 0, "compile", WORKFLOW, "-o", "built", NULL);
  cli_run (&self->cli, 0, "sign", "built", "--key", "dora.key", NULL);
  built = cli_path (&self->cli, "built");
  artifact = air_artifact_load (built, &error);
  g_assert_no_error (error);
  self->manifest = g_strconcat ("built/blobs/sha256/", artifact->digest + strlen ("sha256:"), NULL);
  cli_write (&self->cli, "schema.json",
             "{\n  \"type\": \"object\",\n  \"properties\": {\"id\": {\"type\": \"string\"}}\n}\n");
  cli_write (&self->cli, "instance.json", "{\n  \"id\": \"x\"\n}\n");
  cli_write (&self->cli, "event.json",
             "{\n  \"specversion\": \"1.0\",\n  \"id\": \"e\",\n  \"source\": \"s\",\n  \"type\": \"t\",\n  \"data\": "
             "{}\n}\n");
  cli_write (&self->cli, "profile.json", "{\n  \"url\": \"https://127.0.0.1:1\"\n}\n");
  cli_write (&self->cli, "secrets.json", "{\n  \"client_secret\": \"x\"\n}\n");
  cli_write (
      &self->cli, "connector.json",
      "{\n  \"$schema\": \"airails:connector/1\",\n  \"id\": \"v\",\n  \"version\": \"1.0.0\",\n  \"title\": \"V\",\n"
      "  \"base_url\": \"https://v.example\",\n  \"auth\": {\"kind\": \"oauth2\", \"grant\": \"refresh_token\",\n"
      "    \"client_id\": \"a\", \"client_secret\": \"${secret.client_secret}\",\n"
      "    \"refresh_token\": \"${secret.refresh_token}\", \"token_url\": \"https://v.example/token\",\n"
      "    \"authorize_url\": \"https://v.example/allow\"},\n"
      "  \"scopes\": [],\n  \"egress\": [\"v.example:443\"]\n}\n");
  cli_write (&self->cli, "events.jsonl", "{\"kind\": \"cancel\"}\n");
  cli_write (&self->cli, "policy.tlog-policy", "log " VKEY "\nquorum none\n");
  cli_write (&self->cli, "bundle.zip", "{\n  \"no\": \"bundle\"\n}\n");
  cli_write (&self->cli, "state/ledger.sqlite", "{\n  \"no\": \"ledger\"\n}\n");
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_free (self->manifest);
  cli_tear_down (&self->cli, NULL);
}

/* --- breaking it ------------------------------------------------------------------------------ */

static void
damage (const char *path, const char *text, gsize length, Damage how)
{
  g_autofree char *many = g_strnfill (70, '['), *ends = g_strnfill (70, ']');
  g_autoptr (GString) changed = g_string_new_len (text, length);
  g_autofree char *deep = g_strdup_printf ("\"zz\":%s%s,", many, ends);
  const char *inserted[N_DAMAGES] = {
    [TWICE] = "\"zz\":1,\"zz\":1,",  [UNKNOWN] = "\"zz\":1,", [SURROGATE] = "\"zz\":\"\\ud800\",",
    [NOT_UTF8] = "\"zz\":\"\xff\",", [DEEP] = deep,
  };

  g_unlink (path);
  if (how == GONE)
    return;
  if (how == FOLDER)
    {
      g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
      return;
    }
  if (how == EMPTY || how == OTHER_KIND || how == TEXT)
    g_string_assign (changed, how == EMPTY ? "" : how == TEXT ? "Dear Sir or Madam,\n" : "[]\n");
  else if (how == CUT)
    g_string_truncate (changed, length / 2);
  else if (how == LONGER)
    g_string_append (changed, "}");
  else if (how == OTHER_MARKER)
    g_string_replace (changed, "\"airails:", "\"other:", 1);
  else
    g_string_insert (changed, strcspn (text, "{") + 1, inserted[how]);
  g_assert_true (g_file_set_contents (path, changed->str, changed->len, NULL));
}

static void
run (Fixture *self, const char *const *command, gboolean json)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  for (guint i = 0; command[i] != NULL; i++)
    g_ptr_array_add (argv, (gpointer) command[i]);
  if (json)
    g_ptr_array_add (argv, (gpointer) "--json");
  g_ptr_array_add (argv, NULL);
  cli_run_any (&self->cli, (const char *const *) argv->pdata);
}

/* "FILE: …; …": where, and how to mend it; what reads a folder may name that. A bundle is judged, whatever it is: the
 * verdict says what of it is not as it must be. */
static gboolean
is_well_said (const char *text, const char *file, Damage how)
{
  g_autofree char *name = g_path_get_basename (file), *folder = g_path_get_dirname (file);
  g_autofree char *folder_name = g_path_get_basename (folder);
  const char *at = strstr (text, name);

  if (at == NULL && strstr (text, folder_name) == NULL && strstr (text, "bundle: ") == NULL)
    return FALSE;
  return (strstr (text, "; ") != NULL || strstr (text, "is none of ") != NULL || strstr (text, "bundle: ") != NULL)
         && strstr (text, "CRITICAL") == NULL && strstr (text, "WARNING") == NULL;
}

static void
try_command (Fixture *self,
             const Kind *kind,
             const char *file,
             const char *const *command,
             Damage how,
             const char *before)
{
  g_autofree char *line = g_strjoinv (" ", (char **) command), *after = NULL, *said = NULL;
  g_autoptr (AirValue) answer = NULL;
  AirValue *error;
  int status;

  run (self, command, FALSE);
  status = self->cli.status;
  g_test_message ("%s, %s: %d %s", line, damage_names[how], status, self->cli.err);
  said = g_strconcat (self->cli.err, self->cli.out, NULL);
  after = digest (self);
  if (strcmp (before, after) != 0)
    g_error ("airailsctl %s (%s) wrote something", line, damage_names[how]);
  if (status == 0 || status > AIR_EXIT_DENIED || (kind->status != 0 && status != kind->status))
    g_error ("airailsctl %s (%s) ends with %d: %s", line, damage_names[how], status, said);
  if (!is_well_said (said, file, how))
    g_error ("airailsctl %s (%s) names no place or no mend: %s", line, damage_names[how], said);
  if (how != EMPTY)
    return;

  /* The same in JSON: what is wrong, and the status. */
  run (self, command, TRUE);
  g_assert_cmpint (self->cli.status, ==, status);
  if (*self->cli.err == '\0')
    return;
  answer = air_json_parse (self->cli.err, strlen (self->cli.err), NULL);
  error = answer != NULL ? air_map_get_map (answer, "error") : NULL;
  if (error == NULL || air_map_get_int (error, "exit", 0) != status || air_map_get_string (error, "message") == NULL)
    g_error ("airailsctl %s --json (%s) says: %s", line, damage_names[how], self->cli.err);
}

static void
test_kind (Fixture *self, gconstpointer data)
{
  const Kind *kind = data;
  const char *file = kind->file != NULL ? kind->file : self->manifest;
  g_autofree char *path = cli_path (&self->cli, file), *text = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  for (Damage how = 0; how < N_DAMAGES; how++)
    {
      g_autofree char *before = NULL;

      if (!(kind->damages & 1u << how)
          || (how == OTHER_MARKER && g_strstr_len (text, length, "\"$schema\": \"airails:") == NULL))
        continue;
      damage (path, text, length, how);
      before = digest (self);
      for (guint i = 0; i < G_N_ELEMENTS (kind->commands) && kind->commands[i][0] != NULL; i++)
        try_command (self, kind, file, kind->commands[i], how, before);
      g_remove (path);
      g_assert_true (g_file_set_contents (path, text, length, NULL));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strconcat ("/cli/bad-input/", kinds[i].name, NULL);

      g_test_add (path, Fixture, &kinds[i], set_up, test_kind, tear_down);
    }
  return g_test_run ();
}
