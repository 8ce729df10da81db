/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-private.h"

#include <string.h>

#include "ledger/air-entry.h"

/* Erasure, in this order: REDACTION_APPLIED is durable, then the run's keys are destroyed, then its disclosures
 * overwritten. A crash between is made good at the next start: the entry says what has to be gone. What cannot be
 * erased now, on a full disk say, is tried again, and nobody is told that it is gone. The key of a data subject goes
 * with the last of its runs. */

/* Each try writes the journal over. */
#define AGAIN_US (5 * G_USEC_PER_SEC)
/* Of a run that was retried, and so on. */
#define MAX_COPIES 1000

typedef struct {
  char *run;
  GPtrArray *entries; /* AirStoredEntry */
} ErasedRun;

typedef struct {
  AirHost *host;
  GPtrArray *runs;   /* ErasedRun */
  GHashTable *names; /* set of them */
} Erasure;

static void
erased_run_free (gpointer data)
{
  ErasedRun *run = data;

  g_ptr_array_unref (run->entries);
  g_free (run->run);
  g_free (run);
}

static gboolean
destroy_keys (AirStore *store, const ErasedRun *run, GError **error)
{
  guint64 last = 0;

  for (guint i = 0; i < run->entries->len; i++)
    {
      const AirStoredEntry *entry = run->entries->pdata[i];

      if (entry->key.run == 0 || entry->key.run == last)
        continue;
      if (!air_store_destroy_key (store, entry->key.run, error))
        return FALSE;
      last = entry->key.run;
    }
  return TRUE;
}

/* Where none of its runs is left, now or about to be. */
static gboolean
destroy_subject (Erasure *self, AirStore *store, const char *run, GError **error)
{
  GError *failure = NULL;
  guint64 key = 0;
  g_autofree char *digest = air_store_find_subject (store, run, &key, &failure);
  g_auto (GStrv) runs = digest != NULL ? air_store_list_subject (store, digest, key, &failure) : NULL;

  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  for (guint i = 0; runs != NULL && runs[i] != NULL; i++)
    if (!g_hash_table_contains (self->names, runs[i]))
      return TRUE;
  return runs == NULL || air_host_uses_subject_key (self->host, key) || air_store_destroy_key (store, key, error);
}

static gboolean
erase_rows (AirStore *store, const ErasedRun *run, GError **error)
{
  for (guint i = 0; i < run->entries->len; i++)
    {
      const AirStoredEntry *entry = run->entries->pdata[i];

      if (entry->key.run != 0 && !air_store_erase_entry (store, entry->index, error))
        return FALSE;
    }
  return air_store_erase_row (store, run->run, error);
}

static gboolean
erase_cb (AirStore *store, gpointer user_data, GError **error)
{
  Erasure *self = user_data;
  gboolean done = TRUE;

  for (guint i = 0; done && i < self->runs->len; i++)
    {
      const ErasedRun *run = self->runs->pdata[i];

      done = destroy_keys (store, run, error) && destroy_subject (self, store, run->run, error);
    }
  if (!done || !air_store_begin (store, error))
    return FALSE;
  for (guint i = 0; done && i < self->runs->len; i++)
    done = erase_rows (store, self->runs->pdata[i], error);
  if (done && air_store_commit (store, error))
    return air_store_flush_log (store, error);
  air_store_rollback (store);
  return FALSE;
}

static guint
count_sealed (GPtrArray *entries)
{
  guint n = 0;

  for (guint i = 0; i < entries->len; i++)
    n += ((AirStoredEntry *) entries->pdata[i])->key.run != 0;
  return n;
}

/* Those of @runs of which something is still there. */
static gboolean
collect (Erasure *self, GPtrArray *runs, GError **error)
{
  for (guint i = 0; i < runs->len; i++)
    {
      g_autoptr (GPtrArray) entries = air_host_read_entries (self->host, runs->pdata[i], error);
      ErasedRun *run;

      if (entries == NULL)
        return FALSE;
      if (count_sealed (entries) == 0)
        continue;
      run = g_new (ErasedRun, 1);
      *run = (ErasedRun) { g_strdup (runs->pdata[i]), g_steal_pointer (&entries) };
      g_ptr_array_add (self->runs, run);
      g_hash_table_add (self->names, run->run);
    }
  return TRUE;
}

static gboolean
erase (AirHost *self, GPtrArray *runs, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (erased_run_free);
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  Erasure erasure = { self, list, names };

  if (!collect (&erasure, runs, error))
    return FALSE;
  return list->len == 0
         || (air_writer_run (self->writer, erase_cb, &erasure, error) && air_writer_scrub (self->writer, error));
}

/* A REDACTION_APPLIED entry is durable, or was found at the start. */
void
air_host_note_redaction (AirHost *self, const char *run, guint64 index)
{
  if (self->redacted == NULL)
    self->redacted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (!g_hash_table_contains (self->redacted, run))
    g_hash_table_insert (self->redacted, g_strdup (run), g_memdup2 (&index, sizeof index));
}

static gboolean
apply (AirHost *self, GPtrArray *runs, GError **error)
{
  if (!erase (self, runs, error) || !air_store_reload_pepper (self->store, error))
    return FALSE;
  if (self->subjects != NULL)
    g_hash_table_remove_all (self->subjects);
  for (guint i = 0; self->to_erase != NULL && i < runs->len; i++)
    g_hash_table_remove (self->to_erase, runs->pdata[i]);
  return TRUE;
}

/* One that cannot be read must not keep the others. */
static void
apply_one_by_one (AirHost *self, GPtrArray *runs)
{
  for (guint i = 0; i < runs->len; i++)
    {
      g_autoptr (GPtrArray) one = g_ptr_array_new ();
      g_autoptr (GError) error = NULL;

      g_ptr_array_add (one, runs->pdata[i]);
      if (apply (self, one, &error))
        continue;
      g_warning ("run %s is to be erased and is not yet: %s; it is tried again", (char *) runs->pdata[i],
                 error != NULL ? error->message : "it cannot be read");
      if (self->to_erase == NULL)
        self->to_erase = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_hash_table_add (self->to_erase, g_strdup (runs->pdata[i]));
      self->erase_again_us = g_get_monotonic_time () + AGAIN_US;
    }
}

void
air_host_apply_redactions (AirHost *self, GPtrArray *runs)
{
  if (!apply (self, runs, NULL))
    apply_one_by_one (self, runs);
}

void
air_host_erase_again (AirHost *self, gboolean now)
{
  g_autoptr (GPtrArray) runs = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer run;

  if (self->to_erase == NULL || g_hash_table_size (self->to_erase) == 0
      || (!now && g_get_monotonic_time () < self->erase_again_us))
    return;
  g_hash_table_iter_init (&iter, self->to_erase);
  while (g_hash_table_iter_next (&iter, &run, NULL))
    g_ptr_array_add (runs, g_strdup (run));
  air_host_apply_redactions (self, runs);
}

/* What a crash left. */
void
air_host_resume_redactions (AirHost *self)
{
  g_autoptr (GPtrArray) runs = NULL;

  if (self->redacted == NULL)
    return;
  runs = g_hash_table_get_keys_as_ptr_array (self->redacted);
  air_host_apply_redactions (self, runs);
}

/**
 * air_host_get_redaction:
 * @self: a host
 * @run: a run's id
 * @ret_index: (out) (optional): the entry that says so
 *
 * Returns: whether it was erased
 */
gboolean
air_host_get_redaction (AirHost *self, const char *run, guint64 *ret_index)
{
  const guint64 *index = self->redacted != NULL ? g_hash_table_lookup (self->redacted, run) : NULL;

  if (index != NULL && ret_index != NULL)
    *ret_index = *index;
  return index != NULL;
}

/**
 * air_host_is_erased:
 * @self: a host
 * @run: a run's id
 *
 * Returns: whether its erasure is in the ledger, and done
 */
gboolean
air_host_is_erased (AirHost *self, const char *run)
{
  return air_host_get_redaction (self, run, NULL)
         && (self->to_erase == NULL || !g_hash_table_contains (self->to_erase, run));
}

/* The run whose work it does again, or NULL. */
static char *
find_retried (AirHost *self, const char *run, GError **error)
{
  g_autoptr (GPtrArray) entries = air_host_read_entries (self, run, error);
  const AirStoredEntry *first = entries != NULL && entries->len > 0 ? entries->pdata[0] : NULL;
  g_autoptr (AirEntry) entry = first != NULL ? air_entry_parse (first->leaf, error) : NULL;

  return entry != NULL ? g_strdup (air_map_get_string (air_entry_get_members (entry), "retry_of")) : NULL;
}

/**
 * air_host_list_copies:
 * @self: a host
 * @run: a run's id
 * @error: return location
 *
 * A run that is retried hands its payload on.
 *
 * Returns: (transfer full): those that @run does the work of again or that do its again, and were not erased; or %NULL
 *   with an %AIR_STORE_ERROR or %AIR_LEDGER_ERROR
 */
GStrv
air_host_list_copies (AirHost *self, const char *run, GError **error)
{
  g_autoptr (GStrvBuilder) copies = g_strv_builder_new ();
  GError *failure = NULL;

  for (guint forward = 0; forward < 2 && failure == NULL; forward++)
    {
      g_autofree char *at = g_strdup (run);

      for (guint n = 0; n < MAX_COPIES && at != NULL; n++)
        {
          char *next = forward ? air_host_find_retry (self, at, &failure) : find_retried (self, at, &failure);

          g_free (at);
          at = next;
          if (at != NULL && !air_host_get_redaction (self, at, NULL))
            g_strv_builder_add (copies, at);
        }
    }
  if (failure == NULL)
    return g_strv_builder_end (copies);
  g_propagate_error (error, failure);
  return NULL;
}

/* It stands in the ledger for good: a reference to a law, not a story about somebody. */
static gboolean
is_legal_basis (const char *text)
{
  gsize length = strlen (text);

  return length > 0 && length <= 200
         && strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,:;()/-") == length;
}

/* Whose data the run's disclosures are: the subject's or the requester's, where the workflow names one. */
static char *
read_subject (GPtrArray *entries, const char *run, GError **error)
{
  const AirStoredEntry *first = entries->pdata[0];
  g_autoptr (AirEntry) entry = air_entry_parse (first->leaf, error);
  g_autoptr (AirValue) opened = entry != NULL ? air_entry_open (entry, first->disclosures, error) : NULL;
  const char *subject;

  if (opened == NULL)
    return NULL;
  subject = air_map_get_string (opened, "subject");
  if (subject == NULL)
    subject = air_map_get_string (opened, "requester");
  return g_strdup (subject != NULL ? subject : run);
}

static AirProblem *
check_basis (const char *legal_basis)
{
  if (is_legal_basis (legal_basis))
    return NULL;
  return air_problem_new (400, "bad-legal-basis", "name the law and its article, for example \"GDPR Art. 17(1)(a)\"",
                          "the legal basis stands in the ledger for good: 1 to 200 letters, digits and .,:;()/- ");
}

static AirProblem *
check (AirHost *self, GPtrArray *entries, const AirIndexRow *row, const char *subject, const char *legal_basis)
{
  AirProblem *problem = check_basis (legal_basis);
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = NULL;

  if (problem != NULL)
    return problem;
  if (row->open)
    return air_problem_new (409, "run-open", "wait until it has ended, or cancel it",
                            "run %s is still at work, and needs what it was told", row->id);
  expected = read_subject (entries, row->id, &error);
  if (expected == NULL)
    return air_problem_new_error (503, "not-readable", error);
  if (strcmp (expected, subject) != 0)
    return air_problem_new (409, "other-subject",
                            "give the subject or the requester of the run, or the run itself where it has neither",
                            "the data of run %s is not that of the subject named", row->id);
  return NULL;
}

/**
 * air_host_redact:
 * @self: a host
 * @run: a run that is over
 * @subject: whose data it holds; a check that the right run is meant, written nowhere
 * @legal_basis: why, for the ledger
 * @actor: who erases
 * @logged: called when the entry is durable and the erasure done; air_host_is_erased() tells then
 *
 * Returns: (transfer full) (nullable): why not; then @logged is not called
 */
AirProblem *
air_host_redact (AirHost *self,
                 const char *run,
                 const char *subject,
                 const char *legal_basis,
                 const char *actor,
                 AirLogged logged,
                 gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirRunView) view = air_host_view (self, run, FALSE, &error);
  g_autoptr (GPtrArray) entries = view != NULL ? air_host_read_entries (self, run, &error) : NULL;
  AirProblem *problem;

  if (entries == NULL)
    return error != NULL
               ? air_problem_new_error (503, "not-readable", error)
               : air_problem_new (404, "no-such-run", "list the runs with GET /v1/runs", "there is no run \"%s\"", run);
  if (air_host_get_redaction (self, run, NULL))
    {
      air_host_erase_again (self, TRUE);
      logged (NULL, user_data);
      return NULL;
    }
  problem = check (self, entries, view->row, subject, legal_basis);
  if (problem != NULL)
    return problem;
  air_host_log_redaction (self, run, legal_basis, actor, count_sealed (entries), logged, user_data);
  return NULL;
}

/* --- all runs of a data subject --- */

typedef struct {
  AirHost *host;
  GStrv runs;
  AirSubjectErased erased;
  gpointer user_data;
} SubjectErasure;

static void
subject_logged_cb (const GError *failure, gpointer user_data)
{
  g_autofree SubjectErasure *erasure = user_data;
  g_auto (GStrv) runs = erasure->runs;
  AirProblem *problem = NULL;

  erasure->host->erasing--;
  for (guint i = 0; runs[i] != NULL && problem == NULL; i++)
    if (!air_host_is_erased (erasure->host, runs[i]))
      problem = air_problem_new (503, "not-writable", "make space on the state directory's volume",
                                 "the ledger cannot be written now; the runs are erased as soon as it can");
  erasure->erased (problem == NULL ? (const char *const *) runs : NULL, problem, erasure->user_data);
}

/* The runs, if nothing stands in the way; else why. */
static GStrv
find_runs (AirHost *self, const char *digest, AirProblem **ret_problem, GError **error)
{
  g_auto (GStrv) runs = air_store_list_subject (air_host_get_store (self), digest, 0, error);
  guint64 key = 0;

  if (runs == NULL || !air_store_find_subject_key (self->store, digest, &key, error))
    return NULL;
  for (guint i = 0; runs[i] != NULL; i++)
    {
      g_autoptr (AirIndexRow) row = air_store_find_row (self->store, runs[i], error);

      if (row == NULL)
        return NULL;
      if (row->open)
        {
          *ret_problem =
              air_problem_new (409, "run-open", "wait until its runs have ended, or cancel them",
                               "run %s of this subject is still at work, and needs what it was told", row->id);
          return NULL;
        }
    }
  if (runs[0] == NULL)
    *ret_problem = air_problem_new (404, "no-such-subject", "see that the name is exactly as events give it",
                                    "no run that is kept holds data of the subject named");
  else if (air_host_uses_subject_key (self, key))
    *ret_problem = air_problem_new (409, "run-open", "wait until its runs have ended, or cancel them",
                                    "a run of this subject begins just now");
  else
    return g_steal_pointer (&runs);
  return NULL;
}

static AirProblem *
check_subject (AirHost *self, const char *legal_basis)
{
  AirProblem *problem = check_basis (legal_basis);

  if (problem == NULL && self->subjects == NULL)
    problem = air_problem_new (409, "no-subjects", "erase run by run, or declare \"subject\" in its trigger",
                               "the workflow does not say whose data its runs hold");
  return problem;
}

/**
 * air_host_redact_subject:
 * @subject: whose data: as the workflow's subject expression gives it; written nowhere
 * @legal_basis: why, for the ledger
 * @actor: who erases
 * @erased: called once, with the runs when the entries are durable and the erasure done, or with why not
 *
 * Erases what all runs of a data subject disclosed, and the subject's key.
 */
void
air_host_redact_subject (AirHost *self,
                         const char *subject,
                         const char *legal_basis,
                         const char *actor,
                         AirSubjectErased erased,
                         gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  AirProblem *problem = check_subject (self, legal_basis);
  g_autofree char *digest = problem == NULL ? air_host_digest_subject (self, subject, &error) : NULL;
  g_auto (GStrv) runs = digest != NULL ? find_runs (self, digest, &problem, &error) : NULL;
  SubjectErasure *erasure;

  if (runs != NULL && !air_host_renew_subject (self, digest, &error))
    g_clear_pointer (&runs, g_strfreev);
  if (runs == NULL)
    {
      erased (NULL, problem != NULL ? problem : air_problem_new_error (503, "not-readable", error), user_data);
      return;
    }
  self->erasing++;
  erasure = g_new (SubjectErasure, 1);
  *erasure = (SubjectErasure) { self, g_strdupv (runs), erased, user_data };
  for (guint i = 0; runs[i] != NULL; i++)
    {
      g_autoptr (GPtrArray) entries = air_host_read_entries (self, runs[i], NULL);

      air_host_log_redaction (self, runs[i], legal_basis, actor, entries != NULL ? count_sealed (entries) : 0,
                              runs[i + 1] == NULL ? subject_logged_cb : NULL, erasure);
    }
}
