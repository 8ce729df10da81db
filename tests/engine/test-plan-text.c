/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/air-json.h"
#include "test-host.h"

/* A small order: look it up, decide, ask people, act, pay, wait, prove. */
static const char plan_text[] =
    "{\"v\":1,\"workflow\":\"order\",\"version\":\"1.0.0\",\"title\":\"An order\",\"trigger\":\"start\",\"nodes\":{"
    "\"start\":{\"kind\":\"trigger\",\"title\":\"Order "
    "arrives\",\"trigger\":{\"type\":\"webhook\",\"event_type\":\"test.order\","
    "\"dedup\":\"event.data.id\",\"concurrency\":\"event.data.order\",\"requester\":\"event.data.who\"},"
    "\"next\":{\"out\":{\"edge\":\"e1\",\"to\":\"look\"}}},"
    "\"look\":{\"kind\":\"call\",\"title\":\"Look it "
    "up\",\"operation\":\"v.look\",\"with\":{\"order\":\"${trigger.order}\"},"
    "\"timeout_ms\":1000,\"retry\":{\"max\":4,\"base_ms\":100,\"max_ms\":1000},"
    "\"next\":{\"ok\":{\"edge\":\"e2\",\"to\":\"rules\"},\"error:not_found\":{\"edge\":\"e3\",\"to\":\"no\"}}},"
    "\"rules\":{\"kind\":\"decide\",\"title\":\"Rules\",\"policy\":\"band\",\"with\":{\"amount\":\"${trigger.amount}\"}"
    ","
    "\"next\":{\"out\":{\"edge\":\"e4\",\"to\":\"allowed\"}}},"
    "\"allowed\":{\"kind\":\"branch\",\"title\":\"Allowed?\",\"cases\":[{\"id\":\"yes\",\"when\":\"steps.rules.verdict "
    "== 'allow'\"}],"
    "\"default\":\"no\",\"next\":{\"yes\":{\"edge\":\"e5\",\"to\":\"approval\"},\"no\":{\"edge\":\"e6\",\"to\":\"no\"}}"
    "},"
    "\"approval\":{\"kind\":\"gate\",\"title\":\"Approval\",\"policy\":\"quorum\",\"with\":{\"amount\":\"${trigger."
    "amount}\"},"
    "\"guards\":[{\"node\":\"act\"},{\"node\":\"pay\",\"when\":\"trigger.pay\"}],"
    "\"next\":{\"approved\":{\"edge\":\"e7\",\"to\":\"act\"},\"denied\":{\"edge\":\"e8\",\"to\":\"no\"},"
    "\"expired\":{\"edge\":\"e9\",\"to\":\"late\"}}},"
    "\"act\":{\"kind\":\"call\",\"title\":\"Act\",\"operation\":\"v.act\",\"with\":{\"order\":\"${trigger.order}\"},"
    "\"timeout_ms\":1000,\"retry\":{\"max\":4,\"base_ms\":100,\"max_ms\":1000},"
    "\"compensate\":{\"operation\":\"v.undo\",\"with\":{\"order\":\"${trigger.order}\",\"of\":\"${output.id}\"}},"
    "\"next\":{\"ok\":{\"edge\":\"e10\",\"to\":\"paying\"},\"error\":{\"edge\":\"e11\",\"to\":\"failed\"}}},"
    "\"paying\":{\"kind\":\"branch\",\"title\":\"Paying?\",\"cases\":[{\"id\":\"yes\",\"when\":\"trigger.pay\"}],"
    "\"default\":\"no\","
    "\"next\":{\"yes\":{\"edge\":\"e12\",\"to\":\"pay\"},\"no\":{\"edge\":\"e13\",\"to\":\"pause\"}}},"
    "\"pay\":{\"kind\":\"call\",\"title\":\"Pay\",\"operation\":\"v.pay\",\"with\":{\"amount\":\"${trigger.amount}\"},"
    "\"timeout_ms\":1000,\"retry\":{\"max\":4,\"base_ms\":100,\"max_ms\":1000},"
    "\"next\":{\"ok\":{\"edge\":\"e14\",\"to\":\"pause\"},\"error\":{\"edge\":\"e15\",\"to\":\"failed\"}}},"
    "\"pause\":{\"kind\":\"wait\",\"title\":\"Pause\",\"duration_ms\":1000,\"next\":{\"out\":{\"edge\":\"e16\",\"to\":"
    "\"proof\"}}},"
    "\"proof\":{\"kind\":\"evidence\",\"title\":\"Proof\",\"collect\":[\"look\",\"rules\",\"act\",\"pay\"],"
    "\"next\":{\"out\":{\"edge\":\"e17\",\"to\":\"done\"}}},"
    "\"done\":{\"kind\":\"end\",\"title\":\"Done\",\"outcome\":\"completed\",\"output\":{\"outcome\":\"done\",\"act\":"
    "\"${steps.act.id}\"}},"
    "\"no\":{\"kind\":\"end\",\"title\":\"No\",\"outcome\":\"completed\",\"output\":{\"outcome\":\"no\"}},"
    "\"late\":{\"kind\":\"end\",\"title\":\"Too late\",\"outcome\":\"completed\",\"output\":{\"outcome\":\"late\"}},"
    "\"failed\":{\"kind\":\"end\",\"title\":\"Failed\",\"outcome\":\"failed\",\"output\":{\"outcome\":\"failed\"}}},"
    "\"operations\":{"
    "\"v.look\":{\"id\":\"v.look\",\"version\":\"1.0.0\",\"title\":\"Look "
    "up\",\"connector\":\"v\",\"policy\":{\"effect\":\"read\"},"
    "\"idempotency\":{\"kind\":\"natural\"}},"
    "\"v.act\":{\"id\":\"v.act\",\"version\":\"1.0.0\",\"title\":\"Act\",\"connector\":\"v\",\"policy\":{\"effect\":"
    "\"write\"},"
    "\"idempotency\":{\"kind\":\"key-header\",\"window_s\":3600}},"
    "\"v.undo\":{\"id\":\"v.undo\",\"version\":\"1.0.0\",\"title\":\"Undo\",\"connector\":\"v\",\"policy\":{\"effect\":"
    "\"write\"},"
    "\"idempotency\":{\"kind\":\"key-header\"}},"
    "\"v.pay\":{\"id\":\"v.pay\",\"version\":\"1.0.0\",\"title\":\"Pay "
    "out\",\"connector\":\"v\",\"policy\":{\"effect\":\"write\"},"
    "\"idempotency\":{\"kind\":\"key-header\",\"window_s\":3600},"
    "\"reconcile\":{\"request\":{}},"
    "\"compensate\":[{\"when\":\"output.id == ''\",\"op\":\"v.undo\",\"input\":{}},"
    "{\"when\":\"true\",\"manual\":\"Payment ${output.id} must be asked back\"}]}},"
    "\"connectors\":{\"v\":{}},"
    "\"policies\":{"
    "\"band\":{\"$schema\":\"airails:policy/"
    "1\",\"id\":\"band\",\"version\":\"1.0.0\",\"kind\":\"table\",\"title\":\"Rules\","
    "\"inputs\":[{\"id\":\"amount\",\"title\":\"Amount\",\"type\":\"int\"}],\"outputs\":[{\"id\":\"verdict\",\"title\":"
    "\"Verdict\",\"type\":\"string\"}],"
    "\"hit\":\"F\",\"rules\":[{\"id\":\"allow\",\"when\":{\"amount\":\"[0..100000]\"},\"then\":{\"verdict\":\"allow\"},"
    "\"why\":\"small enough\"},"
    "{\"id\":\"deny\",\"when\":{\"amount\":\"> 100000\"},\"then\":{\"verdict\":\"deny\"},\"why\":\"too much\"}]},"
    "\"quorum\":{\"$schema\":\"airails:policy/"
    "1\",\"id\":\"quorum\",\"version\":\"1.0.0\",\"kind\":\"gate\",\"title\":\"Who approves\","
    "\"inputs\":[{\"id\":\"amount\",\"title\":\"Amount\",\"type\":\"int\"}],"
    "\"outputs\":[{\"id\":\"quorum\",\"title\":\"Quorum\",\"type\":\"int\"},{\"id\":\"role\",\"title\":\"Role\","
    "\"type\":\"string\"}],"
    "\"hit\":\"F\",\"rules\":[{\"id\":\"none\",\"when\":{\"amount\":\"<= "
    "100\"},\"then\":{\"quorum\":0,\"role\":\"approver\"},\"why\":\"small\"},"
    "{\"id\":\"one\",\"when\":{\"amount\":\"(100..1000]\"},\"then\":{\"quorum\":1,\"role\":\"approver\"},\"why\":"
    "\"medium\"},"
    "{\"id\":\"two\",\"when\":{\"amount\":\"> "
    "1000\"},\"then\":{\"quorum\":2,\"role\":\"approver\"},\"why\":\"large\"}],"
    "\"gate\":{\"exclude\":[\"trigger\",\"author\",\"requester\"],\"deadline_ms\":60000,\"on_expiry\":\"deny\"}}},"
    "\"guards\":{\"act\":\"approval\",\"pay\":\"approval\"}}";

AirPlan *
test_plan_try (const char *const *edits, GError **error)
{
  static const char *const authors[] = { "airails://demo/people/dora", NULL };
  g_autoptr (GString) text = g_string_new (plan_text);
  g_autoptr (AirValue) document = NULL;
  g_autoptr (GError) parse_error = NULL;
  AirPlan *plan;

  for (guint i = 0; edits != NULL && edits[i] != NULL; i += 2)
    if (g_string_replace (text, edits[i], edits[i + 1], 0) == 0)
      g_error ("the plan holds no \"%s\"", edits[i]);
  document = air_json_parse (text->str, text->len, &parse_error);
  g_assert_no_error (parse_error);
  plan = air_plan_load (document, "sha256:00000000000000000000000000000000000000000000000000000000000000aa", error);
  if (plan != NULL)
    air_plan_set_authors (plan, authors);
  return plan;
}

AirPlan *
test_plan_new (const char *const *edits)
{
  g_autoptr (GError) error = NULL;
  AirPlan *plan = test_plan_try (edits, &error);

  g_assert_no_error (error);
  return plan;
}
