/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For each risky kind of step the template that fits it, and none for the others. */

#include "compiler/air-hints.h"
#include "model/air-pack-directory.h"

#include <string.h>

static GPtrArray *packs, *templates;

static const struct {
  const char *operation, *policy, *why;
} steps[] = {
  { "lab.money.pay", "money-movement", "it pays money out" },
  { "lab.page.publish", "external-publishing", "cannot be called back" },
  { "lab.role.grant", "access-grant", "who may do what" },
  { "lab.records.export", "data-export", "in bulk" },
  { "lab.mail.send", "bulk-mail", "many people" },
  { "lab.item.write", NULL, NULL },
  { "lab.item.burn", NULL, NULL },
  { "lab.item.read", NULL, NULL },
  { "lab.person.find", NULL, NULL },
};

static GPtrArray *
hints_of (const char *operation, gboolean guarded)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("AIRAILS_SOURCE"), "tests", "compiler", "good", "gated-payment.workflow.json", NULL);
  g_autofree char *text = NULL, *quoted = g_strconcat ("\"", operation, "\"", NULL);
  g_autoptr (GString) changed = NULL;
  g_autoptr (AirWorkflow) workflow = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *hints;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  changed = g_string_new (text);
  g_assert_cmpuint (g_string_replace (changed, "\"lab.money.pay\"", quoted, 1), ==, 1);
  if (!guarded)
    g_assert_cmpuint (g_string_replace (changed, "\"node\": \"pay\"", "\"node\": \"read\"", 1), ==, 1);
  workflow = air_workflow_load (changed->str, changed->len, "w.json", &error);
  g_assert_no_error (error);
  hints = air_compile_hints (workflow, packs, &error);
  g_assert_no_error (error);
  return hints;
}

static void
test_step (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GPtrArray) guarded = hints_of (steps[i].operation, TRUE), open = hints_of (steps[i].operation, FALSE);
  const AirHint *hint;
  g_autofree char *text = NULL;

  if (steps[i].policy == NULL)
    {
      g_assert_cmpuint (guarded->len, ==, 0);
      return;
    }
  g_assert_cmpuint (guarded->len, ==, 1);
  hint = guarded->pdata[0];
  g_assert_cmpstr (hint->node, ==, "pay");
  g_assert_cmpstr (hint->operation, ==, steps[i].operation);
  g_assert_cmpstr (hint->policy, ==, steps[i].policy);
  g_assert_nonnull (strstr (hint->why, steps[i].why));
  g_assert_cmpuint (hint->line, >, 1);
  /* A gate that guards another step is none for this one. */
  g_assert_cmpstr (hint->gate, ==, "ask");
  g_assert_cmpstr (hint->policy_in_use, ==, "lab-gate");
  g_assert_null (((AirHint *) open->pdata[0])->gate);
  /* What is recommended is there to be had. */
  for (guint k = 0; k < templates->len; k++)
    if (air_pack_get_policy (templates->pdata[k], steps[i].policy) != NULL)
      {
        text = air_hints_to_text (guarded);
        g_assert_nonnull (strstr (text, steps[i].policy));
        g_assert_nonnull (strstr (text, hint->why));
        return;
      }
  g_error ("no pack holds %s", steps[i].policy);
}

int
main (int argc, char *argv[])
{
  g_autofree char *lab = NULL, *own = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  lab = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "tests", "compiler", "packs", NULL);
  own = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "packs", NULL);
  packs = air_packs_load_directory (lab, &error);
  g_assert_no_error (error);
  templates = air_packs_load_directory (own, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autofree char *path = g_strconcat ("/compiler/hints/", steps[i].operation, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_step);
    }
  status = g_test_run ();
  g_ptr_array_unref (packs);
  g_ptr_array_unref (templates);
  return status;
}
