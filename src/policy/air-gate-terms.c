/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-policy"

#include "config.h"

#include "policy/air-gate-terms.h"

#include <string.h>

#include "policy/air-policy-private.h"

#define MAX_DELAY_MS (G_GINT64_CONSTANT (366) * 24 * 60 * 60 * 1000)

struct _AirGateTerms {
  gatomicrefcount ref_count;
  AirGateDemand demand;
  gint64 quorum;
  GStrv roles;   /* sorted */
  GStrv people;  /* sorted, nullable */
  GStrv exclude; /* sorted */
  gint64 deadline_ms;
  gboolean expires;  /* else an expiry denies */
  GArray *reminders; /* gint64, sorted */
  GArray *levels;    /* AirGateLevel */
  AirValue *edit;    /* map of path → sorted list of conditions, nullable */
};

static void
level_clear (gpointer data)
{
  AirGateLevel *level = data;

  g_strfreev (level->roles);
  g_strfreev (level->people);
}

static AirGateTerms *
terms_alloc (AirGateDemand demand)
{
  AirGateTerms *self = g_new0 (AirGateTerms, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->demand = demand;
  self->roles = g_new0 (char *, 1);
  self->exclude = g_new0 (char *, 1);
  self->reminders = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->levels = g_array_new (FALSE, TRUE, sizeof (AirGateLevel));
  g_array_set_clear_func (self->levels, level_clear);
  return self;
}

/**
 * air_gate_terms_new_pass:
 *
 * Returns: (transfer full): the least terms: nobody is asked; combined with others it changes nothing
 */
AirGateTerms *
air_gate_terms_new_pass (void)
{
  return terms_alloc (AIR_GATE_PASS);
}

/**
 * air_gate_terms_new_deny:
 *
 * Returns: (transfer full): the greatest terms: nothing passes
 */
AirGateTerms *
air_gate_terms_new_deny (void)
{
  return terms_alloc (AIR_GATE_DENY);
}

AirGateTerms *
air_gate_terms_ref (AirGateTerms *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
air_gate_terms_unref (AirGateTerms *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_strfreev (self->roles);
  g_strfreev (self->people);
  g_strfreev (self->exclude);
  g_array_unref (self->reminders);
  g_array_unref (self->levels);
  g_clear_pointer (&self->edit, air_value_unref);
  g_free (self);
}

/* --- sets of texts, sorted ----------------------------------------------------------------- */

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GStrv
take_set (GPtrArray *take_texts)
{
  g_ptr_array_sort (take_texts, compare_texts);
  for (guint i = 1; i < take_texts->len;)
    if (strcmp (take_texts->pdata[i - 1], take_texts->pdata[i]) == 0)
      g_free (g_ptr_array_remove_index (take_texts, i));
    else
      i++;
  g_ptr_array_add (take_texts, NULL);
  return (GStrv) g_ptr_array_free (take_texts, FALSE);
}

static GStrv
unite (const char *const *a, const char *const *b)
{
  GPtrArray *all = g_ptr_array_new ();

  for (; a != NULL && *a != NULL; a++)
    g_ptr_array_add (all, g_strdup (*a));
  for (; b != NULL && *b != NULL; b++)
    g_ptr_array_add (all, g_strdup (*b));
  return take_set (all);
}

/* NULL is everybody. */
static GStrv
intersect (const char *const *a, const char *const *b)
{
  GPtrArray *both;

  if (a == NULL || b == NULL)
    return g_strdupv ((char **) (a != NULL ? a : b));
  both = g_ptr_array_new ();
  for (; *a != NULL; a++)
    if (g_strv_contains (b, *a))
      g_ptr_array_add (both, g_strdup (*a));
  return take_set (both);
}

static gboolean
same_set (const char *const *a, const char *const *b)
{
  return a == NULL || b == NULL ? a == b : g_strv_equal (a, b);
}

/**
 * air_roles_join:
 * @roles: (array zero-terminated=1): names of roles
 *
 * Returns: (transfer full): "a+b": all of them
 */
char *
air_roles_join (const char *const *roles)
{
  return g_strjoinv ("+", (char **) roles);
}

/**
 * air_roles_hold:
 * @held: (nullable) (array zero-terminated=1): the roles somebody has
 * @role: a role, "a+b": both
 *
 * Returns: whether they may decide as @role
 */
gboolean
air_roles_hold (const char *const *held, const char *role)
{
  g_auto (GStrv) parts = NULL;

  if (held == NULL || role == NULL || *role == '\0')
    return FALSE;
  parts = g_strsplit (role, "+", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    if (!g_strv_contains (held, parts[i]))
      return FALSE;
  return TRUE;
}

/* --- reading ------------------------------------------------------------------------------- */

static gboolean
read_set (const AirValue *map, const char *place, const char *key, GStrv *ret_set, GError **error)
{
  const AirValue *value = air_map_get (map, key);
  g_autoptr (GPtrArray) texts = NULL;

  if (value == NULL)
    return TRUE;
  if (air_value_get_kind (value) != AIR_VALUE_LIST)
    return air_policy_fail_below (error, place, key, "must be a list of texts");
  texts = g_ptr_array_new_with_free_func (g_free);
  for (gsize i = 0; i < air_list_get_size (value); i++)
    {
      const AirValue *item = air_list_get (value, i);
      const char *text = air_value_get_kind (item) == AIR_VALUE_STRING ? air_value_get_string (item, NULL) : NULL;

      if (text == NULL || *text == '\0')
        return air_policy_fail_below (error, place, key, "must be a list of texts that are not empty");
      g_ptr_array_add (texts, g_strdup (text));
    }
  g_clear_pointer (ret_set, g_strfreev);
  g_ptr_array_set_free_func (texts, NULL);
  *ret_set = take_set (g_steal_pointer (&texts));
  return TRUE;
}

/* One role, or a few joined by '+' as we write them. */
static GStrv
split_role (const char *role)
{
  g_auto (GStrv) parts = g_strsplit (role, "+", -1);

  return unite ((const char *const *) parts, NULL);
}

static gboolean
read_delay (const AirValue *map, const char *place, const char *key, gint64 *ret_ms, GError **error)
{
  const AirValue *value = air_map_get (map, key);

  if (value == NULL || air_value_get_kind (value) != AIR_VALUE_INT || air_value_get_int (value) <= 0
      || air_value_get_int (value) > MAX_DELAY_MS)
    return air_policy_fail_below (error, place, key, "must be a whole number of milliseconds above 0, within a year");
  *ret_ms = air_value_get_int (value);
  return TRUE;
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

static void
make_unique (GArray *numbers)
{
  g_array_sort (numbers, compare_numbers);
  for (guint i = 1; i < numbers->len;)
    if (g_array_index (numbers, gint64, i - 1) == g_array_index (numbers, gint64, i))
      g_array_remove_index (numbers, i);
    else
      i++;
}

static gboolean
read_reminders (AirGateTerms *self, const AirValue *gate, GError **error)
{
  const AirValue *list = air_map_get (gate, "reminders_ms");

  if (list == NULL)
    return TRUE;
  if (air_value_get_kind (list) != AIR_VALUE_LIST || air_list_get_size (list) > 32)
    return air_policy_fail (error, "gate.reminders_ms", "must be a list of at most 32 times after the request");
  for (gsize i = 0; i < air_list_get_size (list); i++)
    {
      const AirValue *item = air_list_get (list, i);
      gint64 ms = air_value_get_kind (item) == AIR_VALUE_INT ? air_value_get_int (item) : 0;

      if (ms <= 0 || ms > MAX_DELAY_MS)
        return air_policy_fail (error, "gate.reminders_ms", "must be whole numbers of milliseconds above 0");
      g_array_append_val (self->reminders, ms);
    }
  make_unique (self->reminders);
  return TRUE;
}

static gboolean
read_level (AirGateTerms *self, const AirValue *item, const char *place, GError **error)
{
  AirGateLevel level = { .quorum = 1 };
  const char *role = air_map_get_string (item, "role");
  const AirValue *quorum = air_map_get (item, "quorum");

  if (!air_policy_check_keys (item, place, "after_ms,quorum,role,people", error))
    return FALSE;
  if (role == NULL || *role == '\0')
    return air_policy_fail_below (error, place, "role", "must name the role that may decide from then on");
  if (!read_delay (item, place, "after_ms", &level.after_ms, error))
    return FALSE;
  if (quorum != NULL
      && (air_value_get_kind (quorum) != AIR_VALUE_INT || air_value_get_int (quorum) < 1
          || air_value_get_int (quorum) > 100))
    return air_policy_fail_below (error, place, "quorum", "must be a whole number from 1 to 100");
  level.quorum = quorum != NULL ? air_value_get_int (quorum) : 1;
  if (self->levels->len > 0
      && g_array_index (self->levels, AirGateLevel, self->levels->len - 1).after_ms > level.after_ms)
    return air_policy_fail_below (error, place, "after_ms", "comes before the level above it");
  level.roles = split_role (role);
  if (!read_set (item, place, "people", &level.people, error))
    {
      level_clear (&level);
      return FALSE;
    }
  g_array_append_val (self->levels, level);
  return TRUE;
}

static gboolean
read_levels (AirGateTerms *self, const AirValue *gate, GError **error)
{
  const AirValue *list = air_map_get (gate, "escalation");

  if (list == NULL)
    return TRUE;
  if (air_value_get_kind (list) != AIR_VALUE_LIST || air_list_get_size (list) > 8)
    return air_policy_fail (error, "gate.escalation", "must be a list of at most 8 levels");
  for (gsize i = 0; i < air_list_get_size (list); i++)
    {
      g_autofree char *place = g_strdup_printf ("gate.escalation[%" G_GSIZE_FORMAT "]", i);

      if (!read_level (self, air_list_get (list, i), place, error))
        return FALSE;
    }
  return TRUE;
}

static AirValue *
conditions_of (const char *const *texts)
{
  AirValue *list = air_list_new ();

  for (; *texts != NULL; texts++)
    air_list_append (list, air_value_new_string (*texts));
  return list;
}

/* "node.field": "<= before", or a list of such tests (as terms write it). */
static gboolean
read_edit (AirGateTerms *self, const AirValue *gate, GError **error)
{
  const AirValue *map = air_map_get (gate, "edit");

  if (map == NULL)
    return TRUE;
  if (air_value_get_kind (map) != AIR_VALUE_MAP || air_map_get_size (map) == 0)
    return air_policy_fail (error, "gate.edit",
                            "must be an object of \"node.field\" to test; leave it out to forbid edits");
  self->edit = air_map_new ();
  for (gsize i = 0; i < air_map_get_size (map); i++)
    {
      const char *path = air_value_get_string (air_map_get_key_at (map, i), NULL);
      const AirValue *value = air_map_get_value_at (map, i);
      g_auto (GStrv) tests = NULL;

      if (strchr (path, '.') == NULL || path[0] == '.' || path[strlen (path) - 1] == '.' || strstr (path, "..") != NULL)
        return air_policy_fail_below (error, "gate.edit", path, "is no path; write \"node.field\"");
      if (air_value_get_kind (value) == AIR_VALUE_STRING)
        {
          const char *one[] = { air_value_get_string (value, NULL), NULL };

          tests = g_strdupv ((char **) one);
        }
      else if (!read_set (map, "gate.edit", path, &tests, error))
        return FALSE;
      for (guint t = 0; tests[t] != NULL; t++)
        {
          g_autoptr (AirCelProgram) program = NULL;

          if (!air_policy_compile_edit (tests[t], &program, error))
            {
              g_prefix_error (error, "gate.edit.%s: ", path);
              return FALSE;
            }
        }
      air_map_set (self->edit, path, conditions_of ((const char *const *) tests));
    }
  return TRUE;
}

static gboolean
read_exclude (AirGateTerms *self, const AirValue *gate, GError **error)
{
  static const char *const known[] = { "trigger", "author", "requester", "operator", NULL };

  if (!read_set (gate, "gate", "exclude", &self->exclude, error))
    return FALSE;
  for (guint i = 0; self->exclude[i] != NULL; i++)
    if (!g_strv_contains (known, self->exclude[i]))
      return air_policy_fail (error, "gate.exclude",
                              "only \"trigger\", \"author\", \"requester\" and \"operator\" can be excluded");
  return TRUE;
}

/**
 * air_gate_terms_new:
 * @gate: a policy's `gate` block, or what air_gate_terms_to_value() gave
 * @quorum: of the rule that matched; with @role %NULL only where @gate has none
 * @role: (nullable): of the rule that matched, "a+b" for both; %NULL: as @gate says
 * @error: return location
 *
 * Returns: (transfer full): the terms, or %NULL with %AIR_POLICY_ERROR_DOCUMENT, the message naming the member
 */
AirGateTerms *
air_gate_terms_new (const AirValue *gate, gint64 quorum, const char *role, GError **error)
{
  g_autoptr (AirGateTerms) self = terms_alloc (AIR_GATE_ASK);
  const char *verdict = air_map_get_string (gate, "verdict"), *on_expiry;

  if (!air_policy_check_keys (
          gate, "gate", "verdict,quorum,role,roles,people,exclude,deadline_ms,on_expiry,reminders_ms,escalation,edit",
          error))
    return NULL;
  if (g_strcmp0 (verdict, "pass") == 0 || g_strcmp0 (verdict, "deny") == 0)
    {
      self->demand = verdict[0] == 'p' ? AIR_GATE_PASS : AIR_GATE_DENY;
      return g_steal_pointer (&self);
    }
  self->quorum = role != NULL ? quorum : air_map_get_int (gate, "quorum", quorum);
  if (role == NULL)
    role = air_map_get_string (gate, "role");
  if (role != NULL)
    {
      g_strfreev (self->roles);
      self->roles = split_role (role);
    }
  else if (!read_set (gate, "gate", "roles", &self->roles, error))
    return NULL;
  if (self->quorum < 1 || self->quorum > G_MAXUINT16 || self->roles[0] == NULL || self->roles[0][0] == '\0')
    {
      air_policy_fail (error, "gate", "needs a quorum of 1 or more and a role");
      return NULL;
    }
  if (!read_exclude (self, gate, error) || !read_delay (gate, "gate", "deadline_ms", &self->deadline_ms, error)
      || !read_set (gate, "gate", "people", &self->people, error) || !read_reminders (self, gate, error)
      || !read_levels (self, gate, error) || !read_edit (self, gate, error))
    return NULL;
  on_expiry = air_map_get_string (gate, "on_expiry");
  if (g_strcmp0 (on_expiry, "deny") != 0 && g_strcmp0 (on_expiry, "expire") != 0)
    {
      air_policy_fail (error, "gate.on_expiry", "must be \"deny\" or \"expire\"; a gate that opens by itself is none");
      return NULL;
    }
  self->expires = on_expiry[0] == 'e';
  return g_steal_pointer (&self);
}

/* --- combining ------------------------------------------------------------------------------- */

static void
combine_levels (AirGateTerms *self, const AirGateTerms *a, const AirGateTerms *b)
{
  /* An escalation lets more people decide: only what both grant is granted. */
  for (guint i = 0; i < MIN (a->levels->len, b->levels->len); i++)
    {
      const AirGateLevel *x = air_gate_terms_get_level (a, i), *y = air_gate_terms_get_level (b, i);
      AirGateLevel level = {
        .after_ms = MAX (x->after_ms, y->after_ms),
        .quorum = MAX (x->quorum, y->quorum),
        .roles = unite ((const char *const *) x->roles, (const char *const *) y->roles),
        .people = intersect ((const char *const *) x->people, (const char *const *) y->people),
      };

      g_array_append_val (self->levels, level);
    }
}

static void
combine_edit (AirGateTerms *self, const AirGateTerms *a, const AirGateTerms *b)
{
  if (a->edit == NULL || b->edit == NULL)
    return;
  for (gsize i = 0; i < air_map_get_size (a->edit); i++)
    {
      const char *path = air_value_get_string (air_map_get_key_at (a->edit, i), NULL);
      const AirValue *other = air_map_get (b->edit, path);
      g_auto (GStrv) left = NULL, right = NULL, both = NULL;

      if (other == NULL)
        continue;
      read_set (a->edit, "", path, &left, NULL);
      read_set (b->edit, "", path, &right, NULL);
      both = unite ((const char *const *) left, (const char *const *) right);
      if (self->edit == NULL)
        self->edit = air_map_new ();
      air_map_set (self->edit, path, conditions_of ((const char *const *) both));
    }
}

/**
 * air_gate_terms_combine:
 * @a: terms
 * @b: others
 *
 * The join of both: commutative, associative, idempotent. The table at #AirGateTerms says what becomes of each member.
 *
 * Returns: (transfer full): the least terms that demand what both demand
 */
AirGateTerms *
air_gate_terms_combine (const AirGateTerms *a, const AirGateTerms *b)
{
  AirGateTerms *self;

  if (a->demand != b->demand || a->demand != AIR_GATE_ASK)
    return air_gate_terms_ref ((AirGateTerms *) (a->demand >= b->demand ? a : b));
  self = terms_alloc (AIR_GATE_ASK);
  self->quorum = MAX (a->quorum, b->quorum);
  g_strfreev (self->roles);
  self->roles = unite ((const char *const *) a->roles, (const char *const *) b->roles);
  self->people = intersect ((const char *const *) a->people, (const char *const *) b->people);
  g_strfreev (self->exclude);
  self->exclude = unite ((const char *const *) a->exclude, (const char *const *) b->exclude);
  self->deadline_ms = MIN (a->deadline_ms, b->deadline_ms);
  self->expires = a->expires && b->expires;
  g_array_append_vals (self->reminders, a->reminders->data, a->reminders->len);
  g_array_append_vals (self->reminders, b->reminders->data, b->reminders->len);
  make_unique (self->reminders);
  combine_levels (self, a, b);
  combine_edit (self, a, b);
  return self;
}

/**
 * air_gate_terms_equal:
 * @a: terms
 * @b: others
 *
 * Returns: whether they demand the same; the order of lists does not matter
 */
gboolean
air_gate_terms_equal (const AirGateTerms *a, const AirGateTerms *b)
{
  if (a->demand != b->demand)
    return FALSE;
  if (a->demand != AIR_GATE_ASK)
    return TRUE;
  if (a->quorum != b->quorum || a->deadline_ms != b->deadline_ms || a->expires != b->expires
      || a->levels->len != b->levels->len || a->reminders->len != b->reminders->len
      || (a->reminders->len > 0
          && memcmp (a->reminders->data, b->reminders->data, a->reminders->len * sizeof (gint64)) != 0)
      || !same_set ((const char *const *) a->roles, (const char *const *) b->roles)
      || !same_set ((const char *const *) a->people, (const char *const *) b->people)
      || !same_set ((const char *const *) a->exclude, (const char *const *) b->exclude))
    return FALSE;
  for (guint i = 0; i < a->levels->len; i++)
    {
      const AirGateLevel *x = air_gate_terms_get_level (a, i), *y = air_gate_terms_get_level (b, i);

      if (x->after_ms != y->after_ms || x->quorum != y->quorum
          || !same_set ((const char *const *) x->roles, (const char *const *) y->roles)
          || !same_set ((const char *const *) x->people, (const char *const *) y->people))
        return FALSE;
    }
  return a->edit == NULL || b->edit == NULL ? a->edit == b->edit : air_value_equal (a->edit, b->edit);
}

/**
 * air_gate_terms_is_within:
 * @a: terms
 * @b: others
 *
 * Returns: whether @a demands at most what @b demands: combining them gives @b
 */
gboolean
air_gate_terms_is_within (const AirGateTerms *a, const AirGateTerms *b)
{
  g_autoptr (AirGateTerms) both = air_gate_terms_combine (a, b);

  return air_gate_terms_equal (both, b);
}

/* --- telling ---------------------------------------------------------------------------------- */

/**
 * air_gate_terms_to_value:
 * @self: terms
 *
 * Returns: (transfer full): what air_gate_terms_new() reads: as it stands in HUMAN_GATE_REQUESTED
 */
AirValue *
air_gate_terms_to_value (const AirGateTerms *self)
{
  static const char *const verdicts[] = { "pass", "ask", "deny" };
  AirValue *value = air_map_new (), *list;

  air_map_set_string (value, "verdict", verdicts[self->demand]);
  if (self->demand != AIR_GATE_ASK)
    return value;
  air_map_set_int (value, "quorum", self->quorum);
  air_map_set (value, "roles", conditions_of ((const char *const *) self->roles));
  air_map_set (value, "exclude", conditions_of ((const char *const *) self->exclude));
  air_map_set_int (value, "deadline_ms", self->deadline_ms);
  air_map_set_string (value, "on_expiry", self->expires ? "expire" : "deny");
  if (self->people != NULL)
    air_map_set (value, "people", conditions_of ((const char *const *) self->people));
  if (self->reminders->len > 0)
    {
      list = air_list_new ();
      for (guint i = 0; i < self->reminders->len; i++)
        air_list_append (list, air_value_new_int (g_array_index (self->reminders, gint64, i)));
      air_map_set (value, "reminders_ms", list);
    }
  if (self->levels->len > 0)
    {
      list = air_list_new ();
      for (guint i = 0; i < self->levels->len; i++)
        {
          const AirGateLevel *level = air_gate_terms_get_level (self, i);
          g_autofree char *role = air_roles_join ((const char *const *) level->roles);
          AirValue *item = air_map_new ();

          air_map_set_int (item, "after_ms", level->after_ms);
          air_map_set_int (item, "quorum", level->quorum);
          air_map_set_string (item, "role", role);
          if (level->people != NULL)
            air_map_set (item, "people", conditions_of ((const char *const *) level->people));
          air_list_append (list, item);
        }
      air_map_set (value, "escalation", list);
    }
  if (self->edit != NULL)
    air_map_set (value, "edit", air_value_ref (self->edit));
  return value;
}

/**
 * air_gate_terms_get_demand:
 * @self: terms
 *
 * Returns: whether they ask at all; what the getters below give counts only when they ask
 */
AirGateDemand
air_gate_terms_get_demand (const AirGateTerms *self)
{
  return self->demand;
}

/**
 * air_gate_terms_get_quorum:
 * @self: terms that ask
 *
 * Returns: how many people must approve, 1 or more
 */
gint64
air_gate_terms_get_quorum (const AirGateTerms *self)
{
  return self->quorum;
}

/**
 * air_gate_terms_dup_role:
 * @self: terms that ask
 *
 * Returns: (transfer full): "approver", or "approver+finance" when who decides must hold both
 */
char *
air_gate_terms_dup_role (const AirGateTerms *self)
{
  return air_roles_join ((const char *const *) self->roles);
}

/**
 * air_gate_terms_get_exclude:
 * @self: terms that ask
 *
 * Returns: (transfer none): who may not decide, as words ("trigger", "author", "requester") and not yet as people
 */
const char *const *
air_gate_terms_get_exclude (const AirGateTerms *self)
{
  return (const char *const *) self->exclude;
}

/**
 * air_gate_terms_get_deadline_ms:
 * @self: terms that ask
 *
 * Returns: milliseconds after the request, above 0
 */
gint64
air_gate_terms_get_deadline_ms (const AirGateTerms *self)
{
  return self->deadline_ms;
}

/**
 * air_gate_terms_get_on_expiry:
 * @self: terms that ask
 *
 * Returns: (transfer none): "deny" or "expire"; static
 */
const char *
air_gate_terms_get_on_expiry (const AirGateTerms *self)
{
  return self->expires ? "expire" : "deny";
}

/**
 * air_gate_terms_get_people:
 * @self: terms that ask
 *
 * Returns: (transfer none) (nullable): URIs of those who may decide, sorted; %NULL for everybody with the role
 */
const char *const *
air_gate_terms_get_people (const AirGateTerms *self)
{
  return (const char *const *) self->people;
}

/**
 * air_gate_terms_get_n_reminders:
 * @self: terms that ask
 *
 * Returns: how many reminders are sent
 */
guint
air_gate_terms_get_n_reminders (const AirGateTerms *self)
{
  return self->reminders->len;
}

/**
 * air_gate_terms_get_reminder_ms:
 * @self: terms that ask
 * @i: below air_gate_terms_get_n_reminders()
 *
 * Returns: milliseconds after the request, in rising order
 */
gint64
air_gate_terms_get_reminder_ms (const AirGateTerms *self, guint i)
{
  return g_array_index (self->reminders, gint64, i);
}

/**
 * air_gate_terms_get_n_levels:
 * @self: terms that ask
 *
 * Returns: how many escalations there are
 */
guint
air_gate_terms_get_n_levels (const AirGateTerms *self)
{
  return self->levels->len;
}

/**
 * air_gate_terms_get_level:
 * @self: terms that ask
 * @i: below air_gate_terms_get_n_levels()
 *
 * Returns: (transfer none): an escalation, by time
 */
const AirGateLevel *
air_gate_terms_get_level (const AirGateTerms *self, guint i)
{
  return &g_array_index (self->levels, AirGateLevel, i);
}

/**
 * air_gate_terms_get_edit:
 * @self: terms that ask
 *
 * Returns: (transfer none) (nullable): map of "node.field.field" to the list of conditions a new value must meet;
 *   %NULL: nothing may be edited
 */
AirValue *
air_gate_terms_get_edit (const AirGateTerms *self)
{
  return self->edit;
}
