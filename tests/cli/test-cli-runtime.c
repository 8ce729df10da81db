/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include "cli-fixture.h"
#include "runtime-double.h"

typedef struct {
  Cli cli;
  RuntimeDouble *runtime;
  const char *profile;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  cli_set_up (&self->cli, data);
  self->runtime = runtime_double_new ();
  self->profile = runtime_double_get_profile_path (self->runtime);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  runtime_double_free (self->runtime);
  cli_tear_down (&self->cli, data);
}

static char *
waiting_gate (Fixture *self, int quorum)
{
  return g_strconcat (runtime_double_add_waiting (self->runtime, "#W1", 25000, quorum), "/approval", NULL);
}

static void
test_runs (Fixture *self, gconstpointer data)
{
  const char *refunded = runtime_double_add_refunded (self->runtime, "#W2", 5000);
  g_autofree char *gate = waiting_gate (self, 1);

  cli_run (&self->cli, 0, "runs", "-p", self->profile, NULL);
  cli_assert_out (&self->cli, refunded);
  cli_run (&self->cli, 0, "runs", "-p", self->profile, "--limit", "1", NULL);
  g_assert_null (strstr (self->cli.out, refunded));
  cli_assert_out (&self->cli, "more: --cursor");
  cli_run (&self->cli, 0, "runs", "-p", self->profile, refunded, "--json", NULL);
  {
    g_autoptr (AirValue) value = cli_get_json (&self->cli);

    g_assert_cmpstr (air_map_get_string (value, "id"), ==, refunded);
  }
  cli_run (&self->cli, 5, "runs", "-p", self->profile, "no-such-run", NULL);
  cli_assert_says (&self->cli, "list the runs");
}

static void
test_gate_show (Fixture *self, gconstpointer data)
{
  g_autofree char *gate = waiting_gate (self, 2);

  cli_run (&self->cli, 0, "gate", "list", "-p", self->profile, NULL);
  cli_assert_out (&self->cli, gate);
  cli_run (&self->cli, 0, "gate", "show", "-p", self->profile, gate, NULL);
  cli_assert_out (&self->cli, "0 of 2");
  cli_assert_out (&self->cli, "25000");
  cli_assert_out (&self->cli, "operation");
  cli_run (&self->cli, 0, "gate", "show", "-p", self->profile, gate, "--json", NULL);
  {
    g_autoptr (AirValue) value = cli_get_json (&self->cli);

    g_assert_cmpstr (air_map_get_string (value, "gate"), ==, gate);
    g_assert_nonnull (air_map_get_list (value, "action"));
    g_assert_nonnull (air_map_get_string (value, "action_digest"));
    g_assert_true (air_map_get_bool (value, "may_decide", FALSE));
  }
}

static void
test_gate_decide (Fixture *self, gconstpointer data)
{
  gboolean approve = GPOINTER_TO_INT (data);
  g_autofree char *gate = waiting_gate (self, 1);

  cli_run (&self->cli, 0, "gate", "decide", "-p", self->profile, gate, approve ? "--approve" : "--deny", "--reason",
           "as agreed", "--yes", NULL);
  /* The action stands before the answer. */
  cli_assert_out (&self->cli, "25000");
  g_assert_true (strstr (self->cli.out, "25000") < strstr (self->cli.out, "signed by key"));
  cli_assert_out (&self->cli, approve ? "approved" : "denied");
  g_assert_cmpstr (runtime_double_get_decision (self->runtime), ==, approve ? "approve" : "deny");
  g_assert_cmpstr (runtime_double_get_reason (self->runtime), ==, "as agreed");

  cli_run (&self->cli, 5, "gate", "decide", "-p", self->profile, gate, "--approve", "--reason", "again", "--yes", NULL);
}

static void
test_gate_decide_json (Fixture *self, gconstpointer data)
{
  g_autofree char *gate = waiting_gate (self, 2);
  g_autofree char *digest = NULL;

  cli_run (&self->cli, 0, "gate", "show", "-p", self->profile, gate, "--json", NULL);
  {
    g_autoptr (AirValue) value = cli_get_json (&self->cli);

    digest = g_strdup (air_map_get_string (value, "action_digest"));
  }
  cli_run (&self->cli, 1, "gate", "decide", "-p", self->profile, gate, "--approve", "-m", "x", "-y", "--action",
           "other", NULL);
  g_assert_null (runtime_double_get_decision (self->runtime));
  cli_run (&self->cli, 0, "gate", "decide", "-p", self->profile, gate, "--approve", "-m", "x", "-y", "--action", digest,
           "--json", NULL);
  {
    g_autoptr (AirValue) value = cli_get_json (&self->cli);

    g_assert_cmpstr (air_map_get_string (air_map_get_map (value, "answer"), "outcome"), ==, "waiting");
  }
}

static void
test_gate_not_mine (Fixture *self, gconstpointer data)
{
  const char *designer = runtime_double_get_designer_profile_path (self->runtime);
  g_autofree char *gate = waiting_gate (self, 1);

  cli_run (&self->cli, 5, "gate", "decide", "-p", designer, gate, "--approve", "--reason", "mine", "--yes", NULL);
  cli_assert_says (&self->cli, "separation of duties");
  g_assert_null (runtime_double_get_decision (self->runtime));
}

static void
test_gate_wrong_key (Fixture *self, gconstpointer data)
{
  g_autofree char *gate = waiting_gate (self, 1);

  cli_run (&self->cli, 0, "pki", "key", "other.key", NULL);
  cli_run (&self->cli, 5, "gate", "decide", "-p", self->profile, gate, "--approve", "-m", "x", "-y", "-k", "other.key",
           NULL);
  cli_assert_says (&self->cli, "sign with your enrolled key");
  cli_run (&self->cli, 3, "gate", "decide", "-p", self->profile, gate, "--approve", "-m", "x", "-y", "-k", "absent.key",
           NULL);
  g_assert_null (runtime_double_get_decision (self->runtime));
}

/* What a lying runtime shows is neither believed nor signed. */
static void
test_lies (Fixture *self, gconstpointer data)
{
  static const RuntimeDoubleLie lies[] = { RUNTIME_DOUBLE_SHOWS_OTHER_ACTION, RUNTIME_DOUBLE_HIDES_ACTION,
                                           RUNTIME_DOUBLE_CHANGES_LEAF };
  g_autofree char *gate = waiting_gate (self, 1);

  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      runtime_double_set_lie (self->runtime, lies[i]);
      cli_run (&self->cli, 1, "gate", "show", "-p", self->profile, gate, NULL);
      cli_run (&self->cli, 1, "gate", "decide", "-p", self->profile, gate, "--approve", "-m", "x", "-y", NULL);
      g_assert_null (runtime_double_get_decision (self->runtime));
    }
  runtime_double_set_lie (self->runtime, RUNTIME_DOUBLE_UNSIGNED_HEAD);
  cli_run (&self->cli, 1, "ledger", "head", "-p", self->profile, NULL);
  runtime_double_set_lie (self->runtime, RUNTIME_DOUBLE_WRONG_PROOF);
  cli_run (&self->cli, 1, "ledger", "prove", "1", "-p", self->profile, "-o", "proof", NULL);
  g_assert_false (cli_exists (&self->cli, "proof"));
}

static void
test_ledger (Fixture *self, gconstpointer data)
{
  runtime_double_add_refunded (self->runtime, "#W2", 5000);
  cli_run (&self->cli, 0, "ledger", "head", "-p", self->profile, NULL);
  cli_assert_out (&self->cli, "airails.example/demo/refunds");
  cli_assert_out (&self->cli, "a key the runtime itself named");
  runtime_double_add_refunded (self->runtime, "#W3", 5000);
  cli_run (&self->cli, 0, "ledger", "head", "-p", self->profile, NULL);
  cli_assert_out (&self->cli, "entries seen from here before");
  runtime_double_set_lie (self->runtime, RUNTIME_DOUBLE_FORKED);
  cli_run (&self->cli, 1, "ledger", "head", "-p", self->profile, NULL);
  runtime_double_set_lie (self->runtime, RUNTIME_DOUBLE_HONEST);
  cli_run (&self->cli, 0, "ledger", "prove", "2", "-p", self->profile, "-o", "proof", NULL);
  cli_assert_out (&self->cli, "entry 2, leaf ");
  g_assert_true (cli_exists (&self->cli, "proof"));
  cli_run (&self->cli, 3, "ledger", "prove", "2", "-p", self->profile, "-o", "proof", NULL);
  cli_run (&self->cli, 5, "ledger", "prove", "9999", "-p", self->profile, NULL);
  cli_run (&self->cli, 0, "ledger", "prove", "2", "-p", self->profile, "--json", NULL);
  {
    g_autoptr (AirValue) value = cli_get_json (&self->cli);

    g_assert_cmpint (air_map_get_int (value, "index", -1), ==, 2);
    g_assert_true (g_str_has_prefix (air_map_get_string (value, "proof"), "c2sp.org/tlog-proof@v1\n"));
  }
}

static void
test_run_refuses (Fixture *self, gconstpointer data)
{
  cli_run (&self->cli, 3, "run", "request", "absent.json", "-p", self->profile, NULL);
  cli_write (&self->cli, "event.json", "{\"specversion\":\"1.0\",\n\"id\":}");
  cli_run (&self->cli, 3, "run", "request", "event.json", "-p", self->profile, NULL);
  cli_assert_says (&self->cli, "event.json:2:6: ");
  cli_write (&self->cli, "event.json", "{\"order_id\":\"#W1\"}");
  cli_run (&self->cli, 3, "run", "request", "event.json", "-p", self->profile, NULL);
  cli_assert_says (&self->cli, "\"specversion\" is missing");
  cli_write (&self->cli, "event.json", "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"test\",\"type\":\"x\"}");
  cli_run (&self->cli, 5, "run", "no-such-trigger", "event.json", "-p", self->profile, NULL);
}

static void
test_export_refuses (Fixture *self, gconstpointer data)
{
  cli_write (&self->cli, "mine.zip", "mine");
  cli_run (&self->cli, 3, "export", "RUN", "-o", "mine.zip", "-p", self->profile, NULL);
  cli_assert_says (&self->cli, "mine.zip");
  cli_run (&self->cli, 5, "export", "no-such-run", "-p", self->profile, NULL);
  g_assert_false (cli_exists (&self->cli, "no-such-run.zip"));
}

static void
test_profiles (Fixture *self, gconstpointer data)
{
  cli_run (&self->cli, 3, "runs", NULL);
  cli_assert_says (&self->cli, "--profile");
  cli_run (&self->cli, 3, "runs", "-p", "absent.json", NULL);
  cli_write (&self->cli, "profile.json", "{\"url\":\"http://127.0.0.1:1\"}");
  cli_run (&self->cli, 3, "runs", "-p", "profile.json", NULL);
  cli_assert_says (&self->cli, "profile.json");
  runtime_double_stop (self->runtime);
  cli_run (&self->cli, 4, "runs", "-p", self->profile, NULL);
  cli_run (&self->cli, 4, "gate", "list", "-p", self->profile, NULL);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    void (*func) (Fixture *, gconstpointer);
    int data;
  } tests[] = {
    { "runs", test_runs },
    { "gate-show", test_gate_show },
    { "gate-approve", test_gate_decide, TRUE },
    { "gate-deny", test_gate_decide, FALSE },
    { "gate-decide-json", test_gate_decide_json },
    { "gate-not-mine", test_gate_not_mine },
    { "gate-wrong-key", test_gate_wrong_key },
    { "lies", test_lies },
    { "ledger", test_ledger },
    { "run-refuses", test_run_refuses },
    { "export-refuses", test_export_refuses },
    { "profiles", test_profiles },
  };

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/cli/runtime/", tests[i].name, NULL);

      g_test_add (path, Fixture, GINT_TO_POINTER (tests[i].data), set_up, tests[i].func, tear_down);
    }
  return g_test_run ();
}
