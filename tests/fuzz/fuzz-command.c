/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "fuzz.h"
#include "model/air-command.h"

static const char source[] =
    "{\"$schema\": \"airails:workflow/1\", \"id\": \"w\", \"version\": \"1.0.0\", \"title\": \"W\", \"owner\": "
    "{\"name\": "
    "\"D\", \"uri\": \"a:b\"}, \"packs\": {}, \"nodes\": [{\"id\": \"s\", \"kind\": \"trigger\", \"trigger\": "
    "{\"type\": "
    "\"webhook\", \"event_type\": \"a.b\", \"dedup\": \"event.id\", \"input\": {\"type\": \"object\", \"properties\": "
    "{}}}}, {\"id\": \"b\", "
    "\"kind\": \"branch\", \"cases\": [{\"id\": \"y\", \"when\": \"has(trigger.l)\"}], \"default\": \"n\"}, {\"id\": "
    "\"d\", "
    "\"kind\": \"end\", \"outcome\": \"completed\"}, {\"id\": \"f\", \"kind\": \"end\", \"outcome\": \"failed\"}], "
    "\"edges\": [{\"id\": \"e1\", \"from\": \"s\", \"to\": \"b\"}, {\"id\": \"e2\", \"from\": \"b\", \"port\": \"y\", "
    "\"to\": \"d\"}, {\"id\": \"e3\", \"from\": \"b\", \"port\": \"n\", \"to\": \"f\"}]}";

/* An edit is written as it was read; applied and taken back, it leaves the workflow as it was. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static AirWorkflow *workflow;
  g_autoptr (AirValue) value = air_json_parse ((const char *) data, size, NULL), once = NULL, twice = NULL;
  g_autoptr (AirCommand) command = value != NULL ? air_command_from_value (value, NULL) : NULL, again = NULL;
  g_autoptr (AirCommand) inverse = NULL;
  g_autoptr (AirWorkflow) edited = NULL, restored = NULL;
  g_autofree char *before = NULL, *after = NULL;
  g_autoptr (GError) error = NULL;

  if (workflow == NULL)
    {
      workflow = air_workflow_load (source, strlen (source), "fuzz", &error);
      g_assert_no_error (error);
    }
  if (command == NULL)
    return 0;
  once = air_command_to_value (command);
  again = air_command_from_value (once, &error);
  g_assert_no_error (error);
  twice = air_command_to_value (again);
  g_assert_true (air_value_equal (once, twice));
  edited = air_command_apply (command, workflow, &inverse, NULL);
  if (edited == NULL)
    return 0;
  restored = air_command_apply (inverse, edited, NULL, &error);
  g_assert_no_error (error);
  before = air_workflow_write (workflow, &error);
  after = air_workflow_write (restored, &error);
  g_assert_cmpstr (before, ==, after);
  return 0;
}
