/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What follows the outcome of an attempt. The one place where it is decided
 * whether something is sent again. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-instance-private.h"

void
air_action_clear (AirAction *self)
{
  g_clear_pointer (&self->message, g_free);
  g_clear_pointer (&self->key, air_value_unref);
  g_clear_pointer (&self->input, air_value_unref);
  g_clear_pointer (&self->output, air_value_unref);
  g_clear_pointer (&self->evidence, air_value_unref);
  *self = (AirAction) { 0 };
}

void
air_action_begin (AirAction *self,
                  const AirPlanOperation *operation,
                  AirPurpose base,
                  guint visit,
                  AirValue *key,
                  AirValue *input)
{
  air_action_clear (self);
  self->operation = operation;
  self->base = base;
  self->next = base;
  self->phase = AIR_ACTION_READY;
  self->visit = visit;
  self->key = air_value_ref (key);
  self->input = air_value_ref (input);
}

void
air_action_started (AirAction *self, AirPurpose purpose, gint64 now_us, gint64 timeout_ms)
{
  if (purpose == AIR_PURPOSE_RECONCILE)
    self->reconciles++;
  else if (self->attempts++ == 0)
    self->first_us = now_us;
  if (purpose != AIR_PURPOSE_RECONCILE)
    self->timeout_ms = timeout_ms;
  self->next = purpose;
  self->phase = AIR_ACTION_IN_FLIGHT;
}

guint
air_action_get_attempt (const AirAction *self, AirPurpose purpose)
{
  return purpose == AIR_PURPOSE_RECONCILE ? self->reconciles : self->attempts;
}

static void
later (AirAction *self, AirPurpose next)
{
  self->next = next;
  self->phase = AIR_ACTION_BACK_OFF;
}

static gboolean
key_holds (const AirAction *self, gint64 now_us)
{
  const AirPlanOperation *operation = self->operation;

  return operation->honours_key && !operation->never_again && now_us - self->first_us < operation->window_us;
}

/* The reconcile answered: it knows, it does not, or it could not be asked. */
static void
settle_reconcile (AirAction *self, const AirPlanRetry *retry, AirOutcomeClass outcome_class, gboolean ending)
{
  switch (outcome_class)
    {
    case AIR_OUTCOME_OK:
      self->phase = AIR_ACTION_OK;
      return;
    case AIR_OUTCOME_NOT_FOUND:
      self->maybe = FALSE;
      self->misses = 0;
      if (self->confirming || ending || self->operation->never_again || self->attempts >= retry->max)
        self->phase = AIR_ACTION_FAILED;
      else
        later (self, self->base);
      return;
    case AIR_OUTCOME_RETRY:
    case AIR_OUTCOME_UNKNOWN:
      if (++self->misses < retry->max)
        later (self, AIR_PURPOSE_RECONCILE);
      else
        self->phase = AIR_ACTION_STUCK;
      return;
    case AIR_OUTCOME_CONFLICT:
    case AIR_OUTCOME_AUTH:
    case AIR_OUTCOME_REJECTED:
    case AIR_OUTCOME_FATAL:
      self->phase = AIR_ACTION_STUCK;
      return;
    }
}

/* It did not work, or nobody knows whether it did. */
static void
settle_again (AirAction *self, const AirPlanRetry *retry, gboolean ending, gint64 now_us)
{
  gboolean left = self->attempts < retry->max;

  if (!self->maybe)
    {
      /* Surely without effect: any operation may be tried again, but not for a run that ends. */
      if (left && !ending)
        later (self, self->base);
      else
        self->phase = AIR_ACTION_FAILED;
    }
  else if (left && key_holds (self, now_us) && !(ending && self->operation->reconciles))
    later (self, self->base);
  else if (self->operation->reconciles)
    later (self, AIR_PURPOSE_RECONCILE);
  else
    self->phase = AIR_ACTION_STUCK;
}

void
air_action_executed (AirAction *self,
                     const AirPlanRetry *retry,
                     AirOutcomeClass outcome_class,
                     int status,
                     const char *alarm,
                     const char *message,
                     gint64 retry_after_ms,
                     gboolean ending,
                     gint64 now_us)
{
  gboolean odd;

  self->retry_after_ms = retry_after_ms;
  if (self->next == AIR_PURPOSE_RECONCILE)
    {
      /* What is kept is why the action itself did not work. */
      settle_reconcile (self, retry, outcome_class, ending);
      return;
    }

  self->outcome_class = outcome_class;
  self->status = status;
  g_free (self->message);
  self->message = g_strdup (message);
  switch (outcome_class)
    {
    case AIR_OUTCOME_OK:
      self->phase = AIR_ACTION_OK;
      break;

    case AIR_OUTCOME_RETRY:
      /* A server that failed may have acted before; one that was never reached (no status) or
       * refused for its rate (425, 429) has not. */
      if (self->operation->writes && status != 0 && status != 425 && status != 429)
        self->maybe = TRUE;
      settle_again (self, retry, ending, now_us);
      break;

    case AIR_OUTCOME_UNKNOWN:
      if (self->operation->writes)
        self->maybe = TRUE;
      /* When it was sent nobody wrote down: before now, so by then it has arrived or never will. */
      self->quiet_us = MAX (self->quiet_us, now_us + self->timeout_ms * 1000);
      settle_again (self, retry, ending, now_us);
      break;

    case AIR_OUTCOME_CONFLICT:
    case AIR_OUTCOME_AUTH:
    case AIR_OUTCOME_NOT_FOUND:
    case AIR_OUTCOME_REJECTED:
    case AIR_OUTCOME_FATAL:
      /* It says that it worked, and is not what was asked or cannot be read: what was done that does not tell. */
      odd = outcome_class == AIR_OUTCOME_FATAL && alarm != NULL && self->operation->writes && status >= 200
            && status <= 299;
      self->maybe = self->maybe || odd;
      if (!self->maybe)
        self->phase = AIR_ACTION_FAILED;
      else if (self->operation->reconciles)
        {
          /* "Already done" may speak of our own earlier attempt: look. */
          self->confirming = TRUE;
          self->next = AIR_PURPOSE_RECONCILE;
          self->phase = now_us < self->quiet_us ? AIR_ACTION_BACK_OFF : AIR_ACTION_READY;
        }
      else if (self->operation->honours_key && outcome_class != AIR_OUTCOME_AUTH && !odd)
        /* Under one key the vendor answers for all attempts. */
        self->phase = AIR_ACTION_FAILED;
      else
        self->phase = AIR_ACTION_STUCK;
      break;
    }
}

gboolean
air_action_end (AirAction *self)
{
  switch (self->phase)
    {
    case AIR_ACTION_IN_FLIGHT:
      return TRUE;
    case AIR_ACTION_READY:
    case AIR_ACTION_BACK_OFF:
    case AIR_ACTION_WAITING:
      if (!self->maybe)
        return FALSE;
      /* Finding out is better than doing it only to reverse it. */
      if (self->operation->reconciles && self->next != AIR_PURPOSE_RECONCILE)
        {
          self->next = AIR_PURPOSE_RECONCILE;
          self->phase = AIR_ACTION_BACK_OFF;
        }
      return TRUE;
    case AIR_ACTION_IDLE:
    case AIR_ACTION_STUCK:
    case AIR_ACTION_OK:
    case AIR_ACTION_FAILED:
      return FALSE;
    }
  return FALSE;
}

/* Exponential, half of it fixed and half of it chance; what the other side asked for is the least. */
void
air_action_back_off (const AirAction *self,
                     const AirPlanRetry *retry,
                     gint64 now_us,
                     gint64 *ret_least_ms,
                     gint64 *ret_most_ms)
{
  guint before = self->next == AIR_PURPOSE_RECONCILE ? self->misses : self->attempts - 1;
  gint64 delay = retry->base_ms;

  for (guint i = 0; i < before && delay < retry->max_ms; i++)
    delay *= 2;
  delay = MIN (delay, retry->max_ms);
  *ret_least_ms = delay - delay / 2;
  *ret_most_ms = delay;
  if (self->retry_after_ms > *ret_least_ms)
    {
      *ret_least_ms = self->retry_after_ms;
      *ret_most_ms = self->retry_after_ms + delay / 2;
    }
  /* A request that was not answered may be on its way until its time is over: who looks too early finds nothing,
   * and does it twice. */
  if (self->next == AIR_PURPOSE_RECONCILE && now_us + *ret_least_ms * 1000 < self->quiet_us)
    {
      *ret_least_ms = (self->quiet_us - now_us + 999) / 1000;
      *ret_most_ms = MAX (*ret_most_ms, *ret_least_ms);
    }
}

/* What "try it now" means: the next attempt of one that waits, or of one in doubt what can do no second harm. */
gboolean
air_action_can_retry (const AirAction *self, gint64 now_us)
{
  if (self->phase == AIR_ACTION_WAITING)
    return TRUE;
  return self->phase == AIR_ACTION_STUCK && (self->operation->reconciles || key_holds (self, now_us));
}

void
air_action_retry (AirAction *self, gint64 now_us)
{
  if (self->phase == AIR_ACTION_STUCK)
    {
      self->misses = 0;
      self->next = self->operation->reconciles ? AIR_PURPOSE_RECONCILE : self->base;
    }
  self->phase = AIR_ACTION_READY;
}

void
air_action_confirm (AirAction *self, const AirPlanRetry *retry, gboolean happened, gboolean ending, AirValue *output)
{
  if (happened && output != NULL)
    {
      g_clear_pointer (&self->output, air_value_unref);
      self->output = air_value_ref (output);
    }
  settle_reconcile (self, retry, happened ? AIR_OUTCOME_OK : AIR_OUTCOME_NOT_FOUND, ending);
}
