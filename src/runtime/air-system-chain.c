/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-private.h"

#include <string.h>

#include "ledger/air-entry.h"
#include "runtime/air-enrolments.h"

/* Epochs read at once. */
#define PAGE 256
/* Steps of emergency rights that are told of after a start; no right lasts that long. */
#define REMEMBERED_US G_TIME_SPAN_DAY

/* Refused requests entered for one person: so many at once, and one every so often after that. Somebody with a
 * certificate must neither fill the disk nor hide behind the refusals of somebody else. */
#define REFUSALS_AT_ONCE 100
#define REFUSAL_US       (G_USEC_PER_SEC / 2)
/* What is quoted of a request, in bytes. */
#define MAX_QUOTED 500
/* Refusals that wait for the disk; more are only counted. */
#define MAX_PENDING 10000
#define MAX_AT_ONCE 256
#define RETRY_MS    1000

/* What concerns no run: one chain an epoch, which begins with every start of the runtime. */
struct _AirSystemChain {
  AirHost *host;
  AirChain *chain;
  GQueue pending; /* Item */
  GQueue flying;  /* Item, being committed */
  guint alone;    /* of those pending, that go one by one: one among them cannot be written down */
  guint retry;
  AirEnrolments *enrolments;
  gint64 durable;       /* index of the last entry that is; the store's own head may lag */
  GHashTable *meters;   /* person → Meter */
  GPtrArray *steps;     /* Step, until somebody watches */
  AirSystemWatch watch; /* nullable */
  gpointer watch_data;
};

/* What a BREAK_GLASS entry says. */
typedef struct {
  AirValue *members;
  gint64 time_us;
} Step;

/* An entry to be, and who wants to know. */
typedef struct {
  AirRecord *record;
  AirLogged logged;
  gpointer user_data;
  gboolean keep; /* waits for a disk that is full; else it is as if nobody had asked */
} Item;

/* How many refusals somebody may still have entered, and how many were not. */
typedef struct {
  gint64 left_us;
  gint64 seen_us;
  gint64 suppressed;
} Meter;

static void flush (AirSystemChain *self);

static void
step_free (gpointer data)
{
  Step *step = data;

  air_value_unref (step->members);
  g_free (step);
}

static void
tell_watch (AirSystemChain *self, const char *type, AirValue *members, gint64 time_us)
{
  Step *step;

  if (self->watch != NULL)
    {
      self->watch (type, members, time_us, self->watch_data);
      return;
    }
  if (strcmp (type, AIR_ENTRY_BREAK_GLASS) != 0 || g_get_real_time () - time_us > REMEMBERED_US)
    return;
  step = g_new (Step, 1);
  *step = (Step) { air_value_ref (members), time_us };
  g_ptr_array_add (self->steps, step);
}

static void
item_free (gpointer data)
{
  Item *self = data;

  g_clear_pointer (&self->record, air_record_free);
  g_free (self);
}

static void
item_tell (Item *self, const GError *failure)
{
  AirLogged logged = g_steal_pointer (&self->logged);

  if (logged != NULL)
    logged (failure, self->user_data);
}

static gboolean
retry_cb (gpointer user_data)
{
  AirSystemChain *self = user_data;

  self->retry = 0;
  flush (self);
  return G_SOURCE_REMOVE;
}

/* The disk is full, or one of them is nothing that can be written down: that one must not hold up the others. */
static void
take_back (AirSystemChain *self, const GError *failure)
{
  gboolean disk = failure->domain == AIR_STORE_ERROR, several = self->flying.length > 1;
  Item *item;

  if (!disk && several)
    self->alone = self->flying.length;
  while ((item = g_queue_pop_tail (&self->flying)) != NULL)
    {
      if (!disk && several)
        {
          g_queue_push_head (&self->pending, item);
          continue;
        }
      item_tell (item, failure);
      if (disk && item->keep)
        g_queue_push_head (&self->pending, item);
      else
        {
          g_warning ("%s is not entered: %s", item->record->type, failure->message);
          item_free (item);
        }
    }
  if (!disk)
    flush (self);
  else if (self->retry == 0)
    self->retry = g_timeout_add (RETRY_MS, retry_cb, self);
}

/* As the entry has it: cut to milliseconds. */
static gint64
time_of (const AirCommit *commit)
{
  return commit->time_us - commit->time_us % 1000;
}

static void
fold (AirSystemChain *self, guint i, const AirCommit *commit)
{
  const AirRecord *record = commit->records->pdata[i];

  self->durable = (gint64) (commit->first + i);
  air_enrolments_fold (self->enrolments, record->type, record->members, time_of (commit));
}

static void
flushed_cb (AirCommit *commit, const GError *error, gpointer user_data)
{
  AirSystemChain *self = user_data;
  g_autoptr (GPtrArray) erased = g_ptr_array_new_with_free_func (g_free);
  GList *link = self->flying.head;
  Item *item;

  for (guint i = 0; i < commit->records->len; i++, link = link->next)
    {
      AirRecord *record = commit->records->pdata[i];

      ((Item *) link->data)->record = record;
      if (error != NULL)
        continue;
      if (strcmp (record->type, AIR_ENTRY_REDACTION_APPLIED) == 0)
        {
          const char *run = air_map_get_string (record->members, "run");

          air_host_note_redaction (self->host, run, commit->first + i);
          g_ptr_array_add (erased, g_strdup (run));
        }
      fold (self, i, commit);
      tell_watch (self, record->type, record->members, time_of (commit));
    }
  g_ptr_array_set_free_func (commit->records, NULL); /* the items have them again */
  if (erased->len > 0)
    air_host_apply_redactions (self->host, erased);
  if (error != NULL)
    {
      take_back (self, error);
      return;
    }
  while ((item = g_queue_pop_head (&self->flying)) != NULL)
    {
      item_tell (item, NULL);
      item_free (item);
    }
  flush (self);
}

static void
flush (AirSystemChain *self)
{
  GPtrArray *records;
  guint n = MIN (self->pending.length, MAX_AT_ONCE);

  if (self->flying.length > 0 || n == 0)
    return;
  if (self->alone > 0)
    {
      self->alone--;
      n = 1;
    }
  records = g_ptr_array_new_with_free_func ((GDestroyNotify) air_record_free);
  for (guint i = 0; i < n; i++)
    {
      Item *item = g_queue_pop_head (&self->pending);

      g_ptr_array_add (records, g_steal_pointer (&item->record));
      g_queue_push_tail (&self->flying, item);
    }
  air_writer_submit (self->host->writer, air_commit_new (self->chain, records, g_get_real_time (), flushed_cb, self));
}

static void
add (AirSystemChain *self,
     const char *type,
     AirValue *take_members,
     gboolean keep,
     AirLogged logged,
     gpointer user_data)
{
  Item *item = g_new (Item, 1);

  *item = (Item) { air_record_new (type, take_members, NULL), logged, user_data, keep };
  g_queue_push_tail (&self->pending, item);
}

/* Somebody else's words, cut to what is worth keeping for good. */
static void
set_quoted (AirValue *members, const char *key, const char *text)
{
  gsize length = strlen (text);
  g_autofree char *valid = NULL, *cut = NULL;
  const char *end = text + MAX_QUOTED;

  /* Between two characters. */
  while (length > MAX_QUOTED && end > text && (*end & 0xc0) == 0x80)
    end--;
  valid = g_utf8_make_valid (text, length > MAX_QUOTED ? end - text : (gssize) length);
  if (length > MAX_QUOTED)
    cut = g_strconcat (valid, "…", NULL);
  air_map_set_string (members, key, cut != NULL ? cut : valid);
}

/* FALSE: too many of them of late. */
static gboolean
take_turn (AirSystemChain *self, const char *actor, gint64 *ret_suppressed)
{
  /* Those whom the trust roots do not name share one. */
  const char *whose =
      actor != NULL && self->host->trust != NULL && air_trust_find_uri (self->host->trust, actor) != NULL ? actor : "";
  Meter *meter = g_hash_table_lookup (self->meters, whose);
  gint64 now = g_get_monotonic_time ();

  if (meter == NULL)
    {
      meter = g_new0 (Meter, 1);
      meter->left_us = REFUSALS_AT_ONCE * REFUSAL_US;
      meter->seen_us = now;
      g_hash_table_insert (self->meters, g_strdup (whose), meter);
    }
  meter->left_us = MIN (meter->left_us + now - meter->seen_us, REFUSALS_AT_ONCE * REFUSAL_US);
  meter->seen_us = now;
  if (meter->left_us < REFUSAL_US || self->pending.length >= MAX_PENDING)
    {
      meter->suppressed++;
      return FALSE;
    }
  meter->left_us -= REFUSAL_US;
  *ret_suppressed = meter->suppressed;
  meter->suppressed = 0;
  return TRUE;
}

/**
 * air_host_log_refusal:
 * @self: a host
 * @actor: who was refused
 * @what: the route or gate
 * @rule: which rule refused, as a stable id
 * @reason: in words
 * @logged: (nullable): called when it is durable, or cannot be made so now
 *
 * Of somebody who is refused all the time some entries are left out; the next one says how many.
 */
void
air_host_log_refusal (AirHost *self,
                      const char *actor,
                      const char *what,
                      const char *rule,
                      const char *reason,
                      AirLogged logged,
                      gpointer user_data)
{
  AirValue *members;
  gint64 suppressed;

  self->stats.refusals++;
  if (!take_turn (self->system, actor, &suppressed))
    {
      if (logged != NULL)
        logged (NULL, user_data);
      return;
    }
  members = air_map_new ();
  if (actor != NULL)
    set_quoted (members, "actor", actor);
  set_quoted (members, "what", what);
  air_map_set_string (members, "rule", rule);
  set_quoted (members, "reason", reason);
  if (suppressed > 0)
    air_map_set_int (members, "left_out", suppressed);
  add (self->system, AIR_ENTRY_ACCESS_REFUSED, members, TRUE, logged, user_data);
  flush (self->system);
}

/**
 * air_host_log_system:
 * @self: a host
 * @type: the entry's type
 * @take_members: (transfer full): its members
 * @logged: (nullable): called when it is durable, or cannot be made so: what somebody waits for is dropped then
 * @user_data: for @logged
 *
 * Enters what concerns no run in the system chain.
 */
void
air_host_log_system (AirHost *self, const char *type, AirValue *take_members, AirLogged logged, gpointer user_data)
{
  add (self->system, type, take_members, logged == NULL, logged, user_data);
  flush (self->system);
}

void
air_host_log_redaction (AirHost *self,
                        const char *run,
                        const char *legal_basis,
                        const char *actor,
                        guint n_entries,
                        AirLogged logged,
                        gpointer user_data)
{
  AirValue *members = air_map_new ();

  air_map_set_string (members, "run", run);
  air_map_set_string (members, "actor", actor);
  air_map_set_string (members, "legal_basis", legal_basis);
  air_map_set_int (members, "entries", n_entries);
  add (self->system, AIR_ENTRY_REDACTION_APPLIED, members, TRUE, logged, user_data);
  if (logged == NULL)
    return;
  flush (self->system);
}

/**
 * air_host_get_enrolled:
 * @self: a host
 * @key_id: hexadecimal SHA-256 of the SPKI
 *
 * Returns: since when the key counts in this ledger, in microseconds since the Unix epoch; 0 when it does not
 */
gint64
air_host_get_enrolled (AirHost *self, const char *key_id)
{
  return self->system != NULL ? air_enrolments_get (self->system->enrolments, key_id) : 0;
}

/* Oldest first: those that began after @since_us, and the one before. However many starts ago: a runtime that is
 * started every second for a day has forgotten nothing. */
static GPtrArray *
list_epochs (AirHost *self, gint64 since_us, GError **error)
{
  g_autoptr (GPtrArray) epochs = g_ptr_array_new_with_free_func ((GDestroyNotify) air_index_row_free);
  AirStore *store = air_host_get_store (self);
  gboolean more = TRUE;

  while (more)
    {
      const AirIndexRow *last = epochs->len > 0 ? epochs->pdata[epochs->len - 1] : NULL;
      g_autoptr (GPtrArray) page = air_store_list_rows (store, "system", last != NULL ? last->id : NULL, PAGE, error);

      if (page == NULL)
        return NULL;
      more = page->len == PAGE;
      for (guint i = 0; i < page->len; i++)
        {
          g_ptr_array_add (epochs, air_index_row_copy (page->pdata[i]));
          if (((AirIndexRow *) page->pdata[i])->started_us <= since_us)
            {
              more = FALSE;
              break;
            }
        }
    }
  for (guint i = 0; i < epochs->len / 2; i++)
    {
      gpointer row = epochs->pdata[i];

      epochs->pdata[i] = epochs->pdata[epochs->len - 1 - i];
      epochs->pdata[epochs->len - 1 - i] = row;
    }
  return g_steal_pointer (&epochs);
}

/* Who was enrolled when, as the ledger says. */
static gboolean
read_enrolments (AirSystemChain *self, GPtrArray *epochs, GError **error)
{
  for (guint i = 0; i < epochs->len; i++)
    {
      AirIndexRow *row = epochs->pdata[i];
      g_autoptr (GPtrArray) entries = air_store_read_instance (self->host->store, row->head, error);

      if (entries == NULL)
        return FALSE;
      for (guint j = 0; j < entries->len; j++)
        {
          g_autoptr (AirEntry) entry = air_entry_parse (((AirStoredEntry *) entries->pdata[j])->leaf, error);
          const char *type;

          if (entry == NULL)
            return FALSE;
          type = air_entry_get_type_name (entry);
          air_enrolments_fold (self->enrolments, type, air_entry_get_members (entry), air_entry_get_time_us (entry));
          if (strcmp (type, AIR_ENTRY_REDACTION_APPLIED) == 0)
            {
              const char *run = air_map_get_string (air_entry_get_members (entry), "run");

              if (run != NULL)
                air_host_note_redaction (self->host, run, ((AirStoredEntry *) entries->pdata[j])->index);
            }
          else if (strcmp (type, AIR_ENTRY_BREAK_GLASS) == 0)
            tell_watch (self, type, air_entry_get_members (entry), air_entry_get_time_us (entry));
        }
    }
  return TRUE;
}

/* "sha256:hex" of the trust roots' file. */
static void
set_trust (AirValue *members, const AirTrust *trust)
{
  g_autofree char *hex = air_digest_to_hex (&trust->digest), *digest = g_strconcat ("sha256:", hex, NULL);

  air_map_set_string (members, "trust", digest);
}

static void
add_epoch (AirSystemChain *self)
{
  AirHost *host = self->host;
  AirValue *members = air_map_new ();

  air_map_set_string (members, "artifact", air_plan_get_artifact (host->plan));
  if (host->policy != NULL)
    air_map_set_string (members, "policy", host->policy);
  air_map_set_string (members, "session", host->session);
  if (host->trust != NULL)
    set_trust (members, host->trust);
  air_map_set_string (members, "origin", host->origin);
  add (self, AIR_ENTRY_EPOCH_STARTED, members, TRUE, NULL, NULL);
}

static void
add_keys (AirSystemChain *self, gboolean all)
{
  g_autoptr (GPtrArray) changes = air_enrolments_change (self->enrolments, self->host->trust, all);

  for (guint i = 0; i < changes->len; i++)
    {
      const AirEnrolmentChange *change = changes->pdata[i];

      add (self, change->type, air_value_ref (change->members), TRUE, NULL, NULL);
    }
}

/**
 * air_host_change_trust:
 * @self: a host
 * @trust: the trust roots from now on; they outlive the host or the next change
 *
 * Enters the change, and whose keys it enrols and revokes. What it takes away counts no more at once; a key that it
 * adds, or gives other roles, decides when the ledger says so.
 */
void
air_host_change_trust (AirHost *self, AirTrust *trust)
{
  AirValue *members;

  self->trust = trust;
  if (self->system == NULL)
    return;
  members = air_map_new ();
  set_trust (members, trust);
  add (self->system, AIR_ENTRY_TRUST_CHANGED, members, TRUE, NULL, NULL);
  add_keys (self->system, FALSE);
  flush (self->system);
}

static GPtrArray *
take_records (AirSystemChain *self)
{
  GPtrArray *records = g_ptr_array_new_with_free_func ((GDestroyNotify) air_record_free);
  Item *item;

  while ((item = g_queue_pop_head (&self->pending)) != NULL)
    {
      g_ptr_array_add (records, g_steal_pointer (&item->record));
      item_free (item);
    }
  return records;
}

typedef struct {
  AirSystemChain *chain;
  gboolean done;
  GError *error;
} Started;

static void
started_cb (AirCommit *commit, const GError *error, gpointer user_data)
{
  Started *started = user_data;

  for (guint i = 0; error == NULL && i < commit->records->len; i++)
    fold (started->chain, i, commit);
  started->done = TRUE;
  started->error = error != NULL ? g_error_copy (error) : NULL;
}

/**
 * air_host_start_epoch:
 *
 * Begins the epoch's chain: what runs, under which trust roots, and whose keys may decide. Waits until that is durable.
 */
gboolean
air_host_start_epoch (AirHost *self, GError **error)
{
  gint64 now = g_get_real_time ();
  g_autofree char *ulid = air_id_new (now, self->random), *id = g_strconcat ("epoch-", ulid, NULL);
  g_autoptr (GPtrArray) epochs = list_epochs (self, 0, error);
  AirSystemChain *chain;
  Started started = { NULL, FALSE, NULL };
  AirCommit *commit;

  if (epochs == NULL)
    return FALSE;
  /* The process provider: no machine attests what runs here, and the name says so. */
  self->session = g_strconcat ("process/", ulid, NULL);
  self->system = chain = g_new0 (AirSystemChain, 1);
  chain->host = self;
  chain->chain = air_chain_new (id);
  chain->enrolments = air_enrolments_new ();
  started.chain = chain;
  chain->steps = g_ptr_array_new_with_free_func (step_free);
  chain->meters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (!read_enrolments (chain, epochs, error))
    return FALSE;
  add_epoch (chain);
  add_keys (chain, TRUE);

  commit = air_commit_new (chain->chain, take_records (chain), now, started_cb, &started);
  commit->row = g_new0 (AirIndexRow, 1);
  commit->row->id = g_strdup (id);
  commit->row->state = g_strdup ("system");
  commit->row->started_us = commit->row->updated_us = now;
  air_writer_submit (self->writer, commit);
  while (!started.done)
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
  if (started.error != NULL)
    {
      g_propagate_error (error, started.error);
      return FALSE;
    }
  return TRUE;
}

/**
 * air_host_watch_system:
 * @self: a host that was started
 * @watch: (nullable): told of each entry of this epoch's chain once it is durable; and at once of those of the last
 *   day, of all epochs, that say of a state outside of all runs (BREAK_GLASS)
 * @user_data: for @watch
 *
 * One may watch at a time.
 */
void
air_host_watch_system (AirHost *self, AirSystemWatch watch, gpointer user_data)
{
  AirSystemChain *chain = self->system;

  chain->watch = watch;
  chain->watch_data = user_data;
  for (guint i = 0; watch != NULL && i < chain->steps->len; i++)
    {
      const Step *step = chain->steps->pdata[i];

      watch (AIR_ENTRY_BREAK_GLASS, step->members, step->time_us, user_data);
    }
  g_ptr_array_set_size (chain->steps, 0);
}

/**
 * air_host_get_epoch:
 * @self: a host that was started
 *
 * Returns: (transfer none): the id of this process' system chain, "epoch-…"
 */
const char *
air_host_get_epoch (AirHost *self)
{
  return self->system->chain->id;
}

/**
 * air_host_system_entries:
 * @self: a host
 * @from_us: microseconds since the Unix epoch
 * @to_us: microseconds since the Unix epoch
 * @error: return location
 *
 * Returns: (transfer full) (element-type guint64): indices of the system chains' entries that tell which artifact ran
 *   and whose keys were valid between two times; or %NULL with an %AIR_STORE_ERROR or %AIR_LEDGER_ERROR
 */
GArray *
air_host_system_entries (AirHost *self, gint64 from_us, gint64 to_us, GError **error)
{
  static const char *const told[] = { AIR_ENTRY_EPOCH_STARTED, AIR_ENTRY_TRUST_CHANGED, AIR_ENTRY_KEY_ENROLLED,
                                      AIR_ENTRY_KEY_REVOKED, NULL };
  g_autoptr (GPtrArray) epochs = list_epochs (self, from_us, error);
  g_autoptr (GArray) indices = g_array_new (FALSE, FALSE, sizeof (guint64));

  if (epochs == NULL)
    return NULL;
  for (guint i = 0; i < epochs->len; i++)
    {
      AirIndexRow *row = epochs->pdata[i], *next = i + 1 < epochs->len ? epochs->pdata[i + 1] : NULL;
      g_autoptr (GPtrArray) entries = NULL;
      gint64 head = row->head;

      if ((next != NULL && next->started_us <= from_us) || row->started_us > to_us)
        continue;
      if (strcmp (row->id, self->system->chain->id) == 0)
        {
          head = self->system->durable;
          air_writer_settle_entry (self->writer, (guint64) head);
        }
      entries = air_store_read_instance (self->store, head, error);
      if (entries == NULL)
        return NULL;
      for (guint j = 0; j < entries->len; j++)
        {
          AirStoredEntry *stored = entries->pdata[j];
          g_autoptr (AirEntry) entry = air_entry_parse (stored->leaf, error);

          if (entry == NULL)
            return NULL;
          /* Refusals and other runs' erasures are nothing of this run. */
          if (g_strv_contains (told, air_entry_get_type_name (entry)))
            g_array_append_val (indices, stored->index);
        }
    }
  return g_steal_pointer (&indices);
}

void
air_system_chain_free (AirSystemChain *self)
{
  g_clear_pointer (&self->host->redacted, g_hash_table_unref);
  g_clear_pointer (&self->chain, air_chain_free);
  g_clear_handle_id (&self->retry, g_source_remove);
  g_queue_clear_full (&self->pending, item_free);
  g_queue_clear_full (&self->flying, item_free);
  air_enrolments_free (self->enrolments);
  g_hash_table_unref (self->meters);
  g_ptr_array_unref (self->steps);
  g_free (self);
}
