/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/air-json.h"
#include "test-forks.h"

/* Shared by all plans here. v.once can neither be repeated nor asked about. */
static const char rest[] =
    "'operations':{"
    "'v.look':{'id':'v.look','version':'1.0.0','connector':'v','policy':{'effect':'read'},"
    "'idempotency':{'kind':'natural'}},"
    "'v.act':{'id':'v.act','version':'1.0.0','connector':'v','policy':{'effect':'write'},"
    "'idempotency':{'kind':'key-header','window_s':3600}},"
    "'v.undo':{'id':'v.undo','version':'1.0.0','connector':'v','policy':{'effect':'write'},"
    "'idempotency':{'kind':'key-header'}},"
    "'v.pay':{'id':'v.pay','version':'1.0.0','connector':'v','policy':{'effect':'write'},"
    "'idempotency':{'kind':'key-header','window_s':3600},'reconcile':{'request':{}}},"
    "'v.once':{'id':'v.once','version':'1.0.0','connector':'v','policy':{'effect':'write'},"
    "'idempotency':{'kind':'none'}}},"
    "'workflows':{"
    "'booking':{'id':'booking','version':'1.2.0','nodes':[{'id':'asked','kind':'trigger','trigger':{'input':"
    "{'type':'object','properties':{'n':{'type':'integer','maximum':99}},'required':['n']}}}]},"
    "'notice':{'id':'notice','version':'2.0.0','nodes':[{'id':'asked','kind':'trigger','trigger':{}}]}},"
    "'connectors':{'v':{}},'policies':{"
    "'quorum':{'$schema':'airails:policy/1','id':'quorum','version':'1.0.0','kind':'gate','title':'Who',"
    "'inputs':[{'id':'n','title':'N','type':'int'}],"
    "'outputs':[{'id':'quorum','title':'Quorum','type':'int'},{'id':'role','title':'Role','type':'string'}],"
    "'hit':'F','rules':[{'id':'one','when':{'n':'-'},'then':{'quorum':1,'role':'approver'},'why':'always'}],"
    "'gate':{'exclude':[],'deadline_ms':60000,'on_expiry':'deny'}}},'guards':{}}";

AirPlan *
test_forks_try (const char *nodes, GError **error)
{
  g_autoptr (GString) text = g_string_new ("{'v':1,'workflow':'forks','version':'1.0.0','title':'Forks','trigger':"
                                           "'start','nodes':{'start':{'kind':'trigger','trigger':{'type':'webhook'},"
                                           "'next':{'out':{'edge':'e0','to':'first'}}},");
  g_autoptr (AirValue) document = NULL;
  g_autoptr (GError) parse_error = NULL;

  g_string_append (text, nodes);
  g_string_append (text, "},");
  g_string_append (text, rest);
  g_string_replace (text, "'", "\"", 0);
  g_string_replace (text, "~", "'", 0);
  document = air_json_parse (text->str, text->len, &parse_error);
  g_assert_no_error (parse_error);
  return air_plan_load (document, "sha256:00000000000000000000000000000000000000000000000000000000000000aa", error);
}

TestHost *
test_forks_new (const char *nodes)
{
  g_autoptr (GError) error = NULL;
  AirPlan *plan = test_forks_try (nodes, &error);

  g_assert_no_error (error);
  return test_host_new (plan);
}
