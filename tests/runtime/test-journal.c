/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/air-record.h"
#include "hosting/air-journal.h"
#include "runtime/air-journal-file.h"
#include "runtime/air-writer.h"

/* What a crash leaves, made by hand: a journal with frames that the store never saw, and one cut or damaged. */

#define LEDGER    G_GUINT64_CONSTANT (0x1234567890abcdef)
#define HALF_SIZE (16u << 20)

typedef struct {
  char *folder;
  char *path;
  AirJournalFile *file;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("journal-XXXXXX", NULL);
  self->path = g_build_filename (self->folder, "journal", NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  static const char *const names[] = { "ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm", "journal",
                                       "subjects.keys" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (self->folder, names[i], NULL);

      g_unlink (path);
    }
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_free (self->folder);
  g_free (self->path);
}

static AirFrame *
make_frame (guint64 number, gsize length)
{
  g_autofree char *note = g_strnfill (length, 'n');
  AirFrame *frame = air_frame_new ();

  air_frame_put_note (frame, number, note);
  return frame;
}

static AirJournal *
open_journal (Fixture *self, guint64 ledger)
{
  g_autoptr (GError) error = NULL;
  AirJournal *journal;

  self->file = air_journal_file_open (self->path, &error);
  g_assert_no_error (error);
  journal = air_journal_open (air_journal_file_get (self->file), HALF_SIZE, ledger, &error);
  g_assert_no_error (error);
  return journal;
}

static void
close_journal (Fixture *self, AirJournal *journal)
{
  air_journal_free (journal);
  air_journal_file_free (self->file, FALSE);
}

static void
append (AirJournal *journal, guint64 number, gsize length)
{
  g_autoptr (AirFrame) frame = make_frame (number, length);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (air_journal_blocked (journal, frame), ==, 0);
  air_journal_append (journal, frame, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (frame->seq, ==, number);
}

static gboolean
note_cb (gpointer user_data, guint64 size, const char *note, GError **error)
{
  guint64 *last = user_data;

  *last = size;
  return TRUE;
}

static gboolean
frame_cb (const AirFrame *frame, gpointer user_data, GError **error)
{
  static const AirFrameReader reader = { .note = note_cb };
  guint64 *n = user_data, number = 0;

  g_assert_true (air_frame_read (frame, &reader, &number, error));
  g_assert_cmpuint (number, ==, frame->seq);
  ++*n;
  return TRUE;
}

/* Numbers of the frames after @applied; an error of the store in @ret_error. */
static guint64
recover (Fixture *self, guint64 ledger, guint64 applied, GError **ret_error)
{
  AirJournal *journal = open_journal (self, ledger);
  guint64 n = 0;

  air_journal_recover (journal, applied, frame_cb, &n, ret_error);
  close_journal (self, journal);
  return n;
}

static void
flip (Fixture *self, goffset at)
{
  int fd = open (self->path, O_RDWR);
  guint8 byte;

  g_assert_cmpint (pread (fd, &byte, 1, at), ==, 1);
  byte ^= 1;
  g_assert_cmpint (pwrite (fd, &byte, 1, at), ==, 1);
  close (fd);
}

static void
test_recover (Fixture *self, gconstpointer data)
{
  AirJournal *journal = open_journal (self, LEDGER);
  g_autoptr (GError) error = NULL;

  air_journal_begin (journal, 1);
  for (guint64 i = 1; i <= 5; i++)
    append (journal, i, i * 3000);
  close_journal (self, journal);
  g_assert_cmpuint (recover (self, LEDGER, 0, &error), ==, 5);
  g_assert_no_error (error);
  g_assert_cmpuint (recover (self, LEDGER, 3, &error), ==, 2);
  g_assert_no_error (error);
  g_assert_cmpuint (recover (self, LEDGER, 5, &error), ==, 0);
  g_assert_no_error (error);
  /* That of another ledger is never taken for ours. */
  recover (self, LEDGER + 1, 0, &error);
  g_assert_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_OPEN);
}

/* The last frame was cut by the crash: nobody was told that it is durable. One before it cannot have been. */
static void
test_torn (Fixture *self, gconstpointer data)
{
  AirJournal *journal = open_journal (self, LEDGER);
  g_autoptr (GError) error = NULL;

  air_journal_begin (journal, 1);
  for (guint64 i = 1; i <= 3; i++)
    append (journal, i, 100);
  close_journal (self, journal);
  flip (self, 2 * AIR_FRAME_ALIGN + AIR_FRAME_HEADER + 20);
  g_assert_cmpuint (recover (self, LEDGER, 0, &error), ==, 2);
  g_assert_no_error (error);
  flip (self, 2 * AIR_FRAME_ALIGN + AIR_FRAME_HEADER + 20);
  flip (self, AIR_FRAME_ALIGN + AIR_FRAME_HEADER + 20);
  recover (self, LEDGER, 0, &error);
  g_assert_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_CORRUPT);
}

/* A half is written over only when the store has it. */
static void
test_halves (Fixture *self, gconstpointer data)
{
  AirJournal *journal = open_journal (self, LEDGER);
  g_autoptr (AirFrame) large = make_frame (0, 3 << 20), huge = make_frame (0, 17 << 20);
  g_autoptr (GError) error = NULL;
  guint64 blocked, seq = 1;

  air_journal_begin (journal, 1);
  g_assert_false (air_journal_fits (journal, huge));
  for (; (blocked = air_journal_blocked (journal, large)) == 0; seq++)
    append (journal, seq, 3 << 20);
  g_assert_cmpuint (seq, ==, 11);
  g_assert_cmpuint (blocked, ==, 5);
  air_journal_release (journal, 4);
  g_assert_cmpuint (air_journal_blocked (journal, large), ==, 5);
  air_journal_release (journal, 5);
  append (journal, 11, 3 << 20);
  close_journal (self, journal);
  g_assert_cmpuint (recover (self, LEDGER, 5, &error), ==, 6);
  g_assert_no_error (error);
}

/* --- the writer over it --- */

static void
done_cb (AirCommit *commit, const GError *error, gpointer user_data)
{
  g_assert_no_error ((GError *) error);
  ++*(guint *) user_data;
}

static void
commit_one (AirWriter *writer, AirChain *chain, guint *done)
{
  GPtrArray *records = g_ptr_array_new_full (1, (GDestroyNotify) air_record_free);
  AirValue *members = air_map_new (), *disclosed = air_map_new ();
  guint before = *done;

  air_map_set_string (members, "node", "act");
  air_map_set_string (disclosed, "output", "secret");
  g_ptr_array_add (records, air_record_new (AIR_RECORD_TOOL_ACTION_EXECUTED, members, disclosed));
  air_writer_submit (writer, air_commit_new (chain, records, 1795339800000000, done_cb, done));
  while (*done == before)
    g_main_context_iteration (NULL, TRUE);
}

/* Sees the journal as it is right after a commit, before the store has followed: a kill at that moment. */
static void
test_kill (Fixture *self, gconstpointer data)
{
  g_autofree char *ledger = g_build_filename (self->folder, "ledger.sqlite", NULL), *content = NULL;
  g_autoptr (GError) error = NULL;
  AirWriter *writer = air_writer_new (ledger, air_random_system (), &error);
  AirChain *chain = air_chain_new ("run-1");
  g_autoptr (AirStore) store = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  guint done = 0;
  gsize length;

  g_assert_no_error (error);
  for (guint i = 0; i < 3; i++)
    commit_one (writer, chain, &done);
  g_assert_true (g_file_get_contents (self->path, &content, &length, &error));
  air_writer_free (writer);
  /* Stopped in order, nothing is left in it. */
  g_assert_false (g_file_test (self->path, G_FILE_TEST_EXISTS));

  /* As if the store had seen none of it. */
  store = air_store_open (ledger, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (air_store_set_number (store, "applied", 0, &error));
  air_store_free (g_steal_pointer (&store));
  {
    static const char *const undo[] = { "sqlite3", NULL, "DROP TRIGGER entry_remains; DELETE FROM entry", NULL };
    const char *argv[G_N_ELEMENTS (undo)];
    int status;

    memcpy (argv, undo, sizeof undo);
    argv[1] = ledger;
    if (!g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, NULL))
      {
        air_chain_free (chain);
        g_test_skip ("there is no sqlite3");
        return;
      }
    g_assert_true (g_spawn_check_wait_status (status, NULL));
  }
  g_assert_true (g_file_set_contents (self->path, content, length, &error));

  writer = air_writer_new (ledger, air_random_system (), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (air_writer_get_size (writer), ==, 3);
  store = air_store_open (ledger, TRUE, &error);
  entries = air_store_read_instance (store, 2, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (entries->len, ==, 3);
  g_assert_cmpuint (((AirStoredEntry *) entries->pdata[2])->disclosures->len, ==, 1);
  /* And it goes on from there. */
  commit_one (writer, chain, &done);
  g_assert_true (air_writer_settle (writer));
  g_assert_cmpuint (air_writer_get_size (writer), ==, 4);
  g_assert_true (air_writer_scrub (writer, &error));
  commit_one (writer, chain, &done);
  air_writer_free (writer);
  air_chain_free (chain);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/runtime/journal/recover", Fixture, NULL, set_up, test_recover, tear_down);
  g_test_add ("/runtime/journal/torn", Fixture, NULL, set_up, test_torn, tear_down);
  g_test_add ("/runtime/journal/halves", Fixture, NULL, set_up, test_halves, tear_down);
  g_test_add ("/runtime/journal/kill", Fixture, NULL, set_up, test_kill, tear_down);
  return g_test_run ();
}
