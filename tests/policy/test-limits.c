/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Usage over sliding windows against a naive count, taking back, and decisions that come out the same when replayed. */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "policy/air-limit.h"
#include "policy/air-usage.h"

static AirValue *
json (const char *text)
{
  g_autofree char *quoted = g_strdelimit (g_strdup (text), "'", '"');
  g_autoptr (GError) error = NULL;
  AirValue *value = air_json_parse (quoted, strlen (quoted), &error);

  g_assert_no_error (error);
  return value;
}

static AirPolicy *
load (const char *text)
{
  g_autoptr (AirValue) document = json (text);
  g_autoptr (GError) error = NULL;
  AirPolicy *policy = air_policy_load (document, &error);

  g_assert_no_error (error);
  return policy;
}

#define HEAD(id, kind)                                                                                                 \
  "{'$schema':'airails:policy/1','id':'" id "','version':'1.0.0','kind':'" kind "','title':'" id "',"

static const char sum_limit[] =
    HEAD ("sum",
          "limit") "'inputs':[{'id':'who','type':'string'},{'id':'n','type':'int'}],'key':'${who}','measure':'sum',"
                   "'amount':'${n}','windows':[{'id':'short','ms':1000,'max':10},{'id':'long','ms':5000,'max':20}]}";
static const char rate_limit[] =
    HEAD ("rate", "limit") "'inputs':[],'key':'all','measure':'count','on_exceed':'wait',"
                           "'windows':[{'id':'second','ms':1000,'max':2}],'max_wait_ms':10000}";

/* --- the book ------------------------------------------------------------------------------------- */

typedef struct {
  char owner[16];
  gint64 at_us, amount;
} Naive;

static gint64
naive_used (GArray *all, gint64 window_us, gint64 at_us, const char *but)
{
  gint64 sum = 0;

  for (guint i = 0; i < all->len; i++)
    {
      const Naive *one = &g_array_index (all, Naive, i);

      if ((window_us == 0 || one->at_us > at_us - window_us) && g_strcmp0 (one->owner, but) != 0)
        sum += one->amount;
    }
  return sum;
}

static void
naive_remove (GArray *all, const char *owner)
{
  for (guint i = 0; i < all->len; i++)
    if (strcmp (g_array_index (all, Naive, i).owner, owner) == 0)
      {
        g_array_remove_index (all, i);
        return;
      }
}

static void
test_book (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (11);
  g_autoptr (AirUsageBook) book = air_usage_book_new ();
  g_autoptr (GArray) all = g_array_new (FALSE, TRUE, sizeof (Naive));
  const AirUsageReader *reader = air_usage_book_get_reader (book);

  for (guint step = 0; step < 4000; step++)
    {
      Naive one = { .at_us = g_rand_int_range (random, 0, 2000), .amount = g_rand_int_range (random, 0, 9) };
      gint64 window = g_rand_int_range (random, 0, 3) * 400, at = g_rand_int_range (random, 0, 3000);
      AirUsage usage;

      g_snprintf (one.owner, sizeof one.owner, "o%d", g_rand_int_range (random, 0, 80));
      switch (g_rand_int_range (random, 0, 4))
        {
        case 0:
        case 1:
          naive_remove (all, one.owner);
          g_array_append_val (all, one);
          air_usage_book_reserve (book, "l", "k", one.owner, one.amount, one.at_us);
          break;
        case 2:
          naive_remove (all, one.owner);
          air_usage_book_release (book, "l", one.owner);
          break;
        default:
          for (guint i = 0; i < all->len; i++)
            if (strcmp (g_array_index (all, Naive, i).owner, one.owner) == 0)
              g_array_index (all, Naive, i).amount = one.amount;
          air_usage_book_settle (book, "l", one.owner, one.amount);
          break;
        }
      reader->read (reader->user_data, "l", "k", one.owner, window, at, &usage);
      g_assert_cmpint (usage.used, ==, naive_used (all, window, at, one.owner));
      reader->read (reader->user_data, "l", "k", NULL, window, at, &usage);
      g_assert_cmpint (usage.used, ==, naive_used (all, window, at, NULL));
      g_assert_cmpuint (air_usage_book_get_size (book), ==, all->len);
    }
}

/* What could not be made durable was never used. */
static void
test_take_back (void)
{
  g_autoptr (AirUsageBook) book = air_usage_book_new ();
  const AirUsageReader *reader = air_usage_book_get_reader (book);
  GArray *journal = air_usage_journal_new ();
  AirUsage usage;

  air_usage_book_reserve (book, "l", "k", "a", 5, 100);
  air_usage_book_reserve (book, "l", "k", "b", 7, 200);
  air_usage_book_set_journal (book, journal);
  air_usage_book_settle (book, "l", "a", 3);
  air_usage_book_reserve (book, "l", "k", "c", 1, 300);
  air_usage_book_reserve (book, "l", "other", "b", 9, 400);
  air_usage_book_release (book, "l", "a");
  air_usage_book_revert (book, journal);
  reader->read (reader->user_data, "l", "k", NULL, 0, 1000, &usage);
  g_assert_cmpint (usage.used, ==, 12);
  reader->read (reader->user_data, "l", "other", NULL, 0, 1000, &usage);
  g_assert_cmpint (usage.used, ==, 0);
}

/* --- decisions -------------------------------------------------------------------------------------- */

static AirLimitDecision *
decide (const AirPolicy *policy, const char *inputs, const AirUsageReader *usage, const char *owner, gint64 at_ms)
{
  g_autoptr (AirValue) given = json (inputs);
  const AirLimitUse use = { policy, given };
  g_autoptr (GError) error = NULL;
  AirLimitDecision *decision = air_limits_decide (&use, 1, usage, owner, FALSE, at_ms * 1000, &error);

  g_assert_no_error (error);
  return decision;
}

static void
assert_replays (const AirPolicy *policy, const char *inputs, const AirLimitDecision *decision, gint64 at_ms)
{
  g_autofree AirUsageReader *recorded = air_usage_reader_from_record (decision->inputs);
  g_autoptr (AirLimitDecision) again = decide (policy, inputs, recorded, "other", at_ms);
  g_autofree char *a = air_jcs_write (decision->inputs, NULL, NULL), *b = air_jcs_write (again->inputs, NULL, NULL);

  g_assert_cmpstr (a, ==, b);
  g_assert_true (air_value_equal (decision->output, again->output));
  g_assert_cmpstr (decision->why, ==, again->why);
}

static void
test_windows (void)
{
  g_autoptr (AirPolicy) policy = load (sum_limit);
  g_autoptr (AirUsageBook) book = air_usage_book_new ();
  const AirUsageReader *reader = air_usage_book_get_reader (book);
  g_autoptr (AirLimitDecision) first = decide (policy, "{'who':'a','n':6}", reader, "1", 0), second = NULL,
                               other = NULL, later = NULL, never = NULL;

  g_assert_cmpint (first->verdict, ==, AIR_LIMIT_ALLOW);
  g_assert_cmpstr (first->rules->pdata[0], ==, "within");
  air_usage_book_reserve (book, "sum", "a", "1", 6, 0);
  second = decide (policy, "{'who':'a','n':5}", reader, "2", 999);
  g_assert_cmpint (second->verdict, ==, AIR_LIMIT_DENY);
  g_assert_cmpstr (second->rules->pdata[0], ==, "sum.short");
  g_assert_nonnull (strstr (second->why, "6 used in 1 s, 5 more is above 10"));
  assert_replays (policy, "{'who':'a','n':5}", second, 999);
  other = decide (policy, "{'who':'b','n':10}", reader, "3", 999);
  g_assert_cmpint (other->verdict, ==, AIR_LIMIT_ALLOW);
  /* The window slides: what was used at 0 is out of it at 1000. */
  later = decide (policy, "{'who':'a','n':10}", reader, "2", 1000);
  g_assert_cmpint (later->verdict, ==, AIR_LIMIT_ALLOW);
  assert_replays (policy, "{'who':'a','n':10}", later, 1000);
  never = decide (policy, "{'who':'a','n':11}", reader, "2", 9999);
  g_assert_cmpint (never->verdict, ==, AIR_LIMIT_DENY);
}

/* In turn: never more than the window holds, and nobody overtakes. */
static void
test_turns (void)
{
  g_autoptr (AirPolicy) policy = load (rate_limit);
  g_autoptr (AirUsageBook) book = air_usage_book_new ();
  const AirUsageReader *reader = air_usage_book_get_reader (book);
  gint64 turns[12];

  for (guint i = 0; i < G_N_ELEMENTS (turns); i++)
    {
      g_autofree char *owner = g_strdup_printf ("%u", i);
      g_autoptr (AirLimitDecision) decision = decide (policy, "{}", reader, owner, 100);

      g_assert_cmpint (decision->verdict, ==, i < 2 ? AIR_LIMIT_ALLOW : AIR_LIMIT_WAIT);
      turns[i] = i < 2 ? 100000 : decision->until_us;
      assert_replays (policy, "{}", decision, 100);
      air_usage_book_reserve (book, "rate", "all", owner, 1, turns[i]);
    }
  for (guint i = 2; i < G_N_ELEMENTS (turns); i++)
    {
      g_assert_cmpint (turns[i], >=, turns[i - 1]);
      g_assert_cmpint (turns[i] - turns[i - 2], >=, 1000000);
      g_assert_cmpint (turns[i], ==, 100000 + (gint64) (i / 2) * 1000000);
    }
  {
    /* Room now, yet others wait: behind them. */
    g_autoptr (AirLimitDecision) late = decide (policy, "{}", reader, "late", 3900);

    g_assert_cmpint (late->verdict, ==, AIR_LIMIT_WAIT);
    g_assert_cmpint (late->until_us, >=, turns[11]);
  }
}

/* What has its turn to come, or was counted before the clock was set back, is no room for others: windows that begin
 * before now and end after it hold both. */
static void
test_times_to_come (void)
{
  static const char both[] =
      HEAD ("both", "limit") "'inputs':[],'key':'k','measure':'count','max_wait_ms':60000,'windows':["
                             "{'id':'turn','ms':1000,'max':1,'on_exceed':'wait'},{'id':'all','ms':60000,'max':3}]}";
  g_autoptr (AirPolicy) turns = load (both), sums = load (sum_limit);
  g_autoptr (AirUsageBook) book = air_usage_book_new ();
  const AirUsageReader *reader = air_usage_book_get_reader (book);
  g_autoptr (AirLimitDecision) back = NULL, later = NULL;
  guint allowed = 0;

  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *owner = g_strdup_printf ("%u", i);
      g_autoptr (AirLimitDecision) decision = decide (turns, "{}", reader, owner, 100);

      if (decision->verdict == AIR_LIMIT_DENY)
        continue;
      allowed++;
      air_usage_book_reserve (book, "both", "k", owner, 1, i == 0 ? 100000 : decision->until_us);
    }
  g_assert_cmpuint (allowed, ==, 3);

  air_usage_book_reserve (book, "sum", "a", "before", 10, 10000000);
  back = decide (sums, "{'who':'a','n':1}", reader, "after", 9500);
  g_assert_cmpint (back->verdict, ==, AIR_LIMIT_DENY);
  later = decide (sums, "{'who':'a','n':1}", reader, "after", 11000);
  g_assert_cmpint (later->verdict, ==, AIR_LIMIT_ALLOW);
}

static void
test_most_restrictive (void)
{
  static const char gated[] = HEAD ("gated", "limit") "'inputs':[],'key':'k','measure':'count','on_exceed':'gate',"
                                                      "'windows':[{'ms':1000,'max':0}],'gate':{'role':'approver','"
                                                      "quorum':1,'exclude':[],'deadline_ms':1000,'on_expiry':'deny'}}";
  static const char stricter[] =
      HEAD ("stricter", "limit") "'inputs':[],'key':'k','measure':'count','on_exceed':'gate',"
                                 "'windows':[{'ms':1000,'max':0}],'gate':{'role':'finance','quorum':2,'exclude':[],'"
                                 "deadline_ms':500,'on_expiry':'deny'}}";
  g_autoptr (AirPolicy) a = load (gated), b = load (stricter), c = load (rate_limit);
  g_autoptr (AirUsageBook) book = air_usage_book_new ();
  g_autoptr (AirValue) none = air_map_new ();
  const AirLimitUse uses[] = { { a, none }, { c, none }, { b, none } };
  g_autoptr (AirLimitDecision) decision = NULL, approved = NULL;
  g_autofree char *role = NULL;

  air_usage_book_reserve (book, "rate", "all", "x", 9, 0);
  decision = air_limits_decide (uses, 3, air_usage_book_get_reader (book), "o", FALSE, 0, NULL);
  g_assert_cmpint (decision->verdict, ==, AIR_LIMIT_GATE);
  g_assert_cmpint (air_gate_terms_get_quorum (decision->terms), ==, 2);
  role = air_gate_terms_dup_role (decision->terms);
  g_assert_cmpstr (role, ==, "approver+finance");
  g_assert_cmpuint (decision->limits->len, ==, 3);
  /* People may let it pass above their limit, but not out of its turn. */
  approved = air_limits_decide (uses, 3, air_usage_book_get_reader (book), "o", TRUE, 0, NULL);
  g_assert_cmpint (approved->verdict, ==, AIR_LIMIT_WAIT);
}

static void
test_settle (void)
{
  static const char budget[] =
      HEAD ("b", "budget") "'inputs':[{'id':'bound','type':'int'}],'key':'k','amount':'${bound}',"
                           "'settle':'${output.cost}','keep':['compensation'],'windows':[{'id':'all','max':100}]}";
  g_autoptr (AirPolicy) policy = load (budget);
  g_autoptr (AirValue) inputs = json ("{'bound':50}"), output = json ("{'cost':20}"), wrong = json ("{'cost':-1}");
  g_autoptr (GError) error = NULL;
  gint64 amount = 0;

  g_assert_true (air_limit_settle (policy, inputs, output, &amount, &error));
  g_assert_cmpint (amount, ==, 20);
  g_assert_false (air_limit_settle (policy, inputs, wrong, &amount, &error));
  g_assert_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_OUTPUT);
  g_assert_true (air_limit_releases (policy, "failure"));
  g_assert_false (air_limit_releases (policy, "compensation"));
  g_assert_cmpint (air_limit_get_horizon (policy), ==, 0);
}

static void
test_bad_documents (void)
{
  static const char *const bad[][2] = {
    { HEAD ("x", "limit") "'inputs':[],'key':'k','measure':'count','windows':[{'max':1}]}", "windows[0]" },
    { HEAD ("x", "limit") "'inputs':[],'key':'k','measure':'sum','windows':[{'ms':1,'max':1}]}", "amount" },
    { HEAD ("x", "limit") "'inputs':[],'measure':'count','windows':[{'ms':1,'max':1}]}", "key" },
    { HEAD ("x", "limit") "'inputs':[],'key':'k','measure':'count','windows':[{'ms':1,'max':1}],'on_exceed':'gate'}",
      "gate" },
    { HEAD ("x", "limit") "'inputs':[],'key':'k','measure':'count','windows':[{'ms':1,'max':-1}]}", "max" },
    { HEAD ("x", "limit") "'inputs':[],'key':'${nobody}','measure':'count','windows':[{'ms':1,'max':1}]}", "key" },
    { HEAD ("x", "budget") "'inputs':[],'key':'k','amount':1,'windows':[{'max':1,'on_exceed':'wait'}]}", "for good" },
    { HEAD ("x", "limit") "'inputs':[],'key':'k','measure':'count','windows':[{'ms':1,'max':1}],'hit':'F'}", "hit" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (AirValue) document = json (bad[i][0]);
      g_autoptr (GError) error = NULL;

      g_assert_null (air_policy_load (document, &error));
      g_assert_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_DOCUMENT);
      if (strstr (error->message, bad[i][1]) == NULL)
        g_error ("\"%s\" says nothing of \"%s\"", error->message, bad[i][1]);
    }
}

/* Docs: an action counts when the last POLICY_EVALUATED with its key says "allow" or "wait". */
static void
test_last_word (void)
{
  static const struct {
    const char *said[3];
    gint64 used;
  } rows[] = {
    { { "allow" }, 4 }, { { "wait", "allow" }, 4 },         { { "wait", "deny" }, 0 },   { { "wait", "gate" }, 0 },
    { { "deny" }, 0 },  { { "wait", "gate", "allow" }, 4 }, { { "allow", "allow" }, 4 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (AirUsageBook) book = air_usage_book_new ();
      const AirUsageReader *reader = air_usage_book_get_reader (book);
      AirUsage usage;

      for (guint k = 0; k < 3 && rows[i].said[k] != NULL; k++)
        {
          g_autofree char *text = g_strdup_printf ("{'idem':'a','limits':['sum'],'verdict':'%s'}", rows[i].said[k]);
          g_autoptr (AirValue) members = json (text);
          g_autoptr (AirValue) disclosed = json ("{'inputs':{'limits':[{'limit':'sum','key':'k','amount':4}]}}");

          g_assert_true (air_usage_book_apply (book, "POLICY_EVALUATED", members, disclosed, 1000 + k));
        }
      reader->read (reader->user_data, "sum", "k", NULL, 0, 2000, &usage);
      g_assert_cmpint (usage.used, ==, rows[i].used);
    }
}

/* What was released is released once; what was settled and then released counts no more; settling revives nothing. */
static void
test_settled_and_released (void)
{
  g_autoptr (AirUsageBook) book = air_usage_book_new ();
  const AirUsageReader *reader = air_usage_book_get_reader (book);
  AirUsage usage;

  air_usage_book_reserve (book, "sum", "k", "a", 4, 1000);
  air_usage_book_reserve (book, "sum", "k", "b", 5, 1000);
  air_usage_book_settle (book, "sum", "a", 3);
  air_usage_book_release (book, "sum", "a");
  air_usage_book_release (book, "sum", "a");
  air_usage_book_settle (book, "sum", "a", 9);
  reader->read (reader->user_data, "sum", "k", NULL, 0, 2000, &usage);
  g_assert_cmpint (usage.used, ==, 5);
  /* Amounts past what an int holds fit under no limit. */
  air_usage_book_reserve (book, "sum", "k", "c", G_MAXINT64, 1000);
  air_usage_book_reserve (book, "sum", "k", "d", G_MAXINT64, 1001);
  reader->read (reader->user_data, "sum", "k", NULL, 0, 2000, &usage);
  g_assert_cmpint (usage.used, ==, G_MAXINT64);
  reader->read (reader->user_data, "sum", "k", "c", 500, 2000, &usage);
  g_assert_cmpint (usage.used, ==, G_MAXINT64);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/policy/limits/book", test_book);
  g_test_add_func ("/policy/limits/take-back", test_take_back);
  g_test_add_func ("/policy/limits/windows", test_windows);
  g_test_add_func ("/policy/limits/turns", test_turns);
  g_test_add_func ("/policy/limits/times-to-come", test_times_to_come);
  g_test_add_func ("/policy/limits/most-restrictive", test_most_restrictive);
  g_test_add_func ("/policy/limits/settle", test_settle);
  g_test_add_func ("/policy/limits/bad-documents", test_bad_documents);
  g_test_add_func ("/policy/limits/last-word", test_last_word);
  g_test_add_func ("/policy/limits/settled-and-released", test_settled_and_released);
  return g_test_run ();
}
