/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>
#include <time.h>

#include "base/air-json.h"
#include "ledger-fixture.h"
#include "ledger/air-entry.h"
#include "ledger/air-sd-jwt.h"

#define TIME_US G_GINT64_CONSTANT (1795339800000000) /* 2026-11-22T09:30:00Z */

static AirSeededRandom *seeded;

static AirSealedEntry *
seal (AirChainHead *head, const char *members, const char *disclosed)
{
  g_autoptr (AirValue) m = members != NULL ? fixture_json ("%s", members) : NULL;
  g_autoptr (AirValue) d = disclosed != NULL ? fixture_json ("%s", disclosed) : NULL;
  g_autoptr (GError) error = NULL;
  AirSealedEntry *entry =
      air_entry_seal (head, "run-1", "STEP_DECIDED", m, d, TIME_US, air_seeded_random_get (seeded), &error);

  g_assert_no_error (error);
  return entry;
}

static void
refuse_seal (const char *instance,
             const char *type,
             const char *members,
             const char *disclosed,
             GQuark domain,
             int code,
             const char *words)
{
  AirChainHead head = { 0 };
  g_autoptr (AirValue) m = members != NULL ? fixture_json ("%s", members) : NULL;
  g_autoptr (AirValue) d = disclosed != NULL ? fixture_json ("%s", disclosed) : NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (air_entry_seal (&head, instance, type, m, d, TIME_US, air_seeded_random_get (seeded), &error));
  fixture_assert_error (&error, domain, code, words);
  g_assert_cmpint (head.seq, ==, 0);
}

static void
refuse_parse (const char *leaf, GQuark domain, int code, const char *words)
{
  g_autofree char *text = g_strdelimit (g_strdup (leaf), "'", '"');
  g_autoptr (GBytes) bytes = fixture_bytes (text);
  g_autoptr (GError) error = NULL;

  g_assert_null (air_entry_parse (bytes, &error));
  fixture_assert_error (&error, domain, code, words);
}

static void
test_worked_example (void)
{
  const char *salts[] = { "R-34TNtCDerrNDPcnFjI9g", "G2dlEWJo8qelOR66JfyDbg", NULL };
  AirRandom random = fixture_fixed_random (salts);
  AirChainHead head = { .seq = 3 };
  g_autoptr (AirValue) disclosed =
      fixture_json ("{'approver_email':'ana@example.com','comment':'Refund approved: invoice 4711'}");
  g_autoptr (GError) error = NULL;
  g_autoptr (AirSealedEntry) entry =
      air_entry_seal (&head, "01JD9ZK3", AIR_ENTRY_HUMAN_GATE_DECISIONED, NULL, disclosed, TIME_US, &random, &error);
  g_autofree char *hash = NULL;

  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (entry->leaf, NULL), g_bytes_get_size (entry->leaf), fixture_example_leaf,
                   strlen (fixture_example_leaf));
  hash = air_digest_to_hex (&entry->hash);
  g_assert_cmpstr (hash, ==, "ad74b8143a09ac4bd60004637be1728cbf8dc41eb0eb1879233ff49626310624");
  g_assert_cmpuint (entry->disclosures->len, ==, 2);
  g_assert_cmpstr (entry->disclosures->pdata[0], ==, fixture_example_email);
  g_assert_cmpstr (entry->disclosures->pdata[1], ==, fixture_example_comment);
  g_assert_cmpint (head.seq, ==, 4);
  g_assert_true (air_digest_equal (&head.prev, &entry->hash));
}

static void
test_seal_and_parse (void)
{
  AirChainHead head = { 0 };
  AirChainHead check = { 0 };
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 5; i++)
    {
      g_autoptr (AirSealedEntry) sealed =
          seal (&head, "{'zeta':1,'node':'order','a_digest':'sd:input','list':[1,'two',{'b':true}],'none':null}",
                "{'input':{'x':1.5},'output.rules':[]}");
      g_autoptr (AirEntry) entry = air_entry_parse (sealed->leaf, &error);
      g_autoptr (AirValue) opened = NULL;
      char digest[AIR_SD_DIGEST_SIZE + 1];

      g_assert_no_error (error);
      g_assert_true (air_entry_follows (entry, &check, &error));
      g_assert_cmpstr (air_entry_get_instance (entry), ==, "run-1");
      g_assert_cmpint (air_entry_get_seq (entry), ==, i);
      g_assert_cmpint (air_entry_get_time_us (entry), ==, TIME_US);
      g_assert_cmpuint (air_entry_get_n_committed (entry), ==, 2);
      g_assert_null (air_map_get (air_entry_get_members (entry), "none"));

      air_sd_digest (sealed->disclosures->pdata[0], digest);
      g_assert_cmpstr (air_map_get_string (air_entry_get_members (entry), "a_digest"), ==, digest);

      opened = air_entry_open (entry, sealed->disclosures, &error);
      g_assert_no_error (error);
      g_assert_cmpfloat (air_value_get_double (air_value_at (opened, "/input/x")), ==, 1.5);
      g_assert_nonnull (air_map_get_list (opened, "output.rules"));
    }
}

/* The same secret twice leaves two commitments: nobody can look for known values. */
static void
test_salted (void)
{
  AirChainHead a = { 0 }, b = { 0 };
  g_autoptr (AirSealedEntry) one = seal (&a, NULL, "{'email':'ana@example.com'}");
  g_autoptr (AirSealedEntry) two = seal (&b, NULL, "{'email':'ana@example.com'}");
  AirDigest plain = air_sha256 ("ana@example.com", strlen ("ana@example.com"));
  g_autofree char *plain_text = air_base64url_encode (plain.bytes, sizeof plain.bytes);

  g_assert_false (g_bytes_equal (one->leaf, two->leaf));
  g_assert_null (g_strstr_len (g_bytes_get_data (one->leaf, NULL), (gssize) g_bytes_get_size (one->leaf), "ana@"));
  g_assert_null (g_strstr_len (g_bytes_get_data (one->leaf, NULL), (gssize) g_bytes_get_size (one->leaf), plain_text));
}

/* Erasing a disclosure leaves the entry and its chain as they are. */
static void
test_redaction (void)
{
  AirChainHead head = { 0 };
  g_autoptr (AirSealedEntry) sealed = seal (&head, NULL, "{'a':1,'b':2}");
  g_autoptr (GError) error = NULL;
  g_autoptr (AirEntry) entry = air_entry_parse (sealed->leaf, &error);
  g_autoptr (AirValue) opened = NULL;

  g_ptr_array_remove_index (sealed->disclosures, 0);
  opened = air_entry_open (entry, sealed->disclosures, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (air_map_get_size (opened), ==, 1);
  g_assert_cmpint (air_map_get_int (opened, "b", 0), ==, 2);
}

/* As deep as a disclosure can be read back, and one deeper. */
static void
test_depth (void)
{
  for (guint depth = 62; depth <= 65; depth++)
    {
      g_autoptr (AirValue) map = air_map_new ();
      AirValue *nested = air_list_new ();
      g_autofree char *text = NULL;
      g_autoptr (AirDisclosure) back = NULL;
      g_autoptr (GError) error = NULL;

      for (guint i = 1; i < depth; i++)
        {
          AirValue *outer = air_list_new ();

          air_list_append (outer, nested);
          nested = outer;
        }
      air_map_set (map, "deep", nested);
      text = air_sd_disclose ("deep", nested, air_seeded_random_get (seeded), &error);
      if (depth >= AIR_JSON_MAX_DEPTH)
        {
          fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "too deep");
          continue;
        }
      g_assert_no_error (error);
      back = air_sd_parse (text, &error);
      g_assert_no_error (error);
      g_assert_true (air_value_equal (back->value, nested));
    }
}

static void
test_seal_refusals (void)
{
  g_autofree char *large = g_strnfill (70000, 'x');
  g_autofree char *large_member = g_strdup_printf ("{'node':'%s'}", large);

  refuse_seal ("", "TIMER", NULL, NULL, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "instance");
  refuse_seal ("a\"b", "TIMER", NULL, NULL, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "instance");
  refuse_seal ("a", "timer", NULL, NULL, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "type");
  refuse_seal ("a", "TIMER", "{'seq':7}", NULL, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "\"seq\"");
  refuse_seal ("a", "TIMER", "{'Node':7}", NULL, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "\"Node\"");
  refuse_seal ("a", "TIMER", "{'x':0.5}", NULL, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "floating");
  refuse_seal ("a", "TIMER", "{'x':[{'y':0.5}]}", NULL, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "floating");
  refuse_seal ("a", "TIMER", "{'x':9007199254740993}", NULL, AIR_JSON_ERROR, AIR_JSON_ERROR_UNWRITABLE, "\"x\"");
  refuse_seal ("a", "TIMER", "{'x':1}", "{'x':1}", AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "both");
  refuse_seal ("a", "TIMER", "{'action_digest':'sd:action'}", "{'x':1}", AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_COMMITMENT,
               "\"action\"");
  refuse_seal ("a", "TIMER", NULL, "{'a b':1}", AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "a b");
  refuse_seal ("a", "TIMER", NULL, "{'x':[90071992547409007199.5]}", AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED,
               "2^53");
  refuse_seal ("a", "TIMER", large_member, NULL, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_TOO_LARGE, "65535");
}

/* Only members named ..._digest are references: text of a stranger that begins with "sd:" stays text. */
static void
test_no_reference_by_accident (void)
{
  AirChainHead head = { 0 };
  g_autoptr (AirSealedEntry) sealed = seal (&head, "{'reason':'sd:input'}", "{'input':1}");
  g_autoptr (AirEntry) entry = air_entry_parse (sealed->leaf, NULL);

  g_assert_cmpstr (air_map_get_string (air_entry_get_members (entry), "reason"), ==, "sd:input");
}

#define TAIL                                                                                                           \
  "'prev':'0000000000000000000000000000000000000000000000000000000000000000',"                                         \
  "'seq':0,'time':'2026-11-22T09:30:00.000Z','type':'TIMER','v':1}"

static void
test_parse_refusals (void)
{
  const GQuark ledger = AIR_LEDGER_ERROR, json = AIR_JSON_ERROR;
  const int malformed = AIR_LEDGER_ERROR_MALFORMED, canonical = AIR_LEDGER_ERROR_NOT_CANONICAL;

  refuse_parse ("", json, AIR_JSON_ERROR_SYNTAX, "entry");
  refuse_parse ("[]", ledger, malformed, "object");
  refuse_parse ("{'instance':'a', " TAIL, ledger, canonical, "byte 16");
  refuse_parse ("{'instance':'\\u0061'," TAIL, ledger, canonical, "byte 13");
  refuse_parse ("{'v':1,'instance':'a','prev':'0','seq':0,'time':'x','type':'TIMER'}", ledger, canonical, "byte 2");
  refuse_parse ("{'instance':'a','instance':'a'," TAIL, json, AIR_JSON_ERROR_DUPLICATE_KEY, "instance");
  refuse_parse ("{'instance':'a/b'," TAIL, ledger, malformed, "\"instance\"");
  refuse_parse ("{'instance':'a','node':null," TAIL, ledger, malformed, "\"node\"");
  refuse_parse ("{'instance':'a','node':1.5," TAIL, ledger, malformed, "floating");
  refuse_parse ("{'Bad':1,'instance':'a'," TAIL, ledger, malformed, "\"Bad\"");
  refuse_parse ("{'_sd_alg':'sha-256','instance':'a'," TAIL, ledger, malformed, "\"_sd_alg\"");
  refuse_parse ("{'_sd':[],'_sd_alg':'sha-256','instance':'a'," TAIL, ledger, malformed, "\"_sd\"");
  refuse_parse ("{'_sd':['x'],'_sd_alg':'sha-256','instance':'a'," TAIL, ledger, malformed, "item 0");
  refuse_parse ("{'_sd':['nOvtGlIp4nWsWSnQGssPmWnPNIRytnOUlTO9aSa6zNQ','-wZJG4rdt0HcfQpgnj8-AaTiONdwNHpJTNpU7rZG_oQ'],"
                "'_sd_alg':'sha-256','instance':'a'," TAIL,
                ledger, malformed, "item 1");
  refuse_parse ("{'_sd':['nOvtGlIp4nWsWSnQGssPmWnPNIRytnOUlTO9aSa6zNQ'],'_sd_alg':'sha-512','instance':'a'," TAIL,
                ledger, malformed, "\"_sd_alg\"");
  refuse_parse ("{'instance':'a','prev':'00','seq':0,'time':'2026-11-22T09:30:00.000Z','type':'TIMER','v':1}", ledger,
                malformed, "\"prev\"");
  refuse_parse ("{'instance':'a','prev':'0000000000000000000000000000000000000000000000000000000000000000','seq':0,"
                "'time':'2026-11-22T09:30:00Z','type':'TIMER','v':1}",
                ledger, malformed, "\"time\"");
  refuse_parse ("{'instance':'a','prev':'0000000000000000000000000000000000000000000000000000000000000000','seq':-1,"
                "'time':'2026-11-22T09:30:00.000Z','type':'TIMER','v':1}",
                ledger, malformed, "\"seq\"");
  refuse_parse ("{'instance':'a','prev':'0000000000000000000000000000000000000000000000000000000000000000','seq':0,"
                "'time':'2026-11-22T09:30:00.000Z','type':'timer','v':1}",
                ledger, malformed, "\"type\"");
  refuse_parse ("{'instance':'a','prev':'0000000000000000000000000000000000000000000000000000000000000000','seq':0,"
                "'time':'2026-11-22T09:30:00.000Z','type':'TIMER','v':2}",
                ledger, AIR_LEDGER_ERROR_UNSUPPORTED, "version 1");
}

static void
test_open_refusals (void)
{
  AirChainHead head = { 0 };
  g_autoptr (AirSealedEntry) sealed = seal (&head, NULL, "{'a':1,'b':2}");
  g_autoptr (AirEntry) entry = air_entry_parse (sealed->leaf, NULL);
  g_autoptr (GPtrArray) twice = g_ptr_array_new ();
  g_autoptr (GPtrArray) foreign = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  const char *const bad[] = {
    "",
    "%%%",
    "e30",                                             /* {} */
    "WyJhIiwiYiIsMV0",                                 /* a salt too short */
    "WyJHMmRsRVdKbzhxZWxPUjY2SmZ5RGJnIiwiX3NkIixbXV0", /* the name _sd */
  };

  g_ptr_array_add (twice, sealed->disclosures->pdata[0]);
  g_ptr_array_add (twice, sealed->disclosures->pdata[0]);
  g_assert_null (air_entry_open (entry, twice, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "\"a\"");

  g_ptr_array_add (foreign, (char *) fixture_example_email);
  g_assert_null (air_entry_open (entry, foreign, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_COMMITMENT, "approver_email");

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_null (air_sd_parse (bad[i], &error));
      g_assert_nonnull (error);
      g_clear_error (&error);
    }
}

static void
test_chain (void)
{
  AirChainHead head = { 0 }, check = { 0 };
  g_autoptr (GError) error = NULL;
  AirEntry *entries[4];

  for (int i = 0; i < 4; i++)
    {
      g_autoptr (AirSealedEntry) sealed = seal (&head, NULL, NULL);

      entries[i] = air_entry_parse (sealed->leaf, &error);
      g_assert_no_error (error);
    }

  g_assert_true (air_entry_follows (entries[0], &check, &error));
  g_assert_false (air_entry_follows (entries[2], &check, &error)); /* one is missing */
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_CHAIN, "\"seq\" is 2");
  g_assert_true (air_entry_follows (entries[1], &check, &error));
  g_assert_false (air_entry_follows (entries[1], &check, &error)); /* repeated */
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_CHAIN, "\"seq\" is 1");
  check.prev.bytes[0] ^= 1;
  g_assert_false (air_entry_follows (entries[2], &check, &error)); /* the one before was edited */
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_CHAIN, "\"prev\"");

  for (int i = 0; i < 4; i++)
    air_entry_free (entries[i]);
}

static void
test_speed (void)
{
  g_autoptr (AirValue) members = fixture_json ("{'node':'refund','attempt':1,'purpose':'execute',"
                                               "'operation':'stripe.refund.create@1.0.0','idem':"
                                               "'mfrggzdfmztwq2lknnwg23tpobyxe43u'}");
  g_autoptr (AirValue) disclosed =
      fixture_json ("{'input':{'payment_intent':'pi_3MtwBwLkdIwHu7ix28a3tqPa','amount_minor':12345,'currency':'usd'}}");
  AirChainHead head = { 0 };
  const int n = 20000;
  clock_t start;
  double us;

  if (!g_test_perf ())
    {
      g_test_skip ("measures only with -m perf");
      return;
    }

  start = clock ();
  for (int i = 0; i < n; i++)
    {
      g_autoptr (AirSealedEntry) entry = air_entry_seal (&head, "01JD9ZK3ABCDEFGHJKMNPQRSTV", "TOOL_ACTION_STARTED",
                                                         members, disclosed, TIME_US, air_random_system (), NULL);
      g_assert_nonnull (entry);
    }
  us = (double) (clock () - start) * 1e6 / CLOCKS_PER_SEC; /* of CPU: others may be running */
  g_test_minimized_result (us / n, "one entry sealed in %.2f us", us / n);
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  seeded = air_seeded_random_new (1);

  g_test_add_func ("/ledger/entry/worked-example", test_worked_example);
  g_test_add_func ("/ledger/entry/seal-and-parse", test_seal_and_parse);
  g_test_add_func ("/ledger/entry/salted", test_salted);
  g_test_add_func ("/ledger/entry/redaction", test_redaction);
  g_test_add_func ("/ledger/entry/depth", test_depth);
  g_test_add_func ("/ledger/entry/seal-refusals", test_seal_refusals);
  g_test_add_func ("/ledger/entry/no-reference-by-accident", test_no_reference_by_accident);
  g_test_add_func ("/ledger/entry/parse-refusals", test_parse_refusals);
  g_test_add_func ("/ledger/entry/open-refusals", test_open_refusals);
  g_test_add_func ("/ledger/entry/chain", test_chain);
  g_test_add_func ("/ledger/entry/speed", test_speed);

  status = g_test_run ();
  air_seeded_random_free (seeded);
  return status;
}
