/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-private.h"

#include <string.h>

#include "ledger/air-entry.h"

/* Erasure, in this order: REDACTION_APPLIED is durable, then the run's keys are destroyed, then its disclosures
 * overwritten. A crash between is made good at the next start: the entry says what has to be gone. */

typedef struct {
  const char *run;
  GPtrArray *entries; /* AirStoredEntry */
} Erasure;

static gboolean
erase_rows (Erasure *self, AirStore *store, GError **error)
{
  if (!air_store_begin (store, error))
    return FALSE;
  for (guint i = 0; i < self->entries->len; i++)
    {
      const AirStoredEntry *entry = self->entries->pdata[i];

      if (entry->subject != 0 && !air_store_erase_entry (store, entry->index, error))
        {
          air_store_rollback (store);
          return FALSE;
        }
    }
  if (air_store_erase_row (store, self->run, error) && air_store_commit (store, error))
    return TRUE;
  air_store_rollback (store);
  return FALSE;
}

static gboolean
erase_cb (AirStore *store, gpointer user_data, GError **error)
{
  Erasure *self = user_data;
  guint64 last = 0;

  for (guint i = 0; i < self->entries->len; i++)
    {
      const AirStoredEntry *entry = self->entries->pdata[i];

      if (entry->subject == 0 || entry->subject == last)
        continue;
      if (!air_store_destroy_subject (store, entry->subject, error))
        return FALSE;
      last = entry->subject;
    }
  return erase_rows (self, store, error) && air_store_flush_log (store, error);
}

static guint
count_sealed (GPtrArray *entries)
{
  guint n = 0;

  for (guint i = 0; i < entries->len; i++)
    n += ((AirStoredEntry *) entries->pdata[i])->subject != 0;
  return n;
}

static gboolean
erase (AirHost *self, const char *run, GError **error)
{
  g_autoptr (GPtrArray) entries = air_host_read_entries (self, run, error);
  Erasure erasure = { run, entries };

  if (entries == NULL)
    return FALSE;
  return count_sealed (entries) == 0
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

void
air_host_apply_redaction (AirHost *self, const char *run, guint64 index)
{
  g_autoptr (GError) error = NULL;

  air_host_note_redaction (self, run, index);
  if (!erase (self, run, &error) || !air_store_reload_pepper (self->store, &error))
    g_warning ("run %s is to be erased and is not yet: %s; the next start tries again", run,
               error != NULL ? error->message : "it cannot be read");
}

/* What a crash left. */
void
air_host_resume_redactions (AirHost *self)
{
  GHashTableIter iter;
  gpointer run, index;

  if (self->redacted == NULL)
    return;
  g_hash_table_iter_init (&iter, self->redacted);
  while (g_hash_table_iter_next (&iter, &run, &index))
    air_host_apply_redaction (self, run, *(guint64 *) index);
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

/* It stands in the ledger for good: a reference to a law, not a story about somebody. */
static gboolean
is_legal_basis (const char *text)
{
  gsize length = strlen (text);

  return length > 0 && length <= 200
         && strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,:;()/-") == length;
}

/* Whose data the run's disclosures are: the requester's, where the workflow names one. */
static char *
read_subject (GPtrArray *entries, const char *run, GError **error)
{
  const AirStoredEntry *first = entries->pdata[0];
  g_autoptr (AirEntry) entry = air_entry_parse (first->leaf, error);
  g_autoptr (AirValue) opened = entry != NULL ? air_entry_open (entry, first->disclosures, error) : NULL;
  const char *requester = opened != NULL ? air_map_get_string (opened, "requester") : NULL;

  if (opened == NULL)
    return NULL;
  return g_strdup (requester != NULL ? requester : run);
}

static AirProblem *
check (AirHost *self, GPtrArray *entries, const AirIndexRow *row, const char *subject, const char *legal_basis)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = NULL;

  if (!is_legal_basis (legal_basis))
    return air_problem_new (400, "bad-legal-basis", "name the law and its article, for example \"GDPR Art. 17(1)(a)\"",
                            "the legal basis stands in the ledger for good: 1 to 200 letters, digits and .,:;()/- ");
  if (row->open)
    return air_problem_new (409, "run-open", "wait until it has ended, or cancel it",
                            "run %s is still at work, and needs what it was told", row->id);
  expected = read_subject (entries, row->id, &error);
  if (expected == NULL)
    return air_problem_new_error (503, "not-readable", error);
  if (strcmp (expected, subject) != 0)
    return air_problem_new (409, "other-subject", "give the requester of the run, or the run itself where it has none",
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
 * @logged: called when the entry is durable and the erasure done; air_host_get_redaction() tells then
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
    return error != NULL ? air_problem_new_error (503, "not-readable", error)
                         : air_problem_new (404, "no-such-run", "see GET /v1/runs for those there are",
                                            "there is no run \"%s\"", run);
  if (air_host_get_redaction (self, run, NULL) && count_sealed (entries) == 0)
    {
      logged (NULL, user_data);
      return NULL;
    }
  problem = check (self, entries, view->row, subject, legal_basis);
  if (problem != NULL)
    return problem;
  air_host_log_redaction (self, run, legal_basis, actor, count_sealed (entries), logged, user_data);
  return NULL;
}
