/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What limits and budgets have used, over all runs: folded from the entries
 * when the host starts, kept from the records of every decision after that.
 * A host whose plan has no limits has none of this. */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-private.h"

#include <string.h>

#include "ledger/air-entry.h"
#include "policy/air-limit.h"

#define PAGE 1024
/* Entries of different runs stand in the order they were committed, not quite in that of their times. */
#define DISORDER_US (G_GINT64_CONSTANT (600) * G_USEC_PER_SEC)
#define EXPIRE_US   (G_GINT64_CONSTANT (60) * G_USEC_PER_SEC)

/* The first entry that may still count. */
static gboolean
find_first (AirHost *self, gint64 since_us, guint64 *ret_first, GError **error)
{
  guint64 first = air_writer_get_size (self->writer);

  while (first > 0)
    {
      guint64 page = first > PAGE ? first - PAGE : 0;
      g_autoptr (GPtrArray) leaves = air_store_read_leaves (self->store, page, 1, error);
      g_autoptr (AirEntry) entry = NULL;

      if (leaves == NULL || leaves->len == 0)
        return leaves != NULL;
      entry = air_entry_parse (leaves->pdata[0], error);
      if (entry == NULL)
        return FALSE;
      first = page;
      if (air_entry_get_time_us (entry) < since_us)
        break;
    }
  *ret_first = first;
  return TRUE;
}

static gboolean
speaks_of_limits (GBytes *leaf)
{
  gsize length;
  const char *bytes = g_bytes_get_data (leaf, &length);

  return memmem (bytes, length, "\"limits\":", strlen ("\"limits\":")) != NULL;
}

static gboolean
apply (AirHost *self, guint64 index, GError **error)
{
  g_autoptr (AirStoredEntry) stored = air_store_read_entry (self->store, index, error);
  g_autoptr (AirEntry) entry = stored != NULL ? air_entry_parse (stored->leaf, error) : NULL;
  g_autoptr (AirValue) disclosed = NULL;

  if (entry == NULL)
    return FALSE;
  disclosed = air_entry_open (entry, stored->disclosures, NULL);
  if (!air_usage_book_apply (self->usage, air_entry_get_type_name (entry), air_entry_get_members (entry), disclosed,
                             air_entry_get_time_us (entry)))
    g_warning ("entry %" G_GUINT64_FORMAT
               " used a limit, and what it used is not disclosed any more: it does not count",
               index);
  return TRUE;
}

/**
 * air_host_fold_usage:
 *
 * Makes the book of usage out of the entries that its windows still reach.
 */
gboolean
air_host_fold_usage (AirHost *self, GError **error)
{
  g_auto (GStrv) limits = NULL;
  guint64 size = air_writer_get_size (self->writer), index = 0;
  gint64 horizon_us;

  if (!air_plan_has_limits (self->plan))
    return TRUE;
  self->usage = air_usage_book_new ();
  limits = air_plan_list_limits (self->plan, &horizon_us);
  if (horizon_us != 0 && !find_first (self, g_get_real_time () - horizon_us - DISORDER_US, &index, error))
    return FALSE;
  while (index < size)
    {
      g_autoptr (GPtrArray) leaves = air_store_read_leaves (self->store, index, PAGE, error);

      if (leaves == NULL)
        return FALSE;
      if (leaves->len == 0)
        break;
      for (guint i = 0; i < leaves->len; i++, index++)
        if (speaks_of_limits (leaves->pdata[i]) && !apply (self, index, error))
          return FALSE;
    }
  return TRUE;
}

/* Before and after a decision: what it claims is noted, so that it can be taken back. */
void
air_host_watch_usage (AirHost *self, AirRun *run)
{
  if (self->usage == NULL)
    return;
  run->journal = air_usage_journal_new ();
  air_usage_book_set_journal (self->usage, run->journal);
}

/* The decision will not be made durable, or could not be. */
void
air_host_revert_usage (AirHost *self, AirRun *run)
{
  if (run->journal != NULL)
    air_usage_book_revert (self->usage, g_steal_pointer (&run->journal));
}

/* What left all windows is forgotten, now and then. */
void
air_host_expire_usage (AirHost *self)
{
  gint64 now = g_get_real_time (), horizon_us;
  g_auto (GStrv) limits = NULL;

  if (self->usage == NULL || now - self->usage_expired_us < EXPIRE_US)
    return;
  self->usage_expired_us = now;
  limits = air_plan_list_limits (self->plan, &horizon_us);
  for (guint i = 0; limits[i] != NULL; i++)
    {
      gint64 horizon = air_limit_get_horizon (air_plan_get_policy (self->plan, limits[i]));

      if (horizon != 0)
        air_usage_book_expire (self->usage, limits[i], horizon + DISORDER_US, now);
    }
}

/**
 * air_host_describe_usage:
 * @self: a host
 * @max_keys: of each limit, at most
 *
 * Returns: (transfer full): list of {limit, title, windows: [{id, ms, max, keys: [{key, used}]}]}, the keys that
 *   used most first
 */
AirValue *
air_host_describe_usage (AirHost *self, guint max_keys)
{
  AirValue *list = air_list_new ();
  g_auto (GStrv) limits = NULL;
  gint64 horizon_us;

  if (self->usage == NULL)
    return list;
  limits = air_plan_list_limits (self->plan, &horizon_us);
  for (guint i = 0; limits[i] != NULL; i++)
    {
      const AirPolicy *policy = air_plan_get_policy (self->plan, limits[i]);
      AirValue *item = air_map_new (), *windows = air_list_new ();

      air_map_set_string (item, "limit", limits[i]);
      air_map_set_string (item, "title", air_policy_get_title (policy));
      air_map_set (item, "windows", windows);
      air_list_append (list, item);
      for (guint w = 0; w < air_limit_get_n_windows (policy); w++)
        {
          AirValue *window = air_map_new ();
          const char *id;
          gint64 ms, max;

          air_limit_get_window (policy, w, &id, &ms, &max);
          air_map_set_string (window, "id", id);
          if (ms > 0)
            air_map_set_int (window, "ms", ms);
          air_map_set_int (window, "max", max);
          air_map_set (window, "keys",
                       air_usage_book_describe (self->usage, limits[i], ms * 1000, g_get_real_time (), max_keys));
          air_list_append (windows, window);
        }
    }
  return list;
}
