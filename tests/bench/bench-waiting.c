/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-bench"

#include "config.h"

#include "bench-host.h"
#include "bench.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/air-json.h"
#include "base/air-key.h"
#include "base/air-x509.h"
#include "ledger/air-decision.h"
#include "runtime/air-gatekeeper.h"

/* Many runs that wait at a gate: what they cost, and how fast signed approvals let them go on. */

#define PERSON  "airails://bench/people/ana"
#define AT_ONCE 256
#define BATCH   1000
#define GATE    "approval"

typedef struct {
  AirHost *host;
  AirPrivateKey *key; /* of the person who approves */
  GMainLoop *loop;
  GPtrArray *runs;
  guint wanted;
  guint sent, under_way;
  guint first; /* of the batch */
  GPtrArray *envelopes;
} Load;

/* --- starting --- */

static void send_one (Load *self);

static void
triggered_cb (const char *run, gboolean duplicate, AirProblem *take_problem, gpointer user_data)
{
  Load *self = user_data;

  if (take_problem != NULL)
    g_error ("a trigger was refused: %s", take_problem->detail);
  g_ptr_array_add (self->runs, g_strdup (run));
  self->under_way--;
  if (self->sent < self->wanted)
    send_one (self);
  else if (self->under_way == 0)
    g_main_loop_quit (self->loop);
}

static void
send_one (Load *self)
{
  g_autofree char *key = g_strdup_printf ("order-%u", ++self->sent);

  self->under_way++;
  bench_trigger_run (self->host, self->sent, key, 49990, triggered_cb, self);
}

static double
start_all (Load *self)
{
  gint64 start = g_get_monotonic_time ();

  self->sent = self->under_way = 0;
  for (guint i = 0; i < MIN (AT_ONCE, self->wanted); i++)
    send_one (self);
  g_main_loop_run (self->loop);
  return (g_get_monotonic_time () - start) / 1e6;
}

/* --- approving --- */

/* What a person's own program does before it sends. */
static char *
make_envelope (Load *self, const char *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirGateDossier) dossier = air_host_read_dossier (self->host, run, GATE, &error);
  g_autofree char *gate = g_strconcat (run, "/" GATE, NULL);
  gint64 now = g_get_real_time ();
  g_autoptr (AirDecision) decision = NULL;
  AirDigest request;
  char *envelope;

  if (dossier == NULL)
    g_error ("run %s asks for nothing: %s", run, error != NULL ? error->message : "no gate");
  air_digest_from_hex (dossier->leaf_hash, &request);
  decision = air_decision_new ("approve", gate, &request, BENCH_ARTIFACT,
                               air_map_get_string (dossier->members, "action_digest"), "Looked at it", "approver", now,
                               now + 600 * G_USEC_PER_SEC, air_random_system ());
  envelope = air_decision_sign (decision, self->key, &error);
  if (envelope == NULL)
    g_error ("%s", error->message);
  return envelope;
}

static void
decided_cb (AirRun *run, AirCommit *commit, AirProblem *take_problem, gpointer user_data)
{
  if (take_problem != NULL)
    g_error ("a decision was refused: %s", take_problem->detail);
}

static void
approve_one (Load *self, const char *run, char *take_envelope)
{
  g_autoptr (GError) error = NULL;
  AirRun *opened = air_host_open_run (self->host, run, &error);
  AirMessage *message;

  if (opened == NULL)
    g_error ("run %s is not open: %s", run, error != NULL ? error->message : "closed");
  message = air_message_new (AIR_EVENT_DECISION);
  message->node = g_strdup (GATE);
  message->actor = g_strdup (PERSON);
  message->envelope = take_envelope;
  air_message_set_sender (message, decided_cb, self);
  air_host_post (self->host, opened, message);
}

/* As many as the batch has, some hundred at once; done with one when its run is over. */
static void
approve_some (Load *self)
{
  while (self->under_way < AT_ONCE && self->sent < self->envelopes->len)
    {
      guint i = self->sent++;

      self->under_way++;
      approve_one (self, self->runs->pdata[self->first + i], g_steal_pointer (&self->envelopes->pdata[i]));
    }
}

static void
finished_cb (const char *run, const char *outcome, gint64 duration_us, gpointer user_data)
{
  Load *self = user_data;

  if (g_strcmp0 (outcome, "completed") != 0)
    g_error ("a run ended as %s", outcome);
  self->under_way--;
  approve_some (self);
  if (self->under_way == 0)
    g_main_loop_quit (self->loop);
}

/* Seconds for all; signing the decisions is their senders' work and not counted. */
static double
approve_all (Load *self, double *ret_cpu)
{
  double seconds = 0;

  *ret_cpu = 0;
  for (guint first = 0; first < self->runs->len; first += BATCH)
    {
      guint n = MIN (BATCH, self->runs->len - first);
      gint64 start;
      double cpu;

      g_ptr_array_set_size (self->envelopes, 0);
      for (guint i = 0; i < n; i++)
        g_ptr_array_add (self->envelopes, make_envelope (self, self->runs->pdata[first + i]));
      self->first = first;
      self->sent = self->under_way = 0;
      cpu = bench_cpu_seconds ();
      start = g_get_monotonic_time ();
      approve_some (self);
      g_main_loop_run (self->loop);
      seconds += (g_get_monotonic_time () - start) / 1e6;
      *ret_cpu += bench_cpu_seconds () - cpu;
    }
  return seconds;
}

/* --- around --- */

static void
add_person (AirValue *list, const char *uri, const char *role, AirPrivateKey *key)
{
  AirValue *person = air_map_new (), *roles = air_list_new ();
  g_autofree char *pem = air_public_key_to_pem (air_private_key_get_public (key));

  air_map_set_string (person, "uri", uri);
  air_list_append (roles, air_value_new_string (role));
  air_map_set (person, "roles", roles);
  air_map_set_string (person, "key", pem);
  air_list_append (list, person);
}

static AirTrust *
make_trust (const char *folder, AirPrivateKey *key, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "trust.json", NULL), *ca = NULL, *text = NULL;
  g_autoptr (AirPrivateKey) other = air_private_key_generate (AIR_KEY_ECDSA_P256, error);
  g_autoptr (AirValue) trust = air_map_new ();
  AirValue *signers = air_list_new (), *people = air_list_new ();
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  air_map_set_int (trust, "v", 1);
  air_map_set_string (trust, "tenant", "bench");
  air_map_set (trust, "signers", signers);
  air_map_set (trust, "people", people);
  if (other == NULL || (ca = air_x509_issue_ca (other, "Bench", now - 60, now + 86400, error)) == NULL)
    return NULL;
  air_map_set_string (trust, "ca", ca);
  add_person (signers, "airails://bench/people/dora", "designer", other);
  add_person (people, PERSON, "approver", key);
  text = air_json_write_pretty (trust, error);
  if (text == NULL || !g_file_set_contents (path, text, -1, error))
    return NULL;
  return air_trust_load (path, error);
}

/* Ends and begins anew: how long, until triggers are taken and all that is due now is done. */
static gboolean
restart (Load *load, const AirHostOptions *options, double *ret_seconds, GError **error)
{
  gint64 start;

  g_clear_pointer (&load->host, air_host_free);
  start = g_get_monotonic_time ();
  load->host = bench_open_host (options, finished_cb, load, error);
  if (load->host == NULL)
    return FALSE;
  while (g_main_context_iteration (NULL, FALSE))
    ;
  *ret_seconds = (g_get_monotonic_time () - start) / 1e6;
  return TRUE;
}

static gboolean
measure (Bench *bench, Load *load, const AirHostOptions *options, GError **error)
{
  double idle, started, memory, empty, again, again_memory, approved, cpu;
  AirValue *row;

  if (!restart (load, options, &empty, error))
    return FALSE;
  idle = bench_memory_mb ();
  started = start_all (load);
  air_writer_settle (air_host_get_writer (load->host));
  memory = bench_memory_mb () - idle - load->runs->len * 64 / 1e6; /* our own list of them */
  if (!restart (load, options, &again, error))
    return FALSE;
  again_memory = bench_memory_mb () - idle - load->runs->len * 64 / 1e6;
  approved = approve_all (load, &cpu);
  g_print ("waiting: %u runs at a gate: started in %.1f s (%.0f/s); %.1f MB more than the %.1f MB idle; the runtime "
           "starts with them in %.0f ms, with none in %.0f ms (%.1f MB more); all approved, and ended, in %.1f s "
           "(%.0f/s, %.2f CPU ms each)\n",
           load->runs->len, started, load->runs->len / started, memory, idle, again * 1000, empty * 1000, again_memory,
           approved, load->runs->len / approved, cpu * 1000 / load->runs->len);
  row = air_map_new ();
  air_map_set_string (row, "name", "waiting");
  air_map_set_int (row, "instances", load->runs->len);
  air_map_set (row, "start_s", air_value_new_double (started));
  air_map_set (row, "idle_mb", air_value_new_double (idle));
  air_map_set (row, "added_mb", air_value_new_double (memory));
  air_map_set (row, "restart_ms", air_value_new_double (again * 1000));
  air_map_set (row, "restart_empty_ms", air_value_new_double (empty * 1000));
  air_map_set (row, "restart_added_mb", air_value_new_double (again_memory));
  air_map_set (row, "approved_per_s", air_value_new_double (load->runs->len / approved));
  air_map_set (row, "cpu_ms_per_approval", air_value_new_double (cpu * 1000 / load->runs->len));
  air_list_append (bench->rows, row);
  return TRUE;
}

gboolean
bench_waiting (Bench *bench, GError **error)
{
  g_autofree char *state = g_build_filename (bench->directory, "waiting", NULL);
  g_autoptr (AirPlan) plan = bench_load_plan (FALSE, 1, error);
  g_autoptr (AirPrivateKey) ledger_key = air_private_key_generate (AIR_KEY_ED25519, error);
  g_autoptr (AirPrivateKey) key = air_private_key_generate (AIR_KEY_ECDSA_P256, error);
  g_autoptr (AirTrust) trust = NULL;
  AirHostOptions options = { .plan = plan,
                             .performer = bench_get_performer (),
                             .state = state,
                             .origin = "bench.example/waiting",
                             .ledger_key = ledger_key,
                             .max_effects = 1024 };
  Load load = { .key = key, .wanted = bench->instances };
  gboolean done;

  if (plan == NULL || key == NULL || ledger_key == NULL || g_mkdir (state, 0700) != 0
      || (trust = make_trust (state, key, error)) == NULL)
    return FALSE;
  air_trust_bind (trust, "bench");
  options.trust = trust;
  load.host = bench_open_host (&options, finished_cb, &load, error);
  if (load.host == NULL)
    return FALSE;
  load.loop = g_main_loop_new (NULL, FALSE);
  load.runs = g_ptr_array_new_with_free_func (g_free);
  load.envelopes = g_ptr_array_new_with_free_func (g_free);
  done = measure (bench, &load, &options, error);
  g_clear_pointer (&load.host, air_host_free);
  g_ptr_array_unref (load.runs);
  g_ptr_array_unref (load.envelopes);
  g_main_loop_unref (load.loop);
  bench_remove (state);
  return done;
}
