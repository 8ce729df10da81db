/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which mock answers which call, and how. */
#define G_LOG_DOMAIN "air-trial"

#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "engine/air-member.h"
#include "schema/air-schema-sample.h"
#include "trial/air-mocks-private.h"

/* How far the mocks of one step have come. */
typedef struct {
  AirValue *list;         /* nullable, borrowed */
  gsize at;               /* in @list */
  const AirValue *chosen; /* the fixture in use */
  gsize exchange;         /* the next of it */
} Cursor;

struct _AirMockScript {
  const AirMocks *mocks;
  const AirValue *lists;
  AirSimRandom *random;
  guint fail_permille;
  GHashTable *cursors; /* "step/purpose" → Cursor */
  GPtrArray *made_up;  /* char * */
};

/**
 * air_mock_script_new:
 * @mocks: vendors for what no list answers; borrowed
 * @lists: (nullable): the `mocks` of a case; borrowed
 *
 * Returns: (transfer full): a script at its beginning
 */
AirMockScript *
air_mock_script_new (const AirMocks *mocks, const AirValue *lists)
{
  AirMockScript *self = g_new0 (AirMockScript, 1);

  self->mocks = mocks;
  self->lists = lists;
  self->cursors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->made_up = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
air_mock_script_free (AirMockScript *self)
{
  g_ptr_array_unref (self->made_up);
  g_hash_table_unref (self->cursors);
  g_free (self);
}

/**
 * air_mock_script_set_chance:
 * @self: a script
 * @random: borrowed
 * @fail_permille: how many of a thousand calls fail
 *
 * For calls without a mock: a fixture by chance. Without it they get the first that succeeds.
 */
void
air_mock_script_set_chance (AirMockScript *self, AirSimRandom *random, guint fail_permille)
{
  self->random = random;
  self->fail_permille = fail_permille;
}

/* --- what an answer repeats --- */

typedef struct {
  const AirValue *from;
  AirValue *to;
} Pair;

static gboolean
is_scalar (const AirValue *value)
{
  AirValueKind kind = air_value_get_kind (value);

  return kind == AIR_VALUE_STRING || kind == AIR_VALUE_INT;
}

static void
add_pairs (GArray *pairs, const AirValue *from, AirValue *to)
{
  if (from == NULL || to == NULL || air_value_get_kind (from) != air_value_get_kind (to))
    return;
  if (is_scalar (from))
    {
      Pair pair = { from, to };

      g_array_append_val (pairs, pair);
    }
  else if (air_value_get_kind (from) == AIR_VALUE_MAP)
    for (gsize i = 0; i < air_map_get_size (from); i++)
      add_pairs (pairs, air_map_get_value_at (from, i),
                 air_member (to, air_value_get_string (air_map_get_key_at (from, i), NULL)));
  else if (air_value_get_kind (from) == AIR_VALUE_LIST)
    {
      Pair pair = { from, to };

      g_array_append_val (pairs, pair);
      for (gsize i = 0; i < air_list_get_size (from) && i < air_list_get_size (to); i++)
        add_pairs (pairs, air_list_get (from, i), air_list_get (to, i));
    }
}

/* Whether two lists hold the same, in whatever order. */
static gboolean
same_items (const AirValue *a, const AirValue *b)
{
  if (air_value_get_kind (a) != AIR_VALUE_LIST || air_list_get_size (a) != air_list_get_size (b)
      || air_list_get_size (a) == 0)
    return FALSE;
  for (gsize i = 0; i < air_list_get_size (a); i++)
    {
      gboolean found = FALSE;

      for (gsize j = 0; !found && j < air_list_get_size (b); j++)
        found = air_value_equal (air_list_get (a, i), air_list_get (b, j));
      if (!found)
        return FALSE;
    }
  return TRUE;
}

static AirValue *
rebind (const AirValue *value, GArray *pairs)
{
  AirValue *copy;

  switch (air_value_get_kind (value))
    {
    case AIR_VALUE_MAP:
      copy = air_map_new ();
      for (gsize i = 0; i < air_map_get_size (value); i++)
        air_map_set_value (copy, air_value_ref (air_map_get_key_at (value, i)),
                           rebind (air_map_get_value_at (value, i), pairs));
      return copy;
    case AIR_VALUE_LIST:
      for (guint i = 0; i < pairs->len; i++)
        if (same_items (g_array_index (pairs, Pair, i).from, value))
          return air_value_ref (g_array_index (pairs, Pair, i).to);
      copy = air_list_new ();
      for (gsize i = 0; i < air_list_get_size (value); i++)
        air_list_append (copy, rebind (air_list_get (value, i), pairs));
      return copy;
    default:
      for (guint i = 0; i < pairs->len; i++)
        if (air_value_equal (g_array_index (pairs, Pair, i).from, value))
          return air_value_ref (g_array_index (pairs, Pair, i).to);
      return air_value_ref ((AirValue *) value);
    }
}

static AirHttpResponse *
make_response (const AirValue *document, GArray *pairs)
{
  AirValue *headers = air_map_get_map (document, "headers"), *body = air_member (document, "body");
  g_autoptr (GBytes) bytes = NULL;
  AirHttpResponse *response;

  if (body != NULL && air_value_get_kind (body) == AIR_VALUE_STRING)
    bytes = g_bytes_new (air_value_get_string (body, NULL), strlen (air_value_get_string (body, NULL)));
  else if (body != NULL)
    {
      g_autoptr (AirValue) bound = rebind (body, pairs);

      bytes = air_jcs_write_bytes (bound, NULL);
    }
  response = air_http_response_new (air_map_get_int (document, "status", 0), bytes);
  for (gsize i = 0; headers != NULL && i < air_map_get_size (headers); i++)
    air_http_response_add_header (response, air_value_get_string (air_map_get_key_at (headers, i), NULL),
                                  air_value_get_string (air_map_get_value_at (headers, i), NULL));
  return response;
}

/* --- one answer --- */

static AirOutcome *
exchange_answer (const AirMocks *mocks,
                 const AirMockOperation *operation,
                 const AirValue *fixture,
                 const AirValue *exchange,
                 const AirEffect *call)
{
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (Pair));
  g_autoptr (AirHttpRequest) request = NULL;
  g_autoptr (AirHttpResponse) response = NULL;
  g_autoptr (GError) error = NULL;
  AirValue *document = air_map_get_map (exchange, "response");

  request = air_operation_build_request (operation->operation, call->call.purpose, call->call.input, call->call.run,
                                         mocks->egress, &error);
  if (request == NULL)
    return air_outcome_new (AIR_OUTCOME_FATAL, 0, error->message);
  if (document == NULL)
    return g_strcmp0 (air_map_get_string (exchange, "failure"), "connection") == 0
               ? air_outcome_new (AIR_OUTCOME_RETRY, 0, "no connection; nothing was sent")
               : air_outcome_new (AIR_OUTCOME_UNKNOWN, 0, "no answer came in time");
  add_pairs (pairs, air_map_get_map (fixture, "input"), call->call.input);
  add_pairs (pairs, air_map_get_map (fixture, "run"), call->call.run);
  response = make_response (document, pairs);
  return air_operation_interpret (operation->operation, call->call.purpose, call->call.input, call->call.run, request,
                                  response);
}

static AirOutcome *
written_answer (const AirMockOperation *operation, const AirValue *mock, const AirEffect *call, GError **error)
{
  const char *message = air_map_get_string (mock, "message");
  AirValue *output = air_map_get_map (mock, "output");
  g_autoptr (GPtrArray) issues = NULL;
  AirOutcomeClass outcome_class;
  AirOutcome *outcome;

  if (!air_outcome_class_from_string (air_map_get_string (mock, "class"), &outcome_class))
    {
      g_set_error (error, AIR_TRIAL_ERROR, AIR_TRIAL_ERROR_MOCK, "the mock of '%s' has no class", call->node);
      return NULL;
    }
  if (outcome_class != AIR_OUTCOME_OK)
    return air_outcome_new (outcome_class, air_map_get_int (mock, "status", 0), message != NULL ? message : "mocked");
  if (output != NULL && operation->output != NULL && !air_schema_validate (operation->output, output, &issues, NULL))
    {
      const AirSchemaIssue *issue = issues != NULL && issues->len > 0 ? issues->pdata[0] : NULL;

      g_set_error (error, AIR_TRIAL_ERROR, AIR_TRIAL_ERROR_MOCK,
                   "the mocked output of '%s' is none of operation '%s': %s %s; mend the mock", call->node,
                   call->call.operation, issue != NULL ? issue->pointer : "", issue != NULL ? issue->message : "");
      return NULL;
    }
  outcome = air_outcome_new_ok (air_map_get_int (mock, "status", 200),
                                output != NULL ? air_value_ref (output) : air_map_new (), NULL);
  return outcome;
}

/* Where there is no fixture at all, the schema of what the operation gives says enough. */
static AirOutcome *
sampled_answer (const AirMockOperation *operation, const AirEffect *call, GError **error)
{
  AirValue *output = air_schema_sample (operation->output, 1, AIR_SAMPLE_USUAL, error);

  if (output == NULL)
    {
      g_prefix_error (error,
                      "operation '%s' has no fixture, and no output can be made up for '%s': ", call->call.operation,
                      call->node);
      return NULL;
    }
  return air_outcome_new_ok (200, output, NULL);
}

/* --- which --- */

static const AirValue *
find_exchange (const AirValue *fixture, AirPurpose purpose, gsize *at, gboolean wrap)
{
  AirValue *exchanges = air_map_get_list (fixture, "exchanges");
  const char *wanted = purpose == AIR_PURPOSE_RECONCILE ? "reconcile" : "execute";
  const AirValue *last = NULL;

  for (gsize i = 0; i < air_list_get_size (exchanges); i++)
    {
      const AirValue *exchange = air_list_get (exchanges, i);
      const char *is = air_map_get_string (exchange, "purpose");

      /* The fixtures of a reversing operation show it as itself. */
      if (g_strcmp0 (is, "compensate") == 0)
        is = "execute";
      if (g_strcmp0 (is, wanted) != 0)
        continue;
      if (i >= *at)
        {
          *at = i + 1;
          return exchange;
        }
      last = exchange;
    }
  return wrap ? last : NULL;
}

/* Of one iteration, else of the node in any. */
static AirValue *
find_list (AirMockScript *self, const char *step, const char *node)
{
  AirValue *list = air_map_get_list (self->lists, step);

  return list != NULL ? list : air_map_get_list (self->lists, node);
}

static Cursor *
find_cursor (AirMockScript *self, const AirEffect *call)
{
  g_autofree char *plain = g_strndup (call->node, strcspn (call->node, "@"));
  gboolean reversal = g_str_has_suffix (air_map_get_string (call->call.run, "step") != NULL
                                            ? air_map_get_string (call->call.run, "step")
                                            : "",
                                        ":compensate")
                      || call->call.purpose == AIR_PURPOSE_COMPENSATE;
  const char *suffix = reversal ? "/compensate" : "";
  g_autofree char *name = g_strconcat (plain, suffix, NULL), *place = g_strconcat (call->node, suffix, NULL);
  AirValue *list = find_list (self, place, name);
  Cursor *cursor;

  if (call->call.purpose == AIR_PURPOSE_RECONCILE && !reversal)
    {
      g_autofree char *asked = g_strconcat (plain, "/reconcile", NULL);
      g_autofree char *here = g_strconcat (call->node, "/reconcile", NULL);

      if (find_list (self, here, asked) != NULL)
        {
          list = find_list (self, here, asked);
          g_set_str (&place, here);
        }
    }
  cursor = g_hash_table_lookup (self->cursors, place);
  if (cursor == NULL)
    {
      cursor = g_new0 (Cursor, 1);
      cursor->list = list;
      if (list == NULL)
        g_ptr_array_add (self->made_up, g_strdup (place));
      g_hash_table_insert (self->cursors, g_steal_pointer (&place), cursor);
    }
  return cursor;
}

/* A fixture for a call nobody wrote a mock for. */
static const AirValue *
choose_fixture (AirMockScript *self, const AirMockOperation *operation, const AirEffect *call, GError **error)
{
  GPtrArray *ids = operation->succeeding;
  guint at = 0;

  if (self->random != NULL && operation->failing->len > 0
      && (ids->len == 0 || air_sim_random_chance (self->random, self->fail_permille)))
    ids = operation->failing;
  if (ids->len == 0)
    {
      g_set_error (error, AIR_TRIAL_ERROR, AIR_TRIAL_ERROR_MOCK,
                   "operation '%s' has no fixture that succeeds; give '%s' a mock", call->call.operation, call->node);
      return NULL;
    }
  if (self->random != NULL)
    at = air_sim_random_below (self->random, ids->len);
  return g_hash_table_lookup (operation->fixtures, ids->pdata[at]);
}

/**
 * air_mock_script_answer:
 * @self: a script
 * @call: an effect of kind CALL
 * @ret_latency_ms: (out): how long it takes; -1 when the mock says nothing
 * @error: return location
 *
 * Returns: (transfer full): the outcome, made by the shipping operation engine; or %NULL with %AIR_TRIAL_ERROR_MOCK when
 *   nothing is there to answer with
 */
AirOutcome *
air_mock_script_answer (AirMockScript *self, const AirEffect *call, gint64 *ret_latency_ms, GError **error)
{
  const AirMockOperation *operation = g_hash_table_lookup (self->mocks->operations, call->call.operation);
  Cursor *cursor = find_cursor (self, call);
  gsize n = cursor->list != NULL ? air_list_get_size (cursor->list) : 0;

  *ret_latency_ms = -1;
  if (operation == NULL)
    {
      g_set_error (error, AIR_TRIAL_ERROR, AIR_TRIAL_ERROR_MOCK, "'%s' calls '%s', which the plan does not hold",
                   call->node, call->call.operation);
      return NULL;
    }
  for (;;)
    {
      gboolean last = cursor->at + 1 >= n;
      const AirValue *mock = n > 0 ? air_list_get (cursor->list, MIN (cursor->at, n - 1)) : NULL;
      const char *name = air_map_get_string (mock, "fixture");
      const AirValue *exchange;

      *ret_latency_ms = air_map_get_int (mock, "latency_ms", -1);
      if (mock != NULL && name == NULL)
        {
          cursor->at++;
          return written_answer (operation, mock, call, error);
        }
      if (cursor->chosen == NULL)
        {
          cursor->chosen = name != NULL ? g_hash_table_lookup (operation->fixtures, name)
                                        : choose_fixture (self, operation, call, error);
          cursor->exchange = 0;
          if (cursor->chosen == NULL)
            {
              if (name == NULL && call->call.purpose != AIR_PURPOSE_RECONCILE)
                {
                  g_clear_error (error);
                  return sampled_answer (operation, call, error);
                }
              if (name != NULL)
                g_set_error (error, AIR_TRIAL_ERROR, AIR_TRIAL_ERROR_MOCK,
                             "the mock of '%s' names fixture '%s', which operation '%s' does not have", call->node,
                             name, call->call.operation);
              return NULL;
            }
        }
      exchange = find_exchange (cursor->chosen, call->call.purpose, &cursor->exchange, last);
      if (exchange != NULL)
        return exchange_answer (self->mocks, operation, cursor->chosen, exchange, call);
      if (last)
        return call->call.purpose == AIR_PURPOSE_RECONCILE
                   ? air_outcome_new (AIR_OUTCOME_NOT_FOUND, 200, "no fixture says that it happened")
                   : air_outcome_new (AIR_OUTCOME_FATAL, 0, "the fixture has no answer to this");
      cursor->at++;
      cursor->chosen = NULL;
    }
}

/**
 * air_mock_script_get_made_up:
 * @self: a script
 *
 * Returns: (transfer none) (element-type utf8): steps whose calls were answered though nothing was written for them
 */
GPtrArray *
air_mock_script_get_made_up (AirMockScript *self)
{
  return self->made_up;
}
