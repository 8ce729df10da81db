/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The laws of combining what gates demand, over many made-up terms; edits; who may decide when. */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "policy/air-gate-edit.h"
#include "policy/air-gate-terms.h"
#include "policy/air-gate.h"
#include "policy/air-policy.h"

#define N_TERMS 60

static AirValue *
json (const char *text)
{
  g_autofree char *quoted = g_strdelimit (g_strdup (text), "'", '"');
  g_autoptr (GError) error = NULL;
  AirValue *value = air_json_parse (quoted, strlen (quoted), &error);

  g_assert_no_error (error);
  return value;
}

static void
add_some (GRand *random, GString *text, const char *key, const char *const *from)
{
  g_string_append_printf (text, ",'%s':[", key);
  for (guint i = 0, n = 0; from[i] != NULL; i++)
    if (g_rand_boolean (random))
      g_string_append_printf (text, "%s'%s'", n++ > 0 ? "," : "", from[i]);
  g_string_append (text, "]");
}

static AirGateTerms *
make_terms (GRand *random)
{
  static const char *const words[] = { "author", "operator", "requester", "trigger", NULL };
  static const char *const people[] = { "u:a", "u:b", "u:c", NULL };
  static const char *const roles[] = { "approver", "finance", "legal", "legal+finance" };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (AirValue) value = NULL;
  g_autoptr (GError) error = NULL;
  AirGateTerms *terms;

  switch (g_rand_int_range (random, 0, 10))
    {
    case 0:
      return air_gate_terms_new_pass ();
    case 1:
      return air_gate_terms_new_deny ();
    default:
      break;
    }
  g_string_append_printf (text, "{'deadline_ms':%d,'on_expiry':'%s'", g_rand_int_range (random, 1, 4) * 1000,
                          g_rand_boolean (random) ? "deny" : "expire");
  add_some (random, text, "exclude", words);
  if (g_rand_boolean (random))
    add_some (random, text, "people", people);
  if (g_rand_boolean (random))
    g_string_append_printf (text, ",'reminders_ms':[%d,%d]", g_rand_int_range (random, 1, 4),
                            g_rand_int_range (random, 1, 4));
  if (g_rand_boolean (random))
    g_string_append_printf (text, ",'escalation':[{'after_ms':%d,'role':'%s','quorum':%d}%s]",
                            g_rand_int_range (random, 1, 4), roles[g_rand_int_range (random, 0, 4)],
                            g_rand_int_range (random, 1, 4),
                            g_rand_boolean (random) ? ",{'after_ms':9,'role':'head','people':['u:a']}" : "");
  if (g_rand_boolean (random))
    g_string_append_printf (text, ",'edit':{'pay.amount':'%s'%s}", g_rand_boolean (random) ? "<= before" : "> 0",
                            g_rand_boolean (random) ? ",'pay.text':'-'" : "");
  g_string_append (text, "}");
  value = json (text->str);
  terms = air_gate_terms_new (value, g_rand_int_range (random, 1, 4), roles[g_rand_int_range (random, 0, 4)], &error);
  g_assert_no_error (error);
  return terms;
}

static void
assert_same (const AirGateTerms *a, const AirGateTerms *b)
{
  if (!air_gate_terms_equal (a, b))
    {
      g_autoptr (AirValue) x = air_gate_terms_to_value (a), y = air_gate_terms_to_value (b);
      g_autofree char *left = air_json_write_pretty (x, NULL), *right = air_json_write_pretty (y, NULL);

      g_error ("not the same:\n%s\n%s", left, right);
    }
}

static void
test_laws (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  g_autoptr (AirGateTerms) pass = air_gate_terms_new_pass (), deny = air_gate_terms_new_deny ();
  AirGateTerms *terms[N_TERMS];

  for (guint i = 0; i < N_TERMS; i++)
    terms[i] = make_terms (random);
  for (guint i = 0; i < N_TERMS; i++)
    {
      g_autoptr (AirGateTerms) itself = air_gate_terms_combine (terms[i], terms[i]),
                               least = air_gate_terms_combine (pass, terms[i]),
                               most = air_gate_terms_combine (terms[i], deny), again = NULL;
      g_autoptr (AirValue) value = air_gate_terms_to_value (terms[i]);

      assert_same (itself, terms[i]); /* idempotent */
      assert_same (least, terms[i]);
      assert_same (most, deny);
      /* What is written into an entry is read back as the same. */
      again = air_gate_terms_new (value, 1, NULL, NULL);
      assert_same (again, terms[i]);
      for (guint k = 0; k < N_TERMS; k++)
        {
          g_autoptr (AirGateTerms) ab = air_gate_terms_combine (terms[i], terms[k]),
                                   ba = air_gate_terms_combine (terms[k], terms[i]);

          assert_same (ab, ba); /* commutative */
          g_assert_true (air_gate_terms_is_within (terms[i], ab) && air_gate_terms_is_within (terms[k], ab));
          for (guint m = 0; m < N_TERMS; m += 7)
            {
              g_autoptr (AirGateTerms) ab_c = air_gate_terms_combine (ab, terms[m]),
                                       bc = air_gate_terms_combine (terms[k], terms[m]),
                                       a_bc = air_gate_terms_combine (terms[i], bc),
                                       ac = air_gate_terms_combine (terms[i], terms[m]);

              assert_same (ab_c, a_bc); /* associative */
              /* Monotone: who demands more before demands more after. */
              g_assert_true (air_gate_terms_is_within (ac, ab_c));
              if (air_gate_terms_is_within (terms[i], terms[k]))
                g_assert_true (air_gate_terms_is_within (ac, bc));
            }
        }
    }
  for (guint i = 0; i < N_TERMS; i++)
    air_gate_terms_unref (terms[i]);
}

static void
test_most_restrictive (void)
{
  g_autoptr (AirValue)
      first = json ("{'exclude':['trigger'],'deadline_ms':5000,'on_expiry':'expire','edit':{'pay.amount':'<= "
                    "before','pay.text':'-'}}"),
      second = json ("{'exclude':['author'],'deadline_ms':9000,'on_expiry':'deny','edit':{'pay.amount':'> 0'}}");
  g_autoptr (AirGateTerms) a = air_gate_terms_new (first, 1, "approver", NULL),
                           b = air_gate_terms_new (second, 2, "finance", NULL), both = air_gate_terms_combine (a, b);
  g_autofree char *role = air_gate_terms_dup_role (both);

  g_assert_cmpint (air_gate_terms_get_quorum (both), ==, 2);
  g_assert_cmpstr (role, ==, "approver+finance");
  g_assert_cmpint (air_gate_terms_get_deadline_ms (both), ==, 5000);
  g_assert_cmpstr (air_gate_terms_get_on_expiry (both), ==, "deny");
  g_assert_cmpuint (g_strv_length ((char **) air_gate_terms_get_exclude (both)), ==, 2);
  g_assert_cmpuint (air_map_get_size (air_gate_terms_get_edit (both)), ==, 1);
  g_assert_cmpuint (air_list_get_size (air_map_get_list (air_gate_terms_get_edit (both), "pay.amount")), ==, 2);
}

/* --- edits --------------------------------------------------------------------------------------- */

static const char action_text[] = "[{'node':'pay','operation':'p@1','title':'Pay','input':{'amount':500,'to':'x','note'"
                                  ":{'text':'hi'}},'idempotency_key':'k'}]";

static AirValue *
try_edit (const char *allowed, const char *patch, GError **error)
{
  g_autoptr (AirValue) action = json (action_text), rules = allowed != NULL ? json (allowed) : NULL,
                       edits = json (patch);

  return air_gate_edit_apply (action, rules, edits, error);
}

static void
refuse_edit (const char *allowed, const char *patch, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (try_edit (allowed, patch, &error));
  g_assert_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_INPUT);
  if (strstr (error->message, words) == NULL)
    g_error ("\"%s\" says nothing of \"%s\"", error->message, words);
}

/* Whoever signs an edit is shown the action by a runtime that may lie. */
static void
test_edits_of_no_action (void)
{
  static const char *const actions[] = { "{}", "[1]", "[{}]", "[{'node':'pay'}]", "[{'node':'pay','input':[]}]" };
  g_autoptr (AirValue) patch = json ("[{'op':'replace','path':'/0/input/amount','value':1}]");
  g_autoptr (AirValue) allowed = json ("{'pay.amount':[7]}"), action = json (action_text);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      g_autoptr (AirValue) lie = json (actions[i]);

      g_assert_null (air_gate_edit_apply (lie, allowed, patch, &error));
      g_assert_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_INPUT);
      g_clear_error (&error);
    }
  g_assert_null (air_gate_edit_apply (action, allowed, patch, &error));
  g_assert_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_INPUT);
}

static void
test_edits (void)
{
  static const char allowed[] = "{'pay.amount':['<= before','> 0'],'pay.note.text':['-']}";
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) edited =
      try_edit (allowed,
                "[{'op':'replace','path':'/0/input/amount','value':300},{'op':'replace','path':'/0/input/note/"
                "text','value':'yo'}]",
                &error);
  g_autoptr (AirValue) same = NULL;
  g_autofree char *digest = NULL, *again = NULL;
  AirValue *item;

  g_assert_no_error (error);
  item = air_list_get (edited, 0);
  g_assert_cmpint (air_map_get_int (air_map_get_map (item, "input"), "amount", 0), ==, 300);
  g_assert_cmpint (air_map_get_int (air_map_get_map (item, "was"), "amount", 0), ==, 500);
  g_assert_cmpstr (air_map_get_string (air_map_get_map (air_map_get_map (item, "input"), "note"), "text"), ==, "yo");
  digest = air_gate_edit_digest (edited);
  again = air_gate_edit_digest (edited);
  g_assert_true (g_str_has_prefix (digest, "sha256:"));
  g_assert_cmpstr (digest, ==, again);

  refuse_edit (NULL, "[{'op':'replace','path':'/0/input/amount','value':300}]", "lets nobody change");
  refuse_edit (allowed, "[{'op':'replace','path':'/0/input/amount','value':501}]", "<= before");
  refuse_edit (allowed, "[{'op':'replace','path':'/0/input/amount','value':-1}]", "> 0");
  refuse_edit (allowed, "[{'op':'replace','path':'/0/input/to','value':'thief'}]", "pay.to");
  refuse_edit (allowed, "[{'op':'replace','path':'/0/operation','value':'q'}]", "no field");
  refuse_edit (allowed, "[{'op':'add','path':'/0/input/amount','value':3}]", "replaces");
  refuse_edit (allowed, "[{'op':'replace','path':'/0/input/amount','value':'300'}]", "type");
  refuse_edit (allowed, "[{'op':'replace','path':'/1/input/amount','value':3}]", "no field");
  refuse_edit (allowed, "[{'op':'replace','path':'/0/input/amount','value':500}]", "changes nothing");
  refuse_edit (allowed, "[]", "at least one");
}

/* Other ways to write a patch, and names that are not what they seem. */
static void
test_edit_pointers (void)
{
  static const char text[] = "[{'node':'pay','operation':'p@1','title':'Pay','input':{'a/b':1,'c~d':1,'~1':1,'':1,"
                             "'e.f':1,'g.h':1,'g':{'h':1},'i':[1]},'idempotency_key':'k'}]";
  static const char allowed[] = "{'pay.a/b':['-'],'pay.c~d':['-'],'pay.~1':['-'],'pay.e.f':['-'],'pay.g.h':['-'],"
                                "'pay.i':['-'],'pay.i.0':['-'],'pay.i.-':['-'],'pay.c':['-']}";
  static const struct {
    const char *path;
    const char *words; /* NULL: it is applied */
  } rows[] = {
    { "/0/input/a~1b", NULL },
    { "/0/input/c~0d", NULL },
    { "/0/input/~01", NULL },
    { "/0/input/e.f", NULL },
    { "/0/input/a/b", "lets nobody change" },
    { "/0/input/c~d", "no JSON Pointer" },
    { "/0/input/c~", "no JSON Pointer" },
    { "/0/input/c~2d", "no JSON Pointer" },
    { "/0/input/g.h", "several fields" },
    { "/0/input/g/h", "several fields" },
    { "/0/input/i/0", "is not there" },
    { "/0/input/i/-", "is not there" },
    { "/0/input/", "lets nobody change" },
    { "/0/input", "leads to no field" },
    { "/00/input/e.f", "leads to no field" },
    { "/+0/input/e.f", "leads to no field" },
    { "/-/input/e.f", "leads to no field" },
    { "/1/input/e.f", "leads to no field" },
    { "/65536/input/e.f", "leads to no field" },
    { "/18446744073709551616/input/e.f", "leads to no field" },
    { "0/input/e.f", "leads to no field" },
    { "/0/was/e.f", "leads to no field" },
    { "/0/in~0put/e.f", "leads to no field" },
    { "", "leads to no field" },
  };
  static const char *const patches[] = {
    "[{'op':'move','from':'/0/input/e.f','path':'/0/input/a~1b'}]",
    "[{'op':'copy','from':'/0/input/e.f','path':'/0/input/a~1b'}]",
    "[{'op':'test','path':'/0/input/e.f','value':1}]",
    "[{'op':'remove','path':'/0/input/e.f'}]",
    "[{'op':'add','path':'/0/input/e.f','value':2}]",
    "[{'op':'replace','path':'/0/input/e.f'}]",
    "[{'op':'replace','path':'/0/input/e.f','value':2,'from':'/0/input/i'}]",
    "[{'op':'Replace','path':'/0/input/e.f','value':2}]",
    "[{'op':'replace','path':'/0/input/e.f','value':null}]",
    "[{'op':'replace','path':'/0/input/e.f','value':2.0}]",
    "[{'op':'replace','path':7,'value':2}]",
    "[7]",
    "{}",
  };
  g_autoptr (AirValue) action = json (text), rules = json (allowed);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *patch_text = g_strdup_printf ("[{'op':'replace','path':'%s','value':2}]", rows[i].path);
      g_autoptr (AirValue) patch = json (patch_text), edited = NULL;
      g_autoptr (GError) error = NULL;

      edited = air_gate_edit_apply (action, rules, patch, &error);
      if ((edited != NULL) != (rows[i].words == NULL)
          || (rows[i].words != NULL && strstr (error->message, rows[i].words) == NULL))
        g_error ("%s: %s", rows[i].path, error != NULL ? error->message : "applied");
    }
  for (guint i = 0; i < G_N_ELEMENTS (patches); i++)
    {
      g_autoptr (AirValue) patch = json (patches[i]), edited = air_gate_edit_apply (action, rules, patch, NULL);

      if (edited != NULL)
        g_error ("applied: %s", patches[i]);
    }
}

/* Small steps lead no farther than one: in one patch, and in those of several people one after another. */
static void
test_edits_in_steps (void)
{
  static const char up[] = "{'pay.amount':['<= before + 100']}";
  g_autoptr (AirValue) action = json (action_text), rules = json (up),
                       first = json ("[{'op':'replace','path':'/0/input/amount','value':600}]"),
                       second = json ("[{'op':'replace','path':'/0/input/amount','value':700}]"),
                       back = json ("[{'op':'replace','path':'/0/input/amount','value':500}]");
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) once = air_gate_edit_apply (action, rules, first, &error), twice = NULL, undone = NULL;

  g_assert_no_error (error);
  refuse_edit (up,
               "[{'op':'replace','path':'/0/input/amount','value':600},"
               "{'op':'replace','path':'/0/input/amount','value':700}]",
               "<= before + 100");
  twice = air_gate_edit_apply (once, rules, second, &error);
  g_assert_null (twice);
  g_assert_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_INPUT);
  g_clear_error (&error);
  undone = air_gate_edit_apply (once, rules, back, &error);
  g_assert_no_error (error);
}

/* A policy is written for a workflow, which may be a step of another: its "pay" is "book.pay" there. */
static void
test_edits_in_a_part (void)
{
  static const char *const paths[] = { "pay.note.text", "book.pay.note.text" };
  g_autoptr (AirValue) action = json ("[{'node':'book.pay','input':{'amount':5,'note':{'text':'hi'}}}]");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *text = g_strdup_printf ("{'%s':['-']}", paths[i]);
      g_autoptr (AirValue) allowed = json (text), patch = air_list_new (), edited = NULL;
      AirValue *edit = air_gate_edit_patch (action, paths[i], air_value_new_string ("yo"), &error);

      g_assert_no_error (error);
      air_list_append (patch, edit);
      edited = air_gate_edit_apply (action, allowed, patch, &error);
      g_assert_no_error (error);
      g_assert_nonnull (edited);
    }
  g_assert_null (air_gate_edit_patch (action, "ay.note.text", air_value_new_string ("yo"), NULL));
  g_assert_null (air_gate_edit_patch (action, "book.amount", air_value_new_int (1), NULL));
  g_assert_null (air_gate_edit_patch (action, "pay.", air_value_new_int (1), NULL));
}

/* What a runtime sends to those who decide need not be what it should. */
static void
test_edits_of_strangers (void)
{
  static const char *const actions[] = { "[7]",
                                         "[{}]",
                                         "[{'node':'pay','input':7}]",
                                         "[{'node':7,'input':{'amount':1}}]",
                                         "{}",
                                         "[]",
                                         "[{'node':'pay','was':7,'input':{'amount':1}}]" };
  static const char *const rules[] = { "{'pay.amount':7}", "{'pay.amount':[7]}", "[]", "{'pay.amount':['<= before']}" };
  g_autoptr (AirValue) patch = json ("[{'op':'replace','path':'/0/input/amount','value':0}]");

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    for (guint k = 0; k < G_N_ELEMENTS (rules); k++)
      {
        g_autoptr (AirValue) action = json (actions[i]), allowed = json (rules[k]);
        g_autoptr (GError) error = NULL;
        g_autoptr (AirValue) edited = air_gate_edit_apply (action, allowed, patch, &error);

        g_assert_true ((edited != NULL) == (i == 6 && k == 3));
        g_assert_true ((edited == NULL) == (error != NULL));
      }
}

/* --- who, when ------------------------------------------------------------------------------------- */

static void
test_escalation (void)
{
  static const char *const approver[] = { "approver", NULL }, *const head[] = { "head", NULL },
                           *const both[] = { "approver", "finance", NULL }, *const named[] = { "u:ann", NULL };
  const AirGateEscalation levels[] = { { 1000, 1, "head", NULL }, { 2000, 3, "approver", NULL } };
  AirGateRequest request = { .gate = "r/g", .quorum = 2, .role = "approver+finance", .levels = levels, .n_levels = 2 };

  g_assert_cmpint (air_gate_request_get_quorum (&request, 999), ==, 2);
  g_assert_cmpint (air_gate_request_get_quorum (&request, 1000), ==, 1);
  g_assert_cmpint (air_gate_request_get_quorum (&request, 5000), ==, 3);
  g_assert_null (air_gate_request_get_role_of (&request, "u:ann", approver, 0));
  g_assert_cmpstr (air_gate_request_get_role_of (&request, "u:ann", both, 0), ==, "approver+finance");
  g_assert_null (air_gate_request_get_role_of (&request, "u:hed", head, 999));
  g_assert_cmpstr (air_gate_request_get_role_of (&request, "u:hed", head, 1000), ==, "head");
  g_assert_cmpstr (air_gate_request_get_role_of (&request, "u:ann", approver, 2000), ==, "approver");
  request.people = named;
  g_assert_null (air_gate_request_get_role_of (&request, "u:bob", both, 0));
  g_assert_nonnull (air_gate_request_get_role_of (&request, "u:ann", both, 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/policy/terms/laws", test_laws);
  g_test_add_func ("/policy/terms/most-restrictive", test_most_restrictive);
  g_test_add_func ("/policy/terms/edits", test_edits);
  g_test_add_func ("/policy/terms/edit-pointers", test_edit_pointers);
  g_test_add_func ("/policy/terms/edits-in-steps", test_edits_in_steps);
  g_test_add_func ("/policy/terms/edits-in-a-part", test_edits_in_a_part);
  g_test_add_func ("/policy/terms/edits-of-strangers", test_edits_of_strangers);
  g_test_add_func ("/policy/terms/edits-of-no-action", test_edits_of_no_action);
  g_test_add_func ("/policy/terms/escalation", test_escalation);
  return g_test_run ();
}
