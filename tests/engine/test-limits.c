/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits and budgets at calls: reserved before, settled or released after, and no race past them. */
#include "config.h"

#include "base/air-json.h"
#include "test-engine.h"

#define AT_PAY   "\"operation\":\"v.pay\",\"with\":{\"amount\":\"${trigger.amount}\"},"
#define LIMITED  AT_PAY "\"limits\":[{\"policy\":\"cap\"}],"
#define POLICIES "\"policies\":{"
#define CAP(kind, rest)                                                                                                \
  POLICIES "\"cap\":{\"$schema\":\"airails:policy/1\",\"id\":\"cap\",\"version\":\"1.0.0\",\"kind\":\"" kind           \
           "\",\"title\":\"Cap\",\"inputs\":[{\"id\":\"amount\",\"type\":\"int\"}],\"key\":\"all\"," rest "},"
#define GATE                                                                                                           \
  "\"gate\":{\"role\":\"approver\",\"quorum\":1,\"exclude\":[\"requester\"],\"deadline_ms\":60000,\"on_expiry\":"      \
  "\"deny\"}"

static const char *const sum_100[] = {
  AT_PAY, LIMITED, POLICIES,
  CAP ("limit",
       "\"measure\":\"sum\",\"amount\":\"${amount}\",\"windows\":[{\"id\":\"hour\",\"ms\":3600000,\"max\":100}]"),
  NULL
};
static const char *const asks[] = {
  AT_PAY, LIMITED, POLICIES,
  CAP ("limit",
       "\"measure\":\"count\",\"windows\":[{\"id\":\"hour\",\"ms\":3600000,\"max\":0,\"on_exceed\":\"gate\"}]," GATE),
  NULL
};
static const char *const waits[] = {
  AT_PAY, LIMITED, POLICIES,
  CAP ("limit",
       "\"measure\":\"count\",\"on_exceed\":\"wait\",\"windows\":[{\"id\":\"minute\",\"ms\":60000,\"max\":1}]"),
  NULL
};
static const char *const budget[] = {
  AT_PAY, LIMITED, POLICIES,
  CAP ("budget", "\"amount\":\"${amount}\",\"settle\":\"${amount - 8}\",\"windows\":[{\"id\":\"all\",\"max\":1000}]"),
  NULL
};
/* The payment goes through, then the run fails, and the act before it is reversed. */
static const char *const limited_act[] = {
  "\"operation\":\"v.act\",\"with\":{\"order\":\"${trigger.order}\"},",
  "\"operation\":\"v.act\",\"with\":{\"order\":\"${trigger.order}\"},\"limits\":[{\"policy\":\"cap\",\"with\":{"
  "\"amount\":\"${trigger.amount}\"}}],",
  POLICIES,
  CAP ("limit",
       "\"measure\":\"sum\",\"amount\":\"${amount}\",\"windows\":[{\"id\":\"hour\",\"ms\":3600000,\"max\":100}]"),
  NULL
};

static gint64
used (TestHost *host)
{
  const AirUsageReader *reader = air_usage_book_get_reader (host->usage);
  AirUsage usage;

  reader->read (reader->user_data, "cap", "all", NULL, 0, G_MAXINT64, &usage);
  return usage.used;
}

/* After a restart of the host the book is folded from the records, and says the same. */
static void
check_book (TestHost *host)
{
  g_autoptr (AirUsageBook) folded = air_usage_book_new ();
  const AirUsageReader *reader = air_usage_book_get_reader (folded);
  AirUsage usage;

  for (guint i = 0; i < host->records->len; i++)
    {
      const AirRecord *record = host->records->pdata[i];

      g_assert_true (air_usage_book_apply (folded, record->type, record->members, record->disclosed,
                                           g_array_index (host->times, gint64, i)));
    }
  reader->read (reader->user_data, "cap", "all", NULL, 0, G_MAXINT64, &usage);
  g_assert_cmpint (usage.used, ==, used (host));
}

static AirRecord *
find_limit_record (TestHost *host, guint nth)
{
  for (guint i = 0;; i++)
    {
      AirRecord *record = test_host_find (host, AIR_RECORD_POLICY_EVALUATED, i);

      if (record == NULL)
        return NULL;
      if (air_member (record->members, "limits") != NULL && nth-- == 0)
        return record;
    }
}

static void
test_allowed (void)
{
  g_autoptr (AirUsageBook) book = air_usage_book_new ();
  g_autoptr (TestHost) host = test_host_new (test_plan_new (sum_100));
  AirRecord *record, *started;
  const AirValue *claim, *window;

  test_host_use (host, book);
  test_host_trigger (host, SMALL);
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  g_assert_cmpint (used (host), ==, 50);
  record = find_limit_record (host, 0);
  g_assert_cmpstr (air_map_get_string (record->members, "verdict"), ==, "allow");
  /* It names limit, key, what was used, the most, and the window; and the very action it let start. */
  claim = air_list_get (air_map_get_list (air_member (record->disclosed, "inputs"), "limits"), 0);
  g_assert_cmpstr (air_map_get_string (claim, "limit"), ==, "cap");
  g_assert_cmpstr (air_map_get_string (claim, "key"), ==, "all");
  g_assert_cmpint (air_map_get_int (claim, "amount", 0), ==, 50);
  window = air_list_get (air_map_get_list (claim, "windows"), 0);
  g_assert_cmpint (air_map_get_int (window, "max", 0), ==, 100);
  g_assert_cmpint (air_map_get_int (window, "used", -1), ==, 0);
  g_assert_cmpint (air_map_get_int (window, "ms", 0), ==, 3600000);
  started = test_host_find (host, AIR_RECORD_TOOL_ACTION_STARTED, 2);
  g_assert_cmpstr (air_map_get_string (record->members, "idem"), ==, air_map_get_string (started->members, "idem"));
  g_assert_cmpuint (test_host_count_records (host, AIR_RECORD_POLICY_SETTLED), ==, 0);
  check_book (host);
  test_host_check (host);
}

static void
test_denied (void)
{
  g_autoptr (AirUsageBook) book = air_usage_book_new ();
  g_autoptr (TestHost) host = test_host_new (test_plan_new (sum_100));

  test_host_use (host, book);
  air_usage_book_reserve (book, "cap", "all", "others", 51, host->now_us);
  test_host_trigger (host, SMALL);
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_FAILED);
  g_assert_cmpuint (test_host_count (host, "v.pay"), ==, 0);
  g_assert_cmpstr (air_map_get_string (find_limit_record (host, 0)->members, "verdict"), ==, "deny");
  g_assert_cmpint (used (host), ==, 51);
  test_host_check (host);
}

static void
test_asked (void)
{
  static const char *const people[] = { ANN, NULL };
  g_autoptr (AirUsageBook) book = air_usage_book_new ();
  g_autoptr (TestHost) host = test_host_new (test_plan_new (asks));
  g_auto (AirGateFacts) facts = { 0 };

  test_host_use (host, book);
  test_host_trigger (host, SMALL);
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_WAITING_GATE);
  g_assert_true (air_instance_get_gate (host->instance, "pay", &facts));
  g_assert_cmpuint (air_list_get_size (facts.action), ==, 1);
  g_assert_cmpint (used (host), ==, 0);
  test_host_check (host);
  host->approvers = people;
  g_assert_true (test_host_decide (host, "pay", TRUE, ANN, NULL));
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  g_assert_cmpuint (test_host_count (host, "v.pay"), ==, 1);
  /* Above the limit, and counted all the same. */
  g_assert_cmpint (used (host), ==, 1);
  check_book (host);
  test_host_check (host);
}

/* Who is asked because of a limit may change the call, but not what another gate let pass: its approvers signed that. */
static void
test_asked_to_change (void)
{
#define LAX                                                                                                            \
  "\"gate\":{\"role\":\"approver\",\"quorum\":1,\"deadline_ms\":60000,\"on_expiry\":\"deny\","                         \
  "\"edit\":{\"pay.amount\":\"-\"}}"
#define NONE                                                                                                           \
  CAP ("limit",                                                                                                        \
       "\"measure\":\"count\",\"windows\":[{\"id\":\"hour\",\"ms\":3600000,\"max\":0,\"on_exceed\":\"gate\"}]," LAX)
  static const char *const guarded[] = { AT_PAY, LIMITED, POLICIES, NONE, NULL };
  static const char *const alone[] = { AT_PAY,
                                       LIMITED,
                                       POLICIES,
                                       NONE,
                                       "\"guards\":[{\"node\":\"act\"},{\"node\":\"pay\",\"when\":\"trigger.pay\"}],",
                                       "\"guards\":[{\"node\":\"act\"}],",
                                       "\"guards\":{\"act\":\"approval\",\"pay\":\"approval\"}",
                                       "\"guards\":{\"act\":\"approval\"}",
                                       NULL };
  const char *const *const plans[] = { guarded, alone };

  for (guint i = 0; i < G_N_ELEMENTS (plans); i++)
    {
      g_autoptr (AirUsageBook) book = air_usage_book_new ();
      g_autoptr (TestHost) host = test_host_new (test_plan_new (plans[i]));

      test_host_use (host, book);
      test_host_trigger (host, SMALL);
      test_host_run (host);
      assert_state (host, AIR_INSTANCE_WAITING_GATE);
      g_assert_true (
          (air_map_get_map (test_host_find (host, AIR_RECORD_HUMAN_GATE_REQUESTED, 0)->members, "edit") != NULL)
          == (i == 1));
      test_host_check (host);
    }
}

static void
test_asked_denied (void)
{
  g_autoptr (AirUsageBook) book = air_usage_book_new ();
  g_autoptr (TestHost) host = test_host_new (test_plan_new (asks));
  g_autoptr (GError) error = NULL;

  test_host_use (host, book);
  test_host_trigger (host, SMALL);
  test_host_run (host);
  g_assert_false (test_host_decide (host, "pay", TRUE, "airails://demo/people/rita", &error));
  g_assert_true (test_host_decide (host, "pay", FALSE, ANN, NULL));
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_FAILED);
  g_assert_cmpuint (test_host_count (host, "v.pay"), ==, 0);
  g_assert_cmpint (used (host), ==, 0);
  test_host_check (host);
}

/* Calls succeed until the limits of one were asked. */
static void
answer_until_limited (TestHost *host)
{
  while (find_limit_record (host, 0) == NULL)
    {
      g_autoptr (AirEffect) effect = g_ptr_array_steal_index (host->pending, 0);
      g_autoptr (AirValue) output = air_map_new ();
      g_autoptr (AirOutcome) outcome = NULL;

      air_map_set_string (output, "id", "x");
      outcome = air_outcome_new_ok (200, g_steal_pointer (&output), NULL);
      test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_OUTCOME,
                                          .outcome = { .node = effect->node,
                                                       .attempt = effect->call.attempt,
                                                       .purpose = effect->call.purpose,
                                                       .outcome = outcome } });
    }
}

static void
test_waited (void)
{
  g_autoptr (AirUsageBook) book = air_usage_book_new ();
  g_autoptr (TestHost) host = test_host_new (test_plan_new (waits));
  gint64 others;

  test_host_use (host, book);
  others = host->now_us;
  air_usage_book_reserve (book, "cap", "all", "others", 1, others);
  test_host_trigger (host, SMALL);
  answer_until_limited (host);
  assert_state (host, AIR_INSTANCE_WAITING_TIMER);
  g_assert_cmpint (used (host), ==, 2);
  test_host_check (host);
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_RECOVERED });
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  g_assert_cmpint (host->now_us, >=, others + 60 * G_USEC_PER_SEC);
  g_assert_cmpint (used (host), ==, 2);
  test_host_check (host);
}

/* Its turn comes late, and then people are asked: what it held while it waited is gone. A clock that is set back does not
 * bring it back, so that the call is counted before it starts. */
static void
test_waited_then_asked (void)
{
  static const char *const people[] = { ANN, NULL };
  static const char *const waits_or_asks[] = {
    AT_PAY, LIMITED, POLICIES,
    CAP ("limit",
         "\"measure\":\"count\",\"on_exceed\":\"wait\",\"windows\":[{\"id\":\"minute\",\"ms\":60000,\"max\":1},"
         "{\"id\":\"hour\",\"ms\":3600000,\"max\":2,\"on_exceed\":\"gate\"}]," GATE),
    NULL
  };
  g_autoptr (AirUsageBook) book = air_usage_book_new ();
  g_autoptr (TestHost) host = test_host_new (test_plan_new (waits_or_asks));
  const gint64 *due;
  gint64 turn;

  test_host_use (host, book);
  air_usage_book_reserve (book, "cap", "all", "others", 1, host->now_us);
  test_host_trigger (host, SMALL);
  answer_until_limited (host);
  assert_state (host, AIR_INSTANCE_WAITING_TIMER);
  g_assert_cmpint (used (host), ==, 2);
  for (guint i = 0; i < 2; i++)
    air_usage_book_reserve (book, "cap", "all", i == 0 ? "third" : "fourth", 1, host->now_us);
  due = g_hash_table_lookup (host->timers, "wait/pay");
  g_assert_nonnull (due);
  turn = *due;
  host->now_us = turn + 30 * G_USEC_PER_SEC;
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_TIMER, .timer.id = "wait/pay" });
  assert_state (host, AIR_INSTANCE_WAITING_GATE);
  g_assert_cmpint (used (host), ==, 3);
  host->now_us = turn;
  host->approvers = people;
  g_assert_true (test_host_decide (host, "pay", TRUE, ANN, NULL));
  g_assert_cmpstr (air_map_get_string (find_limit_record (host, 2)->members, "verdict"), ==, "allow");
  g_assert_cmpint (used (host), ==, 4);
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  g_assert_cmpint (used (host), ==, 4);
}

static void
test_settled (void)
{
  g_autoptr (AirUsageBook) book = air_usage_book_new ();
  g_autoptr (TestHost) host = test_host_new (test_plan_new (budget));
  AirRecord *record;

  test_host_use (host, book);
  test_host_trigger (host, SMALL);
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  g_assert_cmpint (used (host), ==, 42);
  record = test_host_find (host, AIR_RECORD_POLICY_SETTLED, 0);
  g_assert_cmpstr (air_map_get_string (record->members, "state"), ==, "settled");
  check_book (host);
  test_host_check (host);
}

static void
test_released_on_failure (void)
{
  g_autoptr (AirUsageBook) book = air_usage_book_new ();
  g_autoptr (TestHost) host = test_host_new (test_plan_new (budget));

  test_host_use (host, book);
  test_host_script (host, "v.pay", "404");
  test_host_trigger (host, SMALL);
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_FAILED);
  g_assert_cmpint (used (host), ==, 0);
  g_assert_cmpstr (air_map_get_string (test_host_find (host, AIR_RECORD_POLICY_SETTLED, 0)->members, "cause"), ==,
                   "failure");
  check_book (host);
  test_host_check (host);
}

static void
test_released_on_compensation (void)
{
  g_autoptr (AirUsageBook) book = air_usage_book_new ();
  g_autoptr (TestHost) host = test_host_new (test_plan_new (limited_act));

  test_host_use (host, book);
  test_host_script (host, "v.pay", "404");
  test_host_trigger (host, SMALL);
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_FAILED);
  g_assert_cmpuint (test_host_count (host, "v.undo"), ==, 1);
  g_assert_cmpint (used (host), ==, 0);
  g_assert_cmpstr (air_map_get_string (test_host_find (host, AIR_RECORD_POLICY_SETTLED, 0)->members, "cause"), ==,
                   "compensation");
  check_book (host);
  test_host_check (host);
}

/* A run that is cancelled in front of its turn gives it back. */
static void
test_released_when_cancelled (void)
{
  g_autoptr (AirUsageBook) book = air_usage_book_new ();
  g_autoptr (TestHost) host = test_host_new (test_plan_new (waits));

  test_host_use (host, book);
  air_usage_book_reserve (book, "cap", "all", "others", 1, host->now_us + G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC);
  test_host_trigger (host, SMALL);
  while (find_limit_record (host, 0) == NULL && host->pending->len > 0)
    {
      g_autoptr (AirEffect) effect = g_ptr_array_steal_index (host->pending, 0);
      g_autoptr (AirValue) output = air_map_new ();
      g_autoptr (AirOutcome) outcome = NULL;

      air_map_set_string (output, "id", "x");
      outcome = air_outcome_new_ok (200, g_steal_pointer (&output), NULL);
      test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_OUTCOME,
                                          .outcome = { .node = effect->node,
                                                       .attempt = effect->call.attempt,
                                                       .purpose = effect->call.purpose,
                                                       .outcome = outcome } });
    }
  g_assert_cmpint (used (host), ==, 2);
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_CANCEL, .cancel = { .actor = ANN, .reason = "no more" } });
  test_host_run (host);
  g_assert_cmpint (used (host), ==, 1);
  test_host_check (host);
}

/* --- many at once --------------------------------------------------------------------------------- */

#define N_RUNS 200

/* All runs decide before any of them is durable, as a batch does: what is in flight counts. */
static void
test_concurrent (void)
{
  static const char text[] =
      "{\"v\":1,\"workflow\":\"w\",\"version\":\"1.0.0\",\"title\":\"W\",\"trigger\":\"start\",\"nodes\":{"
      "\"start\":{\"kind\":\"trigger\",\"title\":\"S\",\"trigger\":{\"type\":\"webhook\"},\"next\":{\"out\":{\"edge\":"
      "\"e1\",\"to\":\"pay\"}}},"
      "\"pay\":{\"kind\":\"call\",\"title\":\"Pay\",\"operation\":\"v.pay\",\"with\":{\"amount\":\"${trigger.amount}\"}"
      ","
      "\"limits\":[{\"policy\":\"cap\"}],\"next\":{\"ok\":{\"edge\":\"e2\",\"to\":\"done\"}}},"
      "\"done\":{\"kind\":\"end\",\"title\":\"D\",\"outcome\":\"completed\"}},"
      "\"operations\":{\"v.pay\":{\"id\":\"v.pay\",\"version\":\"1.0.0\",\"title\":\"P\",\"connector\":\"v\","
      "\"policy\":{\"effect\":\"write\"},"
      "\"idempotency\":{\"kind\":\"key-header\"}}},\"connectors\":{\"v\":{}}," CAP (
          "limit", "\"measure\":\"sum\",\"amount\":\"${amount}\",\"windows\":[{\"id\":\"hour\",\"ms\":3600000,\"max\":"
                   "100}]") "\"unused\":{\"$schema\":\"airails:policy/"
                            "1\",\"id\":\"unused\",\"version\":\"1.0.0\",\"kind\":\"budget\",\"title\":\"U\","
                            "\"inputs\":[],\"key\":\"k\",\"amount\":1,\"windows\":[{\"max\":1}]}},\"guards\":{}}";
  g_autoptr (AirUsageBook) book = air_usage_book_new ();
  g_autoptr (AirValue) document = air_json_parse (text, strlen (text), NULL), data = air_map_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AirPlan) plan = air_plan_load (document, "sha256:00", &error);
  AirSeededRandom *random = air_seeded_random_new (1);
  const AirUsageReader *reader = air_usage_book_get_reader (book);
  gint64 started = 0, lost = 0;
  AirUsage usage;

  g_assert_no_error (error);
  air_map_set_int (data, "amount", 3);
  for (guint i = 0; i < N_RUNS; i++)
    {
      g_autofree char *id = g_strdup_printf ("run-%u", i);
      g_autoptr (AirInstance) instance = air_instance_new (plan, id);
      g_auto (AirTransition) transition = { 0 };
      const AirEvent event = { .kind = AIR_EVENT_TRIGGER, .trigger = { .data = data, .actor = ANN } };
      GArray *journal = air_usage_journal_new ();
      guint calls = 0;

      air_instance_set_usage (instance, book);
      air_usage_book_set_journal (book, journal);
      g_assert_true (air_instance_advance (instance, &event, G_USEC_PER_SEC * 1000 + i, air_seeded_random_get (random),
                                           &transition, &error));
      air_usage_book_set_journal (book, NULL);
      for (guint k = 0; k < transition.effects->len; k++)
        calls += ((AirEffect *) transition.effects->pdata[k])->kind == AIR_EFFECT_CALL;
      /* Some cannot be written down: what they claimed is free for others. */
      if (calls > 0 && i % 5 == 0)
        {
          air_usage_book_revert (book, journal);
          lost++;
          continue;
        }
      g_array_unref (journal);
      started += calls * 3;
    }
  g_assert_cmpint (started, ==, 99);
  g_assert_cmpint (lost, >, 3);
  reader->read (reader->user_data, "cap", "all", NULL, 0, G_MAXINT64, &usage);
  g_assert_cmpint (usage.used, ==, 99);
  air_seeded_random_free (random);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/engine/limits/allowed", test_allowed);
  g_test_add_func ("/engine/limits/denied", test_denied);
  g_test_add_func ("/engine/limits/asked", test_asked);
  g_test_add_func ("/engine/limits/asked-to-change", test_asked_to_change);
  g_test_add_func ("/engine/limits/asked-denied", test_asked_denied);
  g_test_add_func ("/engine/limits/waited", test_waited);
  g_test_add_func ("/engine/limits/waited-then-asked", test_waited_then_asked);
  g_test_add_func ("/engine/limits/settled", test_settled);
  g_test_add_func ("/engine/limits/released/failure", test_released_on_failure);
  g_test_add_func ("/engine/limits/released/compensation", test_released_on_compensation);
  g_test_add_func ("/engine/limits/released/cancelled", test_released_when_cancelled);
  g_test_add_func ("/engine/limits/concurrent", test_concurrent);
  return g_test_run ();
}
