/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retry of a run that has ended (docs/decisions/0006). Its chain is closed and stays so: the work is done again by a
 * new run, whose first entry names the old one, with the same payload and the same concurrency key, at most once: the
 * old run's id makes the new one's deduplication key. What an ended run did was reversed; one of which something
 * stands, or may stand, is not done again, since that would be a second effect. Whoever brought the old run or asks
 * for the new one is a trigger of it, and decides no gate that excludes those. */
#define G_LOG_DOMAIN "air-hosting"

#include "config.h"

#include "hosting/air-retry.h"

#include <string.h>

#include "engine/air-latency.h"

/* The first of what stands, in words. */
static char *
describe_standing (const AirInstance *run)
{
  g_autoptr (AirValue) manual = air_instance_get_manual (run);
  gsize n = air_list_get_size (manual);
  const AirValue *first = n > 0 ? air_list_get (manual, 0) : NULL;
  const char *outcome, *words;

  if (first == NULL)
    return NULL;
  outcome = air_map_get_string (first, "outcome");
  words = strcmp (outcome, "unknown") == 0 ? "may have happened, nobody knows" : "stands: it was not reversed";
  if (n == 1)
    return g_strdup_printf ("\"%s\" (%s) %s", air_map_get_string (first, "node"),
                            air_map_get_string (first, "operation"), words);
  return g_strdup_printf ("\"%s\" (%s) %s, and %" G_GSIZE_FORMAT " more", air_map_get_string (first, "node"),
                          air_map_get_string (first, "operation"), words, n - 1);
}

/**
 * air_retry_judge:
 * @run: a run, folded from all its entries
 * @ret_standing: (out) (nullable) (transfer full): with %AIR_RETRY_STANDS what stands, in words; else %NULL
 *
 * Returns: whether its work may be done again
 */
AirRetryRule
air_retry_judge (const AirInstance *run, char **ret_standing)
{
  *ret_standing = NULL;
  if (!air_instance_is_finished (run))
    return AIR_RETRY_OPEN;
  if (air_instance_get_state (run) == AIR_INSTANCE_COMPLETED)
    return AIR_RETRY_COMPLETED;
  *ret_standing = describe_standing (run);
  return *ret_standing != NULL ? AIR_RETRY_STANDS : AIR_RETRY_MAY;
}

/**
 * air_retry_make_key:
 * @run: a run's id
 *
 * Returns: (transfer full): the deduplication key of the one run that does its work again; no event may have it
 */
char *
air_retry_make_key (const char *run)
{
  return g_strconcat (AIR_RETRY_KEY_PREFIX, run, NULL);
}

/**
 * air_retry_new_message:
 * @run: a run of which air_retry_judge() says that it may be done again
 * @id: its id
 * @actor: who asks
 * @reason: (nullable): why; it is disclosed in the new run's first entry
 * @selection: (nullable): the order this is a part of; such runs are batches
 *
 * Returns: (transfer full): what triggers the new run
 */
AirMessage *
air_retry_new_message (const AirInstance *run,
                       const char *id,
                       const char *actor,
                       const char *reason,
                       const char *selection)
{
  AirMessage *message = air_message_new (AIR_EVENT_TRIGGER);

  message->data = air_value_ref (air_instance_get_input (run));
  message->actor = g_strdup (actor);
  message->dedup = air_retry_make_key (id);
  message->key = g_strdup (air_instance_get_concurrency_key (run));
  message->requester = g_strdup (air_instance_get_requester (run));
  message->subject = g_strdup (air_instance_get_subject (run));
  message->latency = g_strdup (selection != NULL ? air_latency_class_to_string (AIR_LATENCY_BATCH)
                                                 : air_instance_get_latency_class (run));
  message->retry_of = g_strdup (id);
  message->triggered_by = air_instance_dup_triggered_by (run);
  message->reason = g_strdup (reason);
  message->selection = g_strdup (selection);
  return message;
}
