/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-wire"

#include "config.h"

#include "wire/air-members.h"

#include <string.h>

static const char *const words[] = {
  [AIR_MEMBER_TEXT] = "\"text\"",
  [AIR_MEMBER_WHOLE] = "number",
  [AIR_MEMBER_OBJECT] = "{…}",
  [AIR_MEMBER_ANY] = "…",
};

static const char *const kinds[] = {
  [AIR_MEMBER_TEXT] = "a text of at least one character, none of them U+0000",
  [AIR_MEMBER_WHOLE] = "a whole number",
  [AIR_MEMBER_OBJECT] = "an object",
};

static gboolean
fits (const AirMember *member, const AirValue *value)
{
  const char *text;
  gsize length;

  switch (member->kind)
    {
    case AIR_MEMBER_TEXT:
      if (air_value_get_kind (value) != AIR_VALUE_STRING)
        return FALSE;
      text = air_value_get_string (value, &length);
      return length > 0 && strlen (text) == length;
    case AIR_MEMBER_WHOLE:
      return air_value_get_kind (value) == AIR_VALUE_INT;
    case AIR_MEMBER_OBJECT:
      return air_value_get_kind (value) == AIR_VALUE_MAP;
    case AIR_MEMBER_ANY:
      return TRUE;
    default:
      g_assert_not_reached ();
    }
}

static const AirMember *
find (const AirMember *members, const AirValue *key)
{
  gsize length;
  const char *name = air_value_get_string (key, &length);

  /* "reason\0more" is not "reason". */
  for (; members->name != NULL && strlen (name) == length; members++)
    if (strcmp (members->name, name) == 0)
      return members;
  return NULL;
}

/* send {"action": "text", "node"?: "text"} */
static char *
what_to_send (const AirMember *members)
{
  GString *text = g_string_new ("send {");

  for (const AirMember *member = members; member->name != NULL; member++)
    g_string_append_printf (text, "%s\"%s\"%s: %s", member == members ? "" : ", ", member->name,
                            member->required ? "" : "?", words[member->kind]);
  return g_string_free (g_string_append_c (text, '}'), FALSE);
}

AirProblem *
air_members_check (const AirMember *members, const AirValue *body)
{
  g_autofree char *mend = what_to_send (members);

  if (air_value_get_kind (body) != AIR_VALUE_MAP)
    return air_problem_new (422, "bad-body", mend, "the body is no object");
  for (gsize i = 0; i < air_map_get_size (body); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (body, i), NULL);
      const AirMember *member = find (members, air_map_get_key_at (body, i));

      if (member == NULL)
        return air_problem_new (422, "bad-body", mend, "the body has a member \"%s\" that nobody knows here", name);
      if (!fits (member, air_map_get_value_at (body, i)))
        return air_problem_new (422, "bad-body", mend, "\"%s\" is not %s", name, kinds[member->kind]);
    }
  for (const AirMember *member = members; member->name != NULL; member++)
    if (member->required && air_map_get (body, member->name) == NULL)
      return air_problem_new (422, "bad-body", mend, "\"%s\" is missing", member->name);
  return NULL;
}
