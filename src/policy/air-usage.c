/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-policy"

#include "config.h"

#include "policy/air-usage.h"

#include <string.h>

#include "base/air-clock.h"

/* What one action counts for. Sorted by time, so that a window is two binary searches. */
typedef struct {
  gint64 at_us;
  gint64 amount;
  gint64 before;     /* sum of all that stand before it */
  const char *owner; /* in the owners' table */
} Event;

typedef struct {
  char *key;
  GArray *events; /* Event */
  gint64 gone;    /* sum of those that were forgotten */
} Line;

typedef struct {
  GHashTable *lines;  /* key → Line */
  GHashTable *owners; /* owner → Place */
} Ledgered;

typedef struct {
  Line *line;
  gint64 at_us;
} Place;

struct _AirUsageBook {
  GHashTable *limits; /* id → Ledgered */
  AirUsageReader reader;
  GArray *journal; /* nullable; of the transition being decided */
  guint size;
};

/* What an owner had under a limit before a change. */
typedef struct {
  char *limit;
  char *owner;
  char *key; /* NULL: nothing */
  gint64 amount;
  gint64 at_us;
} Before;

static void
line_free (gpointer data)
{
  Line *self = data;

  g_free (self->key);
  g_array_unref (self->events);
  g_free (self);
}

static void
ledgered_free (gpointer data)
{
  Ledgered *self = data;

  g_hash_table_unref (self->owners);
  g_hash_table_unref (self->lines);
  g_free (self);
}

static inline Event *
event_at (const Line *self, guint i)
{
  return &g_array_index (self->events, Event, i);
}

/* The first event later than @at_us. */
static guint
upper_bound (const Line *self, gint64 at_us)
{
  guint low = 0, high = self->events->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (event_at (self, middle)->at_us <= at_us)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* Past what an int holds nothing fits under any limit: it stays at the end. */
static gint64
sum_with (const Event *event)
{
  gint64 sum;

  return __builtin_add_overflow (event->before, event->amount, &sum) ? G_MAXINT64 : sum;
}

static gint64
sum_before (const Line *self, guint i)
{
  if (i < self->events->len)
    return event_at (self, i)->before;
  return self->events->len == 0 ? self->gone : sum_with (event_at (self, self->events->len - 1));
}

static void
add_up (Line *self, guint from)
{
  gint64 sum = from == 0 ? self->gone : sum_with (event_at (self, from - 1));

  for (guint i = from; i < self->events->len; i++)
    {
      event_at (self, i)->before = sum;
      sum = sum_with (event_at (self, i));
    }
}

static guint
find_event (const Line *self, const char *owner, gint64 at_us)
{
  for (guint i = upper_bound (self, at_us); i > 0 && event_at (self, i - 1)->at_us == at_us; i--)
    if (strcmp (event_at (self, i - 1)->owner, owner) == 0)
      return i - 1;
  return G_MAXUINT;
}

/* --- asking ----------------------------------------------------------------------------- */

static Line *
find_line (AirUsageBook *self, const char *limit, const char *key, const char *owner, Event *ret_own)
{
  Ledgered *ledgered = g_hash_table_lookup (self->limits, limit);
  Line *line = ledgered != NULL ? g_hash_table_lookup (ledgered->lines, key) : NULL;
  const Place *place = line != NULL && owner != NULL ? g_hash_table_lookup (ledgered->owners, owner) : NULL;

  *ret_own = (Event) { .at_us = G_MININT64 };
  if (place != NULL && place->line == line)
    {
      guint i = find_event (line, owner, place->at_us);

      if (i != G_MAXUINT)
        *ret_own = *event_at (line, i);
    }
  return line;
}

static void
read_usage (gpointer user_data,
            const char *limit,
            const char *key,
            const char *owner,
            gint64 window_us,
            gint64 at_us,
            AirUsage *ret_usage)
{
  Event own;
  Line *line = find_line (user_data, limit, key, owner, &own);
  gint64 from_us = window_us == 0 ? G_MININT64 : at_us - window_us;

  *ret_usage = (AirUsage) { 0, G_MININT64 };
  if (line == NULL)
    return;
  /* What has a turn to come counts, and so does what was written before the clock was set back: the windows that
   * hold both that time and this one have no more room than any other. */
  ret_usage->used = sum_before (line, line->events->len);
  /* Of a sum that stands at the end nobody knows what is left without a part of it. */
  if (ret_usage->used != G_MAXINT64)
    {
      ret_usage->used -= window_us == 0 ? 0 : sum_before (line, upper_bound (line, from_us));
      if (own.owner != NULL && (window_us == 0 || own.at_us > from_us))
        ret_usage->used -= own.amount;
    }
  for (guint i = line->events->len; i > 0; i--)
    if (own.owner == NULL || event_at (line, i - 1)->owner != own.owner)
      {
        ret_usage->last_us = event_at (line, i - 1)->at_us;
        break;
      }
}

static gint64
fits_at (gpointer user_data,
         const char *limit,
         const char *key,
         const char *owner,
         gint64 window_us,
         gint64 max,
         gint64 amount,
         gint64 at_us)
{
  Event own;
  Line *line = find_line (user_data, limit, key, owner, &own);
  AirUsage usage;

  if (amount > max)
    return G_MAXINT64;
  if (line == NULL)
    return at_us;
  /* First come, first served: nobody overtakes a time that was given away already. */
  read_usage (user_data, limit, key, owner, window_us, at_us, &usage);
  at_us = MAX (at_us, usage.last_us);
  for (guint i = window_us == 0 ? 0 : upper_bound (line, at_us - window_us);; i++)
    {
      read_usage (user_data, limit, key, owner, window_us, at_us, &usage);
      if (usage.used <= max - amount)
        return at_us;
      if (window_us == 0 || i >= line->events->len)
        return G_MAXINT64;
      at_us = MAX (at_us, event_at (line, i)->at_us + window_us);
    }
}

/* --- keeping ---------------------------------------------------------------------------- */

/**
 * air_usage_book_new:
 *
 * Returns: (transfer full): an empty book
 */
AirUsageBook *
air_usage_book_new (void)
{
  AirUsageBook *self = g_new0 (AirUsageBook, 1);

  self->limits = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, ledgered_free);
  self->reader = (AirUsageReader) { read_usage, fits_at, self };
  return self;
}

void
air_usage_book_free (AirUsageBook *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->limits);
  g_free (self);
}

/**
 * air_usage_book_get_reader:
 * @self: a book
 *
 * Returns: (transfer none): the book as decisions see it, valid as long as @self
 */
const AirUsageReader *
air_usage_book_get_reader (AirUsageBook *self)
{
  return &self->reader;
}

/**
 * air_usage_book_get_size:
 * @self: a book
 *
 * Returns: how many reservations it keeps in memory
 */
guint
air_usage_book_get_size (AirUsageBook *self)
{
  return self->size;
}

static void
before_clear (gpointer data)
{
  Before *self = data;

  g_free (self->limit);
  g_free (self->owner);
  g_free (self->key);
}

/**
 * air_usage_journal_new:
 *
 * Returns: (transfer full): an empty journal for air_usage_book_set_journal()
 */
GArray *
air_usage_journal_new (void)
{
  GArray *journal = g_array_new (FALSE, FALSE, sizeof (Before));

  g_array_set_clear_func (journal, before_clear);
  return journal;
}

/**
 * air_usage_book_set_journal:
 * @self: a book
 * @journal: (nullable): where changes are noted from now on; borrowed. %NULL ends it
 */
void
air_usage_book_set_journal (AirUsageBook *self, GArray *journal)
{
  self->journal = journal;
}

static void
note (AirUsageBook *self, const char *limit, const char *owner)
{
  Ledgered *ledgered = g_hash_table_lookup (self->limits, limit);
  Place *place = ledgered != NULL ? g_hash_table_lookup (ledgered->owners, owner) : NULL;
  guint i = place != NULL ? find_event (place->line, owner, place->at_us) : G_MAXUINT;
  Before before = { .limit = NULL };

  if (self->journal == NULL)
    return;
  before.limit = g_strdup (limit);
  before.owner = g_strdup (owner);
  if (i != G_MAXUINT)
    {
      before.key = g_strdup (place->line->key);
      before.amount = event_at (place->line, i)->amount;
      before.at_us = place->at_us;
    }
  g_array_append_val (self->journal, before);
}

/**
 * air_usage_book_revert:
 * @self: a book
 * @take_journal: (transfer full): what was noted
 *
 * Takes back everything in the journal, the last first, and ends noting.
 */
void
air_usage_book_revert (AirUsageBook *self, GArray *take_journal)
{
  self->journal = NULL;
  for (guint i = take_journal->len; i > 0; i--)
    {
      const Before *before = &g_array_index (take_journal, Before, i - 1);

      if (before->key != NULL)
        air_usage_book_reserve (self, before->limit, before->key, before->owner, before->amount, before->at_us);
      else
        air_usage_book_release (self, before->limit, before->owner);
    }
  g_array_unref (take_journal);
}

static void
take_out (AirUsageBook *self, const char *limit, const char *owner)
{
  Ledgered *ledgered = g_hash_table_lookup (self->limits, limit);
  Place *place = ledgered != NULL ? g_hash_table_lookup (ledgered->owners, owner) : NULL;
  guint i;

  if (place == NULL)
    return;
  i = find_event (place->line, owner, place->at_us);
  if (i != G_MAXUINT)
    {
      g_array_remove_index (place->line->events, i);
      add_up (place->line, i);
      self->size--;
    }
  if (place->line->events->len == 0 && place->line->gone == 0)
    g_hash_table_remove (ledgered->lines, place->line->key);
  g_hash_table_remove (ledgered->owners, owner);
}

/**
 * air_usage_book_release:
 * @self: a book
 * @limit: a limit's id
 * @owner: the action's idempotency key
 *
 * What the owner had reserved counts no more.
 */
void
air_usage_book_release (AirUsageBook *self, const char *limit, const char *owner)
{
  note (self, limit, owner);
  take_out (self, limit, owner);
}

/**
 * air_usage_book_reserve:
 * @self: a book
 * @limit: a limit's id
 * @key: what it counts under
 * @owner: the action's idempotency key
 * @amount: in the limit's unit
 * @at_us: when it counts, in microseconds since the Unix epoch
 *
 * Takes the place of what that owner had under the limit.
 */
void
air_usage_book_reserve (AirUsageBook *self,
                        const char *limit,
                        const char *key,
                        const char *owner,
                        gint64 amount,
                        gint64 at_us)
{
  Ledgered *ledgered;
  Line *line;
  Place *place;
  Event event = { .at_us = at_us, .amount = amount };
  guint i;

  note (self, limit, owner);
  take_out (self, limit, owner);
  ledgered = g_hash_table_lookup (self->limits, limit);
  if (ledgered == NULL)
    {
      ledgered = g_new0 (Ledgered, 1);
      ledgered->lines = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, line_free);
      ledgered->owners = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_hash_table_insert (self->limits, g_strdup (limit), ledgered);
    }
  line = g_hash_table_lookup (ledgered->lines, key);
  if (line == NULL)
    {
      line = g_new0 (Line, 1);
      line->key = g_strdup (key);
      line->events = g_array_new (FALSE, FALSE, sizeof (Event));
      g_hash_table_insert (ledgered->lines, line->key, line);
    }
  place = g_new (Place, 1);
  *place = (Place) { line, at_us };
  event.owner = g_strdup (owner);
  g_hash_table_insert (ledgered->owners, (char *) event.owner, place);
  i = upper_bound (line, at_us);
  g_array_insert_val (line->events, i, event);
  add_up (line, i);
  self->size++;
}

/**
 * air_usage_book_settle:
 * @self: a book
 * @limit: a limit's id
 * @owner: the action's idempotency key
 * @amount: the true amount, once it is known
 *
 * Changes nothing when the owner has reserved nothing.
 */
void
air_usage_book_settle (AirUsageBook *self, const char *limit, const char *owner, gint64 amount)
{
  Ledgered *ledgered = g_hash_table_lookup (self->limits, limit);
  Place *place = ledgered != NULL ? g_hash_table_lookup (ledgered->owners, owner) : NULL;
  guint i = place != NULL ? find_event (place->line, owner, place->at_us) : G_MAXUINT;

  if (i == G_MAXUINT)
    return;
  note (self, limit, owner);
  event_at (place->line, i)->amount = amount;
  add_up (place->line, i);
}

/**
 * air_usage_book_expire:
 * @self: a book
 * @limit: a limit's id
 * @window_us: its longest window in microseconds; 0 (for good) forgets nothing
 * @now_us: microseconds since the Unix epoch
 *
 * Forgets what no window up to @window_us can see any more.
 */
void
air_usage_book_expire (AirUsageBook *self, const char *limit, gint64 window_us, gint64 now_us)
{
  Ledgered *ledgered = g_hash_table_lookup (self->limits, limit);
  GHashTableIter iter;
  gpointer value;

  if (ledgered == NULL || window_us == 0)
    return;
  g_hash_table_iter_init (&iter, ledgered->lines);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Line *line = value;
      guint n = upper_bound (line, now_us - window_us);

      if (n == 0)
        continue;
      for (guint i = 0; i < n; i++)
        g_hash_table_remove (ledgered->owners, event_at (line, i)->owner);
      self->size -= n;
      if (n == line->events->len)
        {
          g_hash_table_iter_remove (&iter);
          continue;
        }
      g_array_remove_range (line->events, 0, n);
      line->gone = 0;
      add_up (line, 0);
    }
}

/* --- from records ----------------------------------------------------------------------- */

static gboolean
apply_evaluated (AirUsageBook *self, const AirValue *members, const AirValue *disclosed, gint64 time_us)
{
  const char *owner = air_map_get_string (members, "idem"), *verdict = air_map_get_string (members, "verdict");
  const char *until = air_map_get_string (members, "until");
  const AirValue *inputs = disclosed != NULL ? air_map_get_map (disclosed, "inputs") : NULL;
  const AirValue *claims = inputs != NULL ? air_map_get_list (inputs, "limits") : NULL;
  gboolean counts;

  if (owner == NULL || verdict == NULL || claims == NULL)
    return FALSE;
  /* The last word counts: who waited for a turn and is then refused it holds no place. */
  counts = strcmp (verdict, "allow") == 0 || strcmp (verdict, "wait") == 0;
  if (until != NULL && !air_time_parse (until, &time_us))
    return FALSE;
  for (gsize i = 0; i < air_list_get_size (claims); i++)
    {
      const AirValue *claim = air_list_get (claims, i);
      const char *limit = air_map_get_string (claim, "limit"), *key = air_map_get_string (claim, "key");
      gint64 amount = air_map_get_int (claim, "amount", -1);

      if (limit == NULL || key == NULL || amount < 0)
        return FALSE;
      if (counts)
        air_usage_book_reserve (self, limit, key, owner, amount, time_us);
      else
        air_usage_book_release (self, limit, owner);
    }
  return TRUE;
}

static gboolean
apply_settled (AirUsageBook *self, const AirValue *members, const AirValue *disclosed)
{
  const char *owner = air_map_get_string (members, "idem"), *state = air_map_get_string (members, "state");
  const AirValue *limits = air_map_get_list (members, "limits");
  const AirValue *amounts = disclosed != NULL ? air_map_get_map (disclosed, "amounts") : NULL;
  gboolean settled = g_strcmp0 (state, "settled") == 0;

  if (owner == NULL || limits == NULL || (settled && amounts == NULL))
    return FALSE;
  for (gsize i = 0; i < air_list_get_size (limits); i++)
    {
      const AirValue *item = air_list_get (limits, i);
      const char *limit = air_value_get_kind (item) == AIR_VALUE_STRING ? air_value_get_string (item, NULL) : NULL;
      gint64 amount = settled && limit != NULL ? air_map_get_int (amounts, limit, -1) : 0;

      if (limit == NULL || amount < 0)
        return FALSE;
      if (settled)
        air_usage_book_settle (self, limit, owner, amount);
      else
        air_usage_book_release (self, limit, owner);
    }
  return TRUE;
}

/**
 * air_usage_book_apply:
 * @self: a book
 * @type: the entry's type
 * @members: its members
 * @disclosed: (nullable): what it discloses
 * @time_us: its time, in microseconds since the Unix epoch
 *
 * Folds one record of an instance in: POLICY_EVALUATED with `limits`, POLICY_SETTLED. Others change nothing.
 *
 * Returns: %FALSE when it is malformed or its disclosures are gone (erased): the caller tells
 */
gboolean
air_usage_book_apply (AirUsageBook *self,
                      const char *type,
                      const AirValue *members,
                      const AirValue *disclosed,
                      gint64 time_us)
{
  if (strcmp (type, "POLICY_EVALUATED") == 0 && air_map_get (members, "limits") != NULL)
    return apply_evaluated (self, members, disclosed, time_us);
  if (strcmp (type, "POLICY_SETTLED") == 0)
    return apply_settled (self, members, disclosed);
  return TRUE;
}

typedef struct {
  const char *key;
  gint64 used;
} Total;

static int
compare_totals (gconstpointer a, gconstpointer b)
{
  const Total *x = a, *y = b;

  return x->used != y->used ? (x->used < y->used ? 1 : -1) : strcmp (x->key, y->key);
}

/**
 * air_usage_book_describe:
 * @self: a book
 * @limit: a limit's id
 * @window_us: in microseconds
 * @at_us: the window's end, in microseconds since the Unix epoch
 * @max_keys: how many at most
 *
 * Returns: (transfer full): for people: a list of {key, used}, the highest first
 */
AirValue *
air_usage_book_describe (AirUsageBook *self, const char *limit, gint64 window_us, gint64 at_us, guint max_keys)
{
  Ledgered *ledgered = g_hash_table_lookup (self->limits, limit);
  g_autoptr (GArray) totals = g_array_new (FALSE, FALSE, sizeof (Total));
  AirValue *list = air_list_new ();
  GHashTableIter iter;
  gpointer key;

  if (ledgered == NULL)
    return list;
  g_hash_table_iter_init (&iter, ledgered->lines);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      Total total = { .key = key };
      AirUsage usage;

      read_usage (self, limit, key, NULL, window_us, at_us, &usage);
      total.used = usage.used;
      g_array_append_val (totals, total);
    }
  g_array_sort (totals, compare_totals);
  for (guint i = 0; i < MIN (totals->len, max_keys); i++)
    {
      AirValue *item = air_map_new ();

      air_map_set_string (item, "key", g_array_index (totals, Total, i).key);
      air_map_set_int (item, "used", g_array_index (totals, Total, i).used);
      air_list_append (list, item);
    }
  return list;
}
