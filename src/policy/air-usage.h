/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

/*
 * What was used of limits and budgets, seen from a decision. The decision is
 * pure: it asks this interface, writes every number it got into its
 * POLICY_EVALUATED record, and a replay reads them from there.
 *
 * Whoever runs instances (the runtime's host, the simulator) keeps one
 * #AirUsageBook for all of them, applies to it the records of every transition
 * before the next decision is made, and takes them back when the records could
 * not be made durable. After a restart the book is folded from the entries.
 */

/**
 * AirUsage:
 * @used: what counts in the window that ends at the asked time, and what has a time to come
 * @last_us: the latest time that counts under this key, maybe to come; G_MININT64: none
 */
typedef struct {
  gint64 used;
  gint64 last_us;
} AirUsage;

/**
 * AirUsageReader:
 * @read: gives the sum over what is later than at_us - window_us under a limit and a key; a window of 0 is for good.
 *   What the owner itself has reserved is left out, so that deciding again does not count it twice
 * @fits_at: gives the first time not before at_us at which the amount more fits under max; G_MAXINT64: never
 * @user_data: what both are called with
 *
 * Where a decision gets from what was used. Times in microseconds since the Unix epoch.
 */
typedef struct {
  void   (*read) (gpointer    user_data,
                  const char *limit,
                  const char *key,
                  const char *owner,
                  gint64      window_us,
                  gint64      at_us,
                  AirUsage   *ret_usage);
  gint64 (*fits_at) (gpointer    user_data,
                     const char *limit,
                     const char *key,
                     const char *owner,
                     gint64      window_us,
                     gint64      max,
                     gint64      amount,
                     gint64      at_us);
  gpointer user_data;
} AirUsageReader;

/* --- the book --------------------------------------------------------------------------- */

/**
 * AirUsageBook:
 *
 * What was used of limits and budgets, folded from entries. For one thread. Freed with air_usage_book_free().
 */
typedef struct _AirUsageBook AirUsageBook;

AirUsageBook         *air_usage_book_new        (void);
void                  air_usage_book_free       (AirUsageBook *self);
const AirUsageReader *air_usage_book_get_reader (AirUsageBook *self);

void                  air_usage_book_reserve    (AirUsageBook *self,
                                                 const char   *limit,
                                                 const char   *key,
                                                 const char   *owner,
                                                 gint64        amount,
                                                 gint64        at_us);
void                  air_usage_book_settle     (AirUsageBook *self,
                                                 const char   *limit,
                                                 const char   *owner,
                                                 gint64        amount);
void                  air_usage_book_release    (AirUsageBook *self,
                                                 const char   *limit,
                                                 const char   *owner);
void                  air_usage_book_expire     (AirUsageBook *self,
                                                 const char   *limit,
                                                 gint64        window_us,
                                                 gint64        now_us);
guint                 air_usage_book_get_size   (AirUsageBook *self);

gboolean              air_usage_book_apply      (AirUsageBook   *self,
                                                 const char     *type,
                                                 const AirValue *members,
                                                 const AirValue *disclosed,
                                                 gint64          time_us);
/*
 * While a journal is set, every change is noted there, so that a transition
 * that could not be made durable is taken back: air_usage_book_revert(). NULL
 * ends it. A journal is a GArray made by air_usage_journal_new().
 */
GArray               *air_usage_journal_new     (void);
void                  air_usage_book_set_journal (AirUsageBook *self,
                                                 GArray       *journal);
void                  air_usage_book_revert     (AirUsageBook *self,
                                                 GArray       *take_journal);
AirValue             *air_usage_book_describe   (AirUsageBook   *self,
                                                 const char     *limit,
                                                 gint64          window_us,
                                                 gint64          at_us,
                                                 guint           max_keys);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirUsageBook, air_usage_book_free)

G_END_DECLS
