/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-policy"

#include "config.h"

#include "policy/air-permission.h"

#define OPERATOR AIR_ROLE_OPERATOR
#define APPROVER AIR_ROLE_APPROVER
#define AUDITOR  AIR_ROLE_AUDITOR
#define DESIGNER AIR_ROLE_DESIGNER
#define ADMIN    AIR_ROLE_ADMIN

static const struct {
  const char *id;
  const char *title;
  guint roles;
  gboolean changes;
} permissions[] = {
#define ROW(name, id, title, roles, changes)                                                                           \
  [AIR_PERMISSION_##name - AIR_PERMISSION_FIRST] = { id, title, roles, changes }
  /* clang-format off */
  ROW (RUN_TRIGGER,    "run.trigger",    "start a run",                              OPERATOR | ADMIN,            TRUE),
  ROW (RUN_READ,       "run.read",       "see runs and their entries",               AIR_ROLE_ANY,                FALSE),
  ROW (RUN_EXPORT,     "run.export",     "export the proof of a run",                AIR_ROLE_ANY,                FALSE),
  ROW (RUN_CONTROL,    "run.control",    "pause, resume, cancel, retry, skip runs",  OPERATOR | ADMIN,            TRUE),
  ROW (RUN_CONFIRM,    "run.confirm",    "say what became of an unknown outcome",    OPERATOR | ADMIN,            TRUE),
  ROW (RUN_SIGNAL,     "run.signal",     "send a signal to a run",                   OPERATOR | ADMIN,            TRUE),
  ROW (GATE_READ,      "gate.read",      "see what gates ask",                       AIR_ROLE_ANY,                FALSE),
  /* Which role decides is the gate's to say; an auditor is let in here to be refused by the gate's own rule,
   * which is entered in the ledger. */
  ROW (GATE_DECIDE,    "gate.decide",    "decide a gate",                            AIR_ROLE_ANY,                TRUE),
  ROW (WORKFLOW_READ,  "workflow.read",  "see the workflow that runs",               AIR_ROLE_ANY,                FALSE),
  ROW (HEALTH_READ,    "health.read",    "see whether the runtime is well",          AIR_ROLE_ANY,                FALSE),
  ROW (METRICS_READ,   "metrics.read",   "see counters and latencies",               AIR_ROLE_ANY,                FALSE),
  ROW (LEDGER_READ,    "ledger.read",    "read checkpoints, tiles and proofs",       AIR_ROLE_ANY,                FALSE),
  ROW (LEDGER_WITNESS, "ledger.witness", "add cosignatures and timestamps",          OPERATOR | ADMIN,            TRUE),
  ROW (EVENTS_READ,    "events.read",    "watch what happens",                       AIR_ROLE_ANY,                FALSE),
  ROW (USAGE_READ,     "usage.read",     "see what limits and budgets have used",    AIR_ROLE_ANY,                FALSE),
  ROW (DATA_ERASE,     "data.erase",     "erase a person's data, with a legal basis", ADMIN,                      TRUE),
  ROW (ACCESS_READ,    "access.read",    "see who had more rights than usual",       AIR_ROLE_ANY,                FALSE),
  ROW (GLASS_REQUEST,  "glass.request",  "ask for rights in an emergency",           OPERATOR | DESIGNER | ADMIN, TRUE),
  ROW (GLASS_CONFIRM,  "glass.confirm",  "let somebody else have them",              APPROVER | ADMIN,            TRUE),
  ROW (GLASS_CLOSE,    "glass.close",    "end emergency rights",                     OPERATOR | APPROVER | DESIGNER | ADMIN, TRUE),
/* clang-format on */
#undef ROW
};

G_STATIC_ASSERT (G_N_ELEMENTS (permissions) == AIR_N_PERMISSIONS);

static const struct {
  const char *name;
  guint bit;
} role_names[] = {
  { "operator", OPERATOR }, { "approver", APPROVER }, { "auditor", AUDITOR },
  { "designer", DESIGNER }, { "admin", ADMIN },
};

/* Who checks does not act. That nobody approves what they wrote themselves is told run by run (a gate's
 * exclude); a tenant that wants it for all time says so in its trust roots. */
static const char *const apart[][2] = {
  { "auditor", "operator" },
  { "auditor", "approver" },
  { "auditor", "designer" },
  { "auditor", "admin" },
};

static gboolean
is_known (AirPermission permission)
{
  return permission >= AIR_PERMISSION_FIRST && permission < AIR_PERMISSION_END;
}

/**
 * air_permission_get_id:
 * @permission: a permission
 *
 * Returns: (transfer none) (nullable): "run.trigger", stable; %NULL: there is none such
 */
const char *
air_permission_get_id (AirPermission permission)
{
  return is_known (permission) ? permissions[permission - AIR_PERMISSION_FIRST].id : NULL;
}

/**
 * air_permission_get_title:
 * @permission: a permission
 *
 * Returns: (transfer none) (nullable): for people, in English; %NULL: there is none such
 */
const char *
air_permission_get_title (AirPermission permission)
{
  return is_known (permission) ? permissions[permission - AIR_PERMISSION_FIRST].title : NULL;
}

/**
 * air_permission_get_roles:
 * @permission: a permission
 *
 * Returns: bits of #AirRole, any of which is enough; 0: nobody
 */
guint
air_permission_get_roles (AirPermission permission)
{
  return is_known (permission) ? permissions[permission - AIR_PERMISSION_FIRST].roles : 0;
}

/**
 * air_permission_changes:
 * @permission: a permission
 *
 * Returns: whether it changes something, and so is not for auditors (a gate refuses them itself); what is unknown does
 */
gboolean
air_permission_changes (AirPermission permission)
{
  return !is_known (permission) || permissions[permission - AIR_PERMISSION_FIRST].changes;
}

/**
 * air_permission_is_granted:
 * @permission: a permission
 * @roles: bits of #AirRole somebody holds
 *
 * Returns: whether they may; what is unknown is refused
 */
gboolean
air_permission_is_granted (AirPermission permission, guint roles)
{
  return (air_permission_get_roles (permission) & roles) != 0;
}

/**
 * air_role_from_string:
 * @name: (nullable): a role's name
 *
 * Returns: its bit of #AirRole; 0: none of the five
 */
guint
air_role_from_string (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (role_names); i++)
    if (g_strcmp0 (role_names[i].name, name) == 0)
      return role_names[i].bit;
  return 0;
}

/**
 * air_role_to_string:
 * @role: one role
 *
 * Returns: (transfer none) (nullable): its name; static. %NULL when it is not exactly one of the five
 */
const char *
air_role_to_string (AirRole role)
{
  for (guint i = 0; i < G_N_ELEMENTS (role_names); i++)
    if (role_names[i].bit == role)
      return role_names[i].name;
  return NULL;
}

/**
 * air_roles_to_string:
 * @roles: bits of #AirRole
 *
 * Returns: (transfer full): for people: "operator or admin"
 */
char *
air_roles_to_string (guint roles)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (role_names); i++)
    if (roles & role_names[i].bit)
      g_string_append_printf (text, "%s%s", text->len > 0 ? " or " : "", role_names[i].name);
  return g_string_free (text, FALSE);
}

static gboolean
holds_both (const char *const *roles, const char *a, const char *b, char **ret_reason)
{
  if (!g_strv_contains (roles, a) || !g_strv_contains (roles, b))
    return FALSE;
  if (ret_reason != NULL)
    *ret_reason = g_strdup_printf ("nobody may be %s and %s at once; give one of the two roles to somebody else", a, b);
  return TRUE;
}

/**
 * air_separation_allows:
 * @roles: (array zero-terminated=1): what one person would hold
 * @more: (nullable) (array zero-terminated=1): the tenant's own pairs, one after the other; they may name any role
 * @ret_reason: (out) (transfer full): why not, in words
 *
 * Static separation of duties: pairs of roles that no one may hold together. The built-in ones always hold.
 *
 * Returns: whether one person may hold all of @roles
 */
gboolean
air_separation_allows (const char *const *roles, const char *const *more, char **ret_reason)
{
  for (guint i = 0; i < G_N_ELEMENTS (apart); i++)
    if (holds_both (roles, apart[i][0], apart[i][1], ret_reason))
      return FALSE;
  for (guint i = 0; more != NULL && more[i] != NULL && more[i + 1] != NULL; i += 2)
    if (holds_both (roles, more[i], more[i + 1], ret_reason))
      return FALSE;
  return TRUE;
}
