/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "payments"

#include "config.h"

#include "payments.h"

#include <string.h>

#include "base/air-clock.h"
#include "base/air-json.h"
#include "payments-books.h"
#include "payments-contract.h"
#include "vendor-keys.h"

struct _Payments {
  PaymentsContract *contract;
  PaymentsBooks *books;
  PaymentsFaults *faults;
  VendorKeys *keys;
  char *token;
  gint64 requests;
  gint64 replayed;
};

/* Seeds the books from @orders. A NULL @token lets everyone in. */
Payments *
payments_new (const AirValue *orders, const char *token, guint64 seed)
{
  Payments *self = g_new0 (Payments, 1);

  self->contract = payments_contract_new ();
  self->books = payments_books_new (orders);
  self->faults = payments_faults_new (seed);
  self->keys = vendor_keys_new ();
  self->token = g_strdup (token);
  return self;
}

void
payments_free (Payments *self)
{
  payments_contract_free (self->contract);
  payments_books_free (self->books);
  payments_faults_free (self->faults);
  vendor_keys_free (self->keys);
  g_free (self->token);
  g_free (self);
}

void
payments_refuse_method (Payments *self, const char *payment_method_id)
{
  payments_books_refuse_method (self->books, payment_method_id);
}

gboolean
payments_set_faults (Payments *self, const AirValue *settings, char **ret_complaint)
{
  return payments_faults_set (self->faults, settings, ret_complaint);
}

static VendorAnswer *
refund (Payments *self, const AirValue *parameters, const char *key)
{
  const char *intent = air_map_get_string (parameters, "payment_intent");
  AirValue *made = NULL;

  switch (payments_books_refund (self->books, parameters, key, air_clock_now_us (air_clock_system ()) / G_USEC_PER_SEC,
                                 &made))
    {
    case PAYMENTS_BOOKS_OK:
      return vendor_answer_new (200, made);
    case PAYMENTS_BOOKS_NO_INTENT:
      return payments_refusal (404, "invalid_request_error", "resource_missing", "payment_intent",
                               "No such payment_intent: '%s'", intent);
    case PAYMENTS_BOOKS_REFUSED_METHOD:
      return payments_refusal (400, "invalid_request_error", "charge_disputed", "payment_intent",
                               "The charge of '%s' has been charged back; cannot issue a refund.", intent);
    case PAYMENTS_BOOKS_ALL_REFUNDED:
      return payments_refusal (400, "invalid_request_error", "charge_already_refunded", "payment_intent",
                               "The charge of '%s' has already been refunded.", intent);
    case PAYMENTS_BOOKS_TOO_MUCH:
      return payments_refusal (400, "invalid_request_error", "amount_too_large", "amount",
                               "Refund amount (%" G_GINT64_FORMAT ") is greater than unrefunded amount on charge "
                               "(%" G_GINT64_FORMAT ")",
                               air_map_get_int (parameters, "amount", 0),
                               payments_books_get_rest (self->books, intent));
    default:
      g_assert_not_reached ();
    }
}

/* As Stripe: what fails validation keeps no key; what was acted upon keeps its first answer, good or bad. */
static VendorAnswer *
act (Payments *self, const VendorRequest *request)
{
  const char *key = soup_message_headers_get_one (request->headers, "Idempotency-Key");
  g_autoptr (AirValue) parameters = NULL;
  VendorAnswer *answer = NULL;

  if (!g_str_equal (request->method, "POST"))
    {
      parameters = payments_contract_read (self->contract, request, &answer);
      return parameters != NULL ? vendor_answer_new (200, payments_books_list (self->books, parameters)) : answer;
    }

  switch (key != NULL ? vendor_keys_look (self->keys, key, request, &answer) : VENDOR_KEY_FRESH)
    {
    case VENDOR_KEY_REPLAY:
      self->replayed++;
      soup_message_headers_replace (answer->headers, "Idempotent-Replayed", "true");
      return answer;
    case VENDOR_KEY_MISMATCH:
      return payments_refusal (400, "idempotency_error", NULL, NULL,
                               "Keys for idempotent requests can only be used with the same parameters they were "
                               "first used with. Try using a key other than '%s' if you meant to execute a different "
                               "request.",
                               key);
    default:
      break;
    }

  parameters = payments_contract_read (self->contract, request, &answer);
  if (parameters == NULL)
    return answer;
  answer = refund (self, parameters, key);
  if (key != NULL)
    {
      soup_message_headers_replace (answer->headers, "Idempotency-Key", key);
      vendor_keys_keep (self->keys, key, request, answer);
    }
  return answer;
}

static VendorAnswer *
serve (Payments *self, const VendorRequest *request)
{
  PaymentsFault fault;
  VendorAnswer *answer;
  g_autofree char *id = NULL, *retry_after = NULL;

  self->requests++;
  if (!vendor_request_has_token (request, self->token))
    return payments_refusal (401, "invalid_request_error", NULL, NULL, "Invalid API Key provided");

  fault = payments_faults_next (self->faults);
  if (fault == PAYMENTS_FAULT_FAIL)
    {
      if (payments_faults_pick (self->faults, 2) == 0)
        answer = payments_refusal (500, "api_error", NULL, NULL, "Something went wrong on our end");
      else
        answer = payments_refusal (429, "rate_limit_error", "rate_limit", NULL, "Too many requests");
      retry_after = g_strdup_printf ("%u", payments_faults_get_retry_after (self->faults));
      soup_message_headers_replace (answer->headers, "Retry-After", retry_after);
    }
  else
    {
      answer = act (self, request);
      if (fault == PAYMENTS_FAULT_REPEAT)
        {
          vendor_answer_free (answer);
          answer = act (self, request);
        }
      answer->dropped = fault == PAYMENTS_FAULT_DROP;
      answer->delay_ms = fault == PAYMENTS_FAULT_DELAY ? payments_faults_get_delay (self->faults) : 0;
    }
  id = g_strdup_printf ("req_%08" G_GINT64_FORMAT, self->requests);
  soup_message_headers_replace (answer->headers, "Request-Id", id);
  return answer;
}

static VendorAnswer *
control (Payments *self, const VendorRequest *request)
{
  if (g_str_equal (request->method, "GET") && g_str_equal (request->path, "/_control/books"))
    {
      AirValue *books = payments_books_show (self->books);

      air_map_set_int (books, "requests", self->requests);
      air_map_set_int (books, "replayed", self->replayed);
      air_map_set (books, "faults", payments_faults_show (self->faults));
      return vendor_answer_new (200, books);
    }
  if (g_str_equal (request->method, "POST") && g_str_equal (request->path, "/_control/faults"))
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AirValue) settings = air_json_parse_bytes (request->body, &error);
      g_autofree char *complaint = NULL;

      if (settings == NULL)
        return payments_refusal (400, "invalid_request_error", NULL, NULL, "%s", error->message);
      if (!payments_faults_set (self->faults, settings, &complaint))
        return payments_refusal (400, "invalid_request_error", NULL, NULL, "%s", complaint);
      return vendor_answer_new (200, payments_faults_show (self->faults));
    }
  return payments_refusal (404, "invalid_request_error", NULL, NULL, "no control '%s %s' here", request->method,
                           request->path);
}

VendorAnswer *
payments_handle (const VendorRequest *request, gpointer self)
{
  return g_str_has_prefix (request->path, "/_control/") ? control (self, request) : serve (self, request);
}
