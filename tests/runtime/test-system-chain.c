/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chain that concerns no run: who was refused, emergency rights, erasures. Nothing that somebody sends may keep the
 * rest out of it, and what it does not hold did not happen. */
#include "config.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#include "base/air-json.h"
#include "ledger/air-entry.h"
#include "runtime/air-glass-box.h"
#include "runtime/air-store-private.h"

#define OLGA "airails://test/people/olga"
#define ANA  "airails://test/people/ana"

typedef struct {
  char *state;
  AirPlan *plan;
  AirPrivateKey *key;
  AirPerformer performer;
  AirHost *host;
} Fixture;

static const char *
connector_of (gpointer performer, const char *operation)
{
  return "v";
}

static void
perform (gpointer performer,
         const char *run,
         const AirEffect *call,
         GCancellable *cancellable,
         AirPerformed performed,
         gpointer user_data)
{
  performed (air_outcome_new_ok (200, air_map_new (), NULL), user_data);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "runtime", "plan.json", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) document = air_json_load_file (path, &error);
  AirHostOptions options = { 0 };

  g_assert_no_error (error);
  self->plan =
      air_plan_load (document, "sha256:00000000000000000000000000000000000000000000000000000000000000aa", &error);
  g_assert_no_error (error);
  self->key = air_private_key_generate (AIR_KEY_ED25519, &error);
  self->state = g_dir_make_tmp ("chain-XXXXXX", &error);
  self->performer = (AirPerformer) { connector_of, perform, self };
  options = (AirHostOptions) { .plan = self->plan,
                               .performer = &self->performer,
                               .state = self->state,
                               .origin = "airails.example/test/chain",
                               .ledger_key = self->key };
  self->host = air_host_new (&options, &error);
  g_assert_no_error (error);
  air_host_start (self->host, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  static const char *const names[] = { "ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm", "journal", "lock" };

  g_clear_pointer (&self->host, air_host_free);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (self->state, names[i], NULL);

      g_unlink (path);
    }
  g_rmdir (self->state);
  air_plan_unref (self->plan);
  air_private_key_unref (self->key);
  g_free (self->state);
}

typedef struct {
  gboolean told;
  gboolean failed;
} Told;

static void
logged_cb (const GError *failure, gpointer user_data)
{
  Told *told = user_data;

  g_assert_false (told->told);
  told->told = TRUE;
  told->failed = failure != NULL;
}

static void
wait_for (const gboolean *done)
{
  gint64 until = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (!*done)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_main_context_iteration (NULL, FALSE);
    }
}

/* How many entries hold the text. */
static guint
count (Fixture *self, const char *wanted)
{
  guint n = 0;

  air_writer_settle (air_host_get_writer (self->host));
  for (guint64 i = 0; i < air_writer_get_size (air_host_get_writer (self->host)); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AirStoredEntry) stored = air_store_read_entry (air_host_get_store (self->host), i, &error);

      g_assert_no_error (error);
      n += memmem (g_bytes_get_data (stored->leaf, NULL), g_bytes_get_size (stored->leaf), wanted, strlen (wanted))
           != NULL;
    }
  return n;
}

static void
refuse (Fixture *self, const char *actor, const char *reason, Told *told)
{
  air_host_log_refusal (self->host, actor, "gate", "gate.malformed", reason, told != NULL ? logged_cb : NULL, told);
}

static void
test_unrecordable (Fixture *self, gconstpointer data)
{
  g_autofree char *large = g_strnfill (AIR_ENTRY_MAX_SIZE, 'x');
  AirValue *members = air_map_new ();
  Told before = { 0 }, bad = { 0 }, after = { 0 };

  air_map_set_string (members, "what", large);
  refuse (self, OLGA, "before", &before);
  air_host_log_system (self->host, AIR_ENTRY_BREAK_GLASS, members, logged_cb, &bad);
  refuse (self, OLGA, "after", &after);
  wait_for (&after.told);
  g_assert_true (before.told && !before.failed);
  g_assert_true (bad.told && bad.failed);
  g_assert_false (after.failed);
  g_assert_cmpuint (count (self, "\"reason\":\"before\""), ==, 1);
  g_assert_cmpuint (count (self, "\"reason\":\"after\""), ==, 1);
}

/* Long words are cut where they are quoted, between two characters. */
static void
test_long_words (Fixture *self, gconstpointer data)
{
  g_autoptr (GString) words = g_string_new ("x");
  Told told = { 0 };

  while (words->len < 3 * AIR_ENTRY_MAX_SIZE)
    g_string_append (words, "é");
  refuse (self, OLGA, words->str, &told);
  wait_for (&told.told);
  g_assert_false (told.failed);
  g_assert_cmpuint (count (self, "é…\""), ==, 1);
}

/* Who is refused all the time fills no disk, and hides nobody else's refusal. */
static void
test_many (Fixture *self, gconstpointer data)
{
  Told last = { 0 };

  for (guint i = 0; i < 5000; i++)
    {
      Told told = { 0 };

      refuse (self, OLGA, "again", &told);
      wait_for (&told.told);
    }
  g_assert_cmpuint (count (self, "\"reason\":\"again\""), <, 200);
  g_usleep (600 * 1000);
  refuse (self, OLGA, "once more", &last);
  wait_for (&last.told);
  g_assert_cmpuint (count (self, "\"left_out\":4"), ==, 1); /* thousands */
}

/* --- emergency rights ----------------------------------------------------------------------- */

typedef struct {
  gboolean done;
  char *id;
  guint status; /* of the problem */
} Glassed;

static void
done_cb (AirValue *item, AirProblem *take_problem, gpointer user_data)
{
  Glassed *glassed = user_data;
  g_autoptr (AirProblem) problem = take_problem;

  glassed->done = TRUE;
  glassed->status = problem != NULL ? problem->status : 0;
  if (item != NULL)
    g_set_str (&glassed->id, air_map_get_string (item, "id"));
}

static gboolean
limit_pages (AirStore *store, gpointer user_data, GError **error)
{
  return sqlite3_exec (store->db, user_data, NULL, NULL, NULL) == SQLITE_OK;
}

static void
set_full (Fixture *self, gboolean full)
{
  g_assert_true (air_writer_run (air_host_get_writer (self->host), limit_pages,
                                 (gpointer) (full ? "PRAGMA max_page_count = 1" : "PRAGMA max_page_count = 1000000"),
                                 NULL));
}

/* Until the store can follow no more. */
static void
fill (Fixture *self)
{
  g_autofree char *large = g_strnfill (60000, 'x');

  set_full (self, TRUE);
  for (Told told = { 0 }; !told.failed;)
    {
      AirValue *members = air_map_new ();

      air_map_set_string (members, "what", large);
      told = (Told) { 0 };
      air_host_log_system (self->host, AIR_ENTRY_BREAK_GLASS, members, logged_cb, &told);
      wait_for (&told.told);
    }
}

static void
test_glass_on_a_full_disk (Fixture *self, gconstpointer data)
{
  g_autoptr (AirGlassBox) box = air_glass_box_new (self->host);
  Glassed asked = { 0 }, confirmed = { 0 }, second = { 0 };
  g_autoptr (AirValue) all = NULL;

  air_glass_box_request (box, OLGA, AIR_ROLE_OPERATOR, "admin", 5, "nothing goes out since noon", done_cb, &asked);
  wait_for (&asked.done);
  g_assert_cmpuint (asked.status, ==, 0);
  fill (self);

  air_glass_box_confirm (box, ANA, asked.id, done_cb, &confirmed);
  wait_for (&confirmed.done);
  g_assert_cmpuint (confirmed.status, ==, 503);
  g_assert_cmpuint (air_glass_box_get_roles (box, OLGA), ==, 0);
  air_glass_box_request (box, OLGA, AIR_ROLE_OPERATOR, "admin", 5, "and nothing comes in either", done_cb, &second);
  wait_for (&second.done);
  g_assert_cmpuint (second.status, ==, 503);
  all = air_glass_box_describe (box, TRUE);
  g_assert_cmpuint (air_list_get_size (all), ==, 1);

  set_full (self, FALSE);
  for (confirmed.status = 503; confirmed.status == 503;)
    {
      confirmed.done = FALSE;
      air_glass_box_confirm (box, ANA, asked.id, done_cb, &confirmed);
      wait_for (&confirmed.done);
    }
  g_assert_cmpuint (confirmed.status, ==, 0);
  g_assert_cmpuint (air_glass_box_get_roles (box, OLGA), ==, AIR_ROLE_ADMIN);
  g_assert_cmpuint (count (self, "\"state\":\"open\""), ==, 1);
  g_assert_cmpuint (count (self, "and nothing comes in either"), ==, 0);
  g_free (asked.id);
  g_free (confirmed.id);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  /* What is not entered is warned of. */
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
#define ADD(path, test) g_test_add ("/runtime/system-chain/" path, Fixture, NULL, set_up, test, tear_down)
  ADD ("unrecordable", test_unrecordable);
  ADD ("long-words", test_long_words);
  ADD ("many", test_many);
  ADD ("glass-on-a-full-disk", test_glass_on_a_full_disk);
  return g_test_run ();
}
