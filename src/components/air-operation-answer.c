/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an answer means. */
#define G_LOG_DOMAIN "air-components"
#include "config.h"

#include <stdio.h>

#include "air-operation-private.h"
#include "base/air-hash.h"
#include "base/air-json.h"
#include "engine/air-record.h"

#define MAX_MESSAGE        300
#define MAX_RETRY_AFTER_MS (G_GINT64_CONSTANT (24) * 60 * 60 * 1000)

typedef struct {
  const AirOperation *operation;
  const AirHttpRequest *request;
  const AirHttpResponse *response;
  AirValue *bindings;
  AirValue *body; /* JSON, or null */
  AirValue *run;
} Answer;

/* --- reading ---------------------------------------------------------------------------- */

/* The body as JSON, or null: an expression over null fails, it does not crash. */
static AirValue *
parse_body (const AirHttpResponse *response)
{
  gsize length;
  const char *data = g_bytes_get_data (response->body, &length);
  AirValue *value = length > 0 ? air_json_parse (data, length, NULL) : NULL;

  return value != NULL ? value : air_value_new_null ();
}

/* By lower-case name; what expressions ask for and is not there is null. */
static AirValue *
read_headers (const AirOperation *self, const AirHttpResponse *response)
{
  AirValue *map = air_map_new ();

  for (guint i = 0; i < response->headers->len; i++)
    {
      const AirHttpHeader *header = g_ptr_array_index (response->headers, i);
      g_autofree char *name = g_ascii_strdown (header->name, -1);

      if (air_member (map, name) == NULL && g_utf8_validate (header->value, -1, NULL)
          && g_utf8_validate (name, -1, NULL))
        air_map_set_string (map, name, header->value);
    }
  for (guint i = 0; i < self->header_names->len; i++)
    if (air_member (map, g_ptr_array_index (self->header_names, i)) == NULL)
      air_map_set (map, g_ptr_array_index (self->header_names, i), air_value_new_null ());
  return map;
}

/* IMF-fixdate of RFC 9110, 5.6.7. */
static gboolean
parse_date (const char *text, gint64 *ret_seconds)
{
  static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
  char month_name[4] = "";
  int day, year, hour, minute, second;

  if (text == NULL
      || sscanf (text, "%*3s, %2d %3s %4d %2d:%2d:%2d GMT", &day, month_name, &year, &hour, &minute, &second) != 6)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (months); i++)
    if (g_str_equal (month_name, months[i]))
      {
        g_autoptr (GDateTime) time = g_date_time_new_utc (year, i + 1, day, hour, minute, second);

        if (time == NULL)
          return FALSE;
        *ret_seconds = g_date_time_to_unix (time);
        return TRUE;
      }
  return FALSE;
}

/* Seconds, or a date: that is measured by the other side's own clock, so ours is not needed. */
static gint64
read_retry_after (const AirHttpResponse *response)
{
  const char *text = air_http_response_get_header (response, "Retry-After");
  guint64 seconds;
  gint64 then_s;
  gint64 now_s;

  if (text == NULL)
    return 0;
  if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT32, &seconds, NULL))
    return MIN ((gint64) seconds * 1000, MAX_RETRY_AFTER_MS);
  if (parse_date (text, &then_s) && parse_date (air_http_response_get_header (response, "Date"), &now_s)
      && then_s > now_s)
    return MIN ((then_s - now_s) * 1000, MAX_RETRY_AFTER_MS);
  return 0;
}

static char *
describe (const Answer *answer)
{
  AirValue *error = air_member (answer->body, "error");
  const char *said = air_map_get_string (error, "message");
  g_autofree char *text = NULL;

  if (said == NULL)
    said = air_map_get_string (answer->body, "message");
  if (said == NULL)
    said = air_map_get_string (answer->body, "error");
  if (said == NULL)
    said = air_map_get_string (answer->body, "detail");
  if (said == NULL)
    return g_strdup_printf ("HTTP %d", answer->response->status);
  text = g_utf8_strlen (said, -1) > MAX_MESSAGE ? g_utf8_substring (said, 0, MAX_MESSAGE) : g_strdup (said);
  for (char *p = text; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      *p = ' ';
  return g_strdup_printf ("HTTP %d: %s", answer->response->status, text);
}

/* --- evidence ------------------------------------------------------------------------------ */

static char *
digest_request (const AirHttpRequest *request)
{
  g_autofree char *head =
      g_strconcat (request->method, " ", request->shown_url != NULL ? request->shown_url : request->url, "\n", NULL);
  g_autofree char *hex = NULL;
  gsize length = 0;
  const void *body = request->body != NULL ? g_bytes_get_data (request->body, &length) : NULL;
  AirDigest digest = air_sha256_parts (head, strlen (head), body, length, NULL, 0);

  hex = air_digest_to_hex (&digest);
  return g_strconcat ("sha256:", hex, NULL);
}

static char *
digest_response (const AirHttpResponse *response)
{
  g_autofree char *hex = NULL;
  gsize length;
  const void *body = g_bytes_get_data (response->body, &length);
  AirDigest digest = air_sha256 (body, length);

  hex = air_digest_to_hex (&digest);
  return g_strconcat ("sha256:", hex, NULL);
}

/* Whatever of it the answer holds: evidence of a refusal counts too. */
static AirValue *
capture_evidence (const Answer *answer)
{
  const AirOperation *self = answer->operation;
  AirValue *evidence = air_map_new ();

  for (guint i = 0; i < self->evidence->len; i++)
    {
      const AirEvidenceItem *item = &g_array_index (self->evidence, AirEvidenceItem, i);
      g_autoptr (AirValue) value = air_template_render (item->value, answer->bindings, NULL);
      AirValue *group;

      if (value == NULL || air_value_is_null (value) || !air_record_can_hold (value, NULL))
        continue;
      if (item->group == NULL)
        {
          air_map_set (evidence, item->name, g_steal_pointer (&value));
          continue;
        }
      group = air_member (evidence, item->group);
      if (group == NULL)
        {
          group = air_map_new ();
          air_map_set (evidence, item->group, group);
        }
      air_map_set (group, item->name, g_steal_pointer (&value));
    }
  if (self->bind_request || self->bind_response || self->bind_key)
    {
      AirValue *bind = air_map_new ();

      if (self->bind_request)
        {
          g_autofree char *digest = digest_request (answer->request);

          air_map_set_string (bind, "request.digest", digest);
        }
      if (self->bind_response)
        {
          g_autofree char *digest = digest_response (answer->response);

          air_map_set_string (bind, "response.digest", digest);
        }
      if (self->bind_key && air_member (answer->run, "idem") != NULL)
        air_map_set (bind, "run.idem", air_value_ref (air_member (answer->run, "idem")));
      air_map_set (evidence, "bind", bind);
    }
  return evidence;
}

/* --- judging ---------------------------------------------------------------------------------- */

static AirOutcome *G_GNUC_PRINTF (2, 3) fatal (const Answer *answer, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return air_outcome_new (AIR_OUTCOME_FATAL, answer->response->status, message);
}

/* It says that it worked, and what it says cannot be read: loud, for whatever it did stands. */
static AirOutcome *
not_understood (AirOutcome *outcome)
{
  outcome->alarm = g_strdup ("not-understood");
  return outcome;
}

/* It says it worked: is it what was asked? */
static AirOutcome *
judge_success (const Answer *answer)
{
  const AirOperation *self = answer->operation;
  g_autoptr (AirValue) output = NULL;
  g_autoptr (GPtrArray) issues = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *message = NULL;

  for (guint i = 0; i < self->asserts->len; i++)
    {
      const AirCelProgram *program = g_ptr_array_index (self->asserts, i);
      gboolean holds = FALSE;

      if (!air_cel_eval_bool (program, answer->bindings, 0, &holds, NULL) || !holds)
        {
          AirOutcome *outcome = fatal (answer, "the answer is not what was asked: it does not hold that %s",
                                       air_cel_program_get_source (program));

          outcome->alarm = g_strdup ("assert");
          return outcome;
        }
    }
  output = air_template_render (self->mapping, answer->bindings, &error);
  if (output == NULL)
    return not_understood (fatal (answer, "the answer lacks what the output needs: %s", error->message));
  if (!air_schema_validate (self->output, output, &issues, &error))
    {
      g_autofree char *words = error != NULL ? g_strdup (error->message) : air_schema_describe_issues (issues);

      return not_understood (fatal (answer, "the output is not what the operation promises: %s", words));
    }
  if (!air_record_can_hold (output, &message))
    return not_understood (fatal (answer, "the output cannot be written down: %s", message));
  return air_outcome_new_ok (answer->response->status, g_steal_pointer (&output), NULL);
}

static AirOutcome *
judge_failure (const Answer *answer)
{
  const AirOperation *self = answer->operation;
  g_autofree char *message = describe (answer);

  for (guint i = 0; i < self->errors->len; i++)
    {
      const AirErrorRule *rule = &g_array_index (self->errors, AirErrorRule, i);
      gboolean holds = FALSE;
      AirOutcome *outcome;

      /* A rule that asks for what the answer has not does not apply. */
      if (!air_cel_eval_bool (rule->when, answer->bindings, 0, &holds, NULL) || !holds)
        continue;
      outcome = air_outcome_new (rule->outcome_class, answer->response->status, message);
      outcome->alarm = g_strdup (rule->alarm);
      if (rule->outcome_class == AIR_OUTCOME_RETRY)
        outcome->retry_after_ms = read_retry_after (answer->response);
      return outcome;
    }
  return air_outcome_new (AIR_OUTCOME_FATAL, answer->response->status, message);
}

/* --- reconcile ----------------------------------------------------------------------------------- */

/* Nothing found in a page of a longer list proves nothing. */
static AirOutcome *
judge_absence (const Answer *answer)
{
  if (answer->operation->next == NULL && air_value_get_kind (answer->body) == AIR_VALUE_MAP
      && air_map_get_bool (answer->body, "has_more", FALSE))
    return fatal (answer, "the list is longer than one page: nobody can say that it never happened");
  return air_outcome_new (AIR_OUTCOME_NOT_FOUND, answer->response->status, "it never happened");
}

static AirOutcome *
judge_reconcile (Answer *answer)
{
  const AirOperation *self = answer->operation;
  g_autoptr (AirValue) found = NULL;
  g_autoptr (GError) error = NULL;
  AirOutcome *outcome;

  if (answer->response->status < 200 || answer->response->status > 299)
    {
      outcome = judge_failure (answer);
      /* That the question leads nowhere does not say that the effect does not exist. */
      if (outcome->outcome_class == AIR_OUTCOME_NOT_FOUND)
        outcome->outcome_class = AIR_OUTCOME_FATAL;
      return outcome;
    }
  found = air_cel_eval (self->found, answer->bindings, 0, &error);
  if (found == NULL)
    return fatal (answer, "reconcile.found: %s", error->message);
  if (air_value_get_kind (found) == AIR_VALUE_LIST)
    {
      gsize n = air_list_get_size (found);
      AirValue *only;

      if (n == 0)
        return judge_absence (answer);
      if (n > 1)
        {
          outcome = fatal (answer, "it happened %" G_GSIZE_FORMAT " times", n);
          outcome->alarm = g_strdup ("double-effect");
          return outcome;
        }
      only = air_value_ref (air_list_get (found, 0));
      air_value_unref (found);
      found = only;
    }
  else if (air_value_is_null (found) || (air_value_get_kind (found) == AIR_VALUE_BOOL && !air_value_get_bool (found)))
    return judge_absence (answer);

  if (self->found_is_output)
    {
      g_autoptr (GPtrArray) issues = NULL;

      if (!air_schema_validate (self->output, found, &issues, NULL) || !air_record_can_hold (found, NULL))
        return fatal (answer, "what was found is not an output of the operation");
      return air_outcome_new_ok (answer->response->status, g_steal_pointer (&found), NULL);
    }
  /* What was found is what the action itself would have answered. */
  if (air_value_get_kind (found) != AIR_VALUE_BOOL)
    {
      air_value_unref (answer->body);
      answer->body = air_value_ref (found);
      air_map_set (answer->bindings, "body", air_value_ref (found));
    }
  return judge_success (answer);
}

AirOutcome *
air_operation_interpret (const AirOperation *self,
                         AirPurpose purpose,
                         AirValue *input,
                         AirValue *run,
                         const AirHttpRequest *request,
                         const AirHttpResponse *response)
{
  g_autoptr (AirValue) bindings = NULL;
  Answer answer = { .operation = self, .request = request, .response = response, .run = run };
  AirOutcome *outcome;
  gboolean ok = FALSE;

  g_return_val_if_fail (self != NULL && input != NULL && run != NULL && request != NULL && response != NULL, NULL);

  answer.body = parse_body (response);
  bindings = air_operation_bindings (self, input, run);
  air_map_set (bindings, "status", air_value_new_int (response->status));
  air_map_set (bindings, "header", read_headers (self, response));
  air_map_set (bindings, "body", air_value_ref (answer.body));
  answer.bindings = bindings;

  if (purpose == AIR_PURPOSE_RECONCILE)
    outcome = judge_reconcile (&answer);
  else if (air_cel_eval_bool (self->ok, bindings, 0, &ok, NULL) && ok)
    outcome = judge_success (&answer);
  else if (response->status >= 200 && response->status <= 299 && air_value_is_null (answer.body)
           && g_bytes_get_size (response->body) > 0)
    outcome = not_understood (fatal (&answer, "HTTP %d, but the answer is not JSON", response->status));
  else
    outcome = judge_failure (&answer);
  outcome->evidence = capture_evidence (&answer);
  air_value_unref (answer.body);
  return outcome;
}
