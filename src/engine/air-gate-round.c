/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking people: by which terms, whom else after some time, and how often to remind them. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-instance-private.h"
#include "policy/air-gate-terms.h"

void
air_gate_begin (AirInstance *self, guint node, const AirRecord *record, AirGateTerms *take_terms)
{
  AirStep *step = air_instance_step (self, node);
  AirGate *gate = g_new0 (AirGate, 1);
  AirValue *why = air_member (record->disclosed, "why");

  g_clear_pointer (&step->gate, air_gate_free);
  step->gate = gate;
  gate->terms = take_terms;
  gate->quorum = air_gate_terms_get_quorum (take_terms);
  if (gate->quorum > 0)
    gate->role = air_gate_terms_dup_role (take_terms);
  gate->policy = g_strdup (air_map_get_string (record->members, "policy"));
  gate->why = why != NULL ? air_value_ref (why) : NULL;
  gate->decisions = air_list_new ();
  gate->approvers = air_list_new ();
}

/* --- levels ------------------------------------------------------------------------------------- */

static gboolean
level_reached (const AirValue *level, gint64 at_us)
{
  const char *at = air_map_get_string (level, "at");
  gint64 from_us;

  return at != NULL && air_time_parse (at, &from_us) && from_us <= at_us;
}

guint
air_gate_quorum_at (const AirGate *gate, gint64 at_us)
{
  guint quorum = gate->quorum;

  for (gsize i = 0; gate->escalation != NULL && i < air_list_get_size (gate->escalation); i++)
    if (level_reached (air_list_get (gate->escalation, i), at_us))
      quorum = air_map_get_int (air_list_get (gate->escalation, i), "quorum", quorum);
  return quorum;
}

gboolean
air_gate_edit_passes (const AirGate *gate, guint quorum)
{
  return quorum <= 1 && gate->edited_by == NULL;
}

gboolean
air_gate_takes_role (const AirGate *gate, const char *actor, const char *role, gint64 at_us)
{
  if (gate->role == NULL
      || (g_str_equal (gate->role, role) && (gate->people == NULL || air_list_holds (gate->people, actor))))
    return TRUE;
  for (gsize i = 0; gate->escalation != NULL && i < air_list_get_size (gate->escalation); i++)
    {
      const AirValue *level = air_list_get (gate->escalation, i), *people = air_map_get_list (level, "people");

      if (level_reached (level, at_us) && g_strcmp0 (air_map_get_string (level, "role"), role) == 0
          && (people == NULL || air_list_holds (people, actor)))
        return TRUE;
    }
  return FALSE;
}

/* --- the request ---------------------------------------------------------------------------------- */

static AirValue *
list_of (const char *const *texts)
{
  AirValue *list = air_list_new ();

  for (; *texts != NULL; texts++)
    air_list_append (list, air_value_new_string (*texts));
  return list;
}

static void
set_time (AirValue *map, const char *key, gint64 time_us)
{
  g_autofree char *text = air_time_format (time_us);

  air_map_set_string (map, key, text);
}

void
air_gate_write_terms (const AirGate *gate, gboolean editable, AirValue *members, gint64 now_us)
{
  const AirGateTerms *terms = gate->terms;
  AirValue *list;

  if (air_gate_terms_get_people (terms) != NULL)
    air_map_set (members, "people", list_of (air_gate_terms_get_people (terms)));
  if (air_gate_terms_get_n_levels (terms) > 0)
    {
      list = air_list_new ();
      for (guint i = 0; i < air_gate_terms_get_n_levels (terms); i++)
        {
          const AirGateLevel *level = air_gate_terms_get_level (terms, i);
          g_autofree char *role = air_roles_join ((const char *const *) level->roles);
          AirValue *item = air_map_new ();

          set_time (item, "at", now_us + level->after_ms * 1000);
          /* Who changed the action and asks others to approve it counts here too. */
          air_map_set_int (item, "quorum", gate->edited_by != NULL ? MAX (level->quorum - 1, 1) : level->quorum);
          air_map_set_string (item, "role", role);
          if (level->people != NULL)
            air_map_set (item, "people", list_of ((const char *const *) level->people));
          air_list_append (list, item);
        }
      air_map_set (members, "escalation", list);
    }
  if (air_gate_terms_get_n_reminders (terms) > 0)
    {
      list = air_list_new ();
      for (guint i = 0; i < air_gate_terms_get_n_reminders (terms); i++)
        {
          g_autofree char *text = air_time_format (now_us + air_gate_terms_get_reminder_ms (terms, i) * 1000);

          air_list_append (list, air_value_new_string (text));
        }
      air_map_set (members, "reminders", list);
    }
  if (editable && air_gate_terms_get_edit (terms) != NULL)
    air_map_set (members, "edit", air_value_ref (air_gate_terms_get_edit (terms)));
  if (gate->edited_by != NULL)
    air_map_set_string (members, "edited_by", gate->edited_by);
}

static void
keep (AirValue **slot, AirValue *value)
{
  g_clear_pointer (slot, air_value_unref);
  *slot = value != NULL ? air_value_ref (value) : NULL;
}

void
air_gate_read_terms (AirGate *gate, const AirValue *members)
{
  keep (&gate->people, air_map_get_list (members, "people"));
  keep (&gate->escalation, air_map_get_list (members, "escalation"));
  keep (&gate->reminders, air_map_get_list (members, "reminders"));
  keep (&gate->edit, air_map_get_map (members, "edit"));
  gate->reminded = gate->escalated = 0;
}

/* --- timers --------------------------------------------------------------------------------------- */

gint64
air_gate_next_due (const AirGate *gate, const char *timer)
{
  gboolean reminder = g_str_equal (timer, "reminder");
  const AirValue *list = reminder ? gate->reminders : gate->escalation, *item;
  guint next = reminder ? gate->reminded : gate->escalated;
  const char *text;
  gint64 due_us;

  if (list == NULL || next >= air_list_get_size (list))
    return 0;
  item = air_list_get (list, next);
  text = reminder ? air_value_get_string (item, NULL) : air_map_get_string (item, "at");
  return text != NULL && air_time_parse (text, &due_us) ? due_us : 0;
}

/* --- who may not ------------------------------------------------------------------------------------ */

static void
append_unique (AirValue *list, const char *text)
{
  if (text != NULL && !air_list_holds (list, text))
    air_list_append (list, air_value_new_string (text));
}

/* A data subject who is nobody here, since people here are URIs: no decision could be theirs, and what a leaf says of
 * them could never be erased. */
static gboolean
is_outsider (const AirInstance *self)
{
  return self->subject != NULL && g_strcmp0 (self->subject, self->requester) == 0
         && strstr (self->subject, "://") == NULL;
}

AirValue *
air_gate_list_excluded (AirInstance *self, const AirGate *gate)
{
  const char *const *words = air_gate_terms_get_exclude (gate->terms);
  AirValue *exclude = air_list_new ();

  for (; *words != NULL; words++)
    {
      const AirValue *several = g_str_equal (*words, "author")     ? self->plan->authors
                                : g_str_equal (*words, "operator") ? self->operators
                                : g_str_equal (*words, "trigger")  ? self->triggered_by
                                                                   : NULL;

      if (g_str_equal (*words, "trigger"))
        append_unique (exclude, self->actor);
      else if (g_str_equal (*words, "requester") && !is_outsider (self))
        append_unique (exclude, self->requester);
      for (gsize i = 0; several != NULL && i < air_list_get_size (several); i++)
        append_unique (exclude, air_value_get_string (air_list_get (several, i), NULL));
    }
  append_unique (exclude, gate->edited_by);
  return exclude;
}
