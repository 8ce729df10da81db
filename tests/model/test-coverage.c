/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/air-test-coverage.h"

#include <string.h>

/* a -(yes)-> b, a -(no)-> c, b -(ok)-> c, b -(error)-> c: the two ways from b end at one node. */
static const char source[] =
    "{\"$schema\":\"airails:workflow/1\",\"id\":\"w\",\"version\":\"1.0.0\",\"title\":\"W\","
    "\"owner\":{\"name\":\"D\",\"uri\":\"a:b\"},\"packs\":{},"
    "\"nodes\":[{\"id\":\"a\",\"kind\":\"branch\",\"cases\":[{\"id\":\"yes\",\"when\":\"true\"}],\"default\":\"no\"},"
    "{\"id\":\"b\",\"kind\":\"call\",\"operation\":\"x.y\",\"with\":{}},"
    "{\"id\":\"c\",\"kind\":\"end\",\"outcome\":\"completed\"}],"
    "\"edges\":[{\"id\":\"e0\",\"from\":\"a\",\"port\":\"yes\",\"to\":\"b\"},"
    "{\"id\":\"e1\",\"from\":\"a\",\"port\":\"no\",\"to\":\"c\"},"
    "{\"id\":\"e2\",\"from\":\"b\",\"port\":\"ok\",\"to\":\"c\"},"
    "{\"id\":\"e3\",\"from\":\"b\",\"port\":\"error\",\"to\":\"c\"}],"
    "\"tests\":[{\"id\":\"t\",\"trigger\":{},\"expect\":{\"path\":[\"a\",\"c\"]}}]}";

static AirWorkflow *
load (void)
{
  g_autoptr (GError) error = NULL;
  AirWorkflow *workflow = air_workflow_load (source, strlen (source), "w.json", &error);

  g_assert_no_error (error);
  return workflow;
}

static void
test_paths (void)
{
  g_autoptr (AirWorkflow) workflow = load ();
  g_autoptr (AirTestCoverage) coverage = air_test_coverage_new (workflow);
  const char *ambiguous[] = { "a", "b", "c", NULL }, *named[] = { "b:error", "c", NULL },
             *strange[] = { "nowhere", "c", NULL };

  air_test_coverage_add_path (coverage, strange);
  g_assert_cmpuint (air_test_coverage_count_edges (coverage), ==, 0);
  air_test_coverage_add_path (coverage, ambiguous);
  g_assert_cmpuint (air_test_coverage_count_nodes (coverage), ==, 3);
  g_assert_true (air_test_coverage_has_edge (coverage, 0));
  /* c came after b: the way from a to c was not taken. */
  g_assert_false (air_test_coverage_has_edge (coverage, 1));
  g_assert_false (air_test_coverage_has_edge (coverage, 2));
  g_assert_false (air_test_coverage_has_edge (coverage, 3));
  air_test_coverage_add_path (coverage, named);
  g_assert_false (air_test_coverage_has_edge (coverage, 2));
  g_assert_true (air_test_coverage_has_edge (coverage, 3));
}

static void
test_expected (void)
{
  g_autoptr (AirWorkflow) workflow = load ();
  g_autoptr (AirTestCoverage) coverage = air_test_coverage_new_expected (workflow);

  g_assert_cmpuint (air_test_coverage_count_edges (coverage), ==, 1);
  g_assert_true (air_test_coverage_has_edge (coverage, 1));
  g_assert_false (air_test_coverage_has_node (coverage, 1));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/model/coverage/paths", test_paths);
  g_test_add_func ("/model/coverage/expected", test_expected);
  return g_test_run ();
}
