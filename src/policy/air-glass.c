/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-policy"

#include "config.h"

#include "policy/air-glass.h"

#include <string.h>

#define MINUTE_US (G_GINT64_CONSTANT (60) * G_USEC_PER_SEC)

/* What may be had in an emergency. Approving is not among it, and who checks does not act. */
#define OBTAINABLE (AIR_ROLE_OPERATOR | AIR_ROLE_ADMIN)

void
air_glass_clear (AirGlass *self)
{
  g_free (self->id);
  g_free (self->actor);
  g_free (self->second);
  g_free (self->reason);
  *self = (AirGlass) { 0 };
}

/**
 * air_glass_state_to_string:
 * @state: a state
 *
 * Returns: (transfer none): "requested", "open", "closed" or "expired"; static
 */
const char *
air_glass_state_to_string (AirGlassState state)
{
  static const char *const names[] = { "requested", "open", "closed", "expired" };

  g_return_val_if_fail ((guint) state < G_N_ELEMENTS (names), NULL);

  return names[state];
}

/**
 * air_glass_get_until:
 * @self: a request
 *
 * Returns: microseconds since the Unix epoch when the right ends, or the request where nobody has confirmed it
 */
gint64
air_glass_get_until (const AirGlass *self)
{
  return self->opened_us != 0 ? self->opened_us + self->minutes * MINUTE_US
                              : self->requested_us + AIR_GLASS_CONFIRM_MINUTES * MINUTE_US;
}

/**
 * air_glass_get_state:
 * @self: a request
 * @now_us: microseconds since the Unix epoch
 *
 * Returns: where it stands at that time
 */
AirGlassState
air_glass_get_state (const AirGlass *self, gint64 now_us)
{
  if (self->closed)
    return AIR_GLASS_CLOSED;
  if (now_us >= air_glass_get_until (self))
    return AIR_GLASS_EXPIRED;
  return self->opened_us != 0 ? AIR_GLASS_OPEN : AIR_GLASS_REQUESTED;
}

/**
 * air_glass_fold:
 * @self: a request; all zeros before its first entry, which asks
 * @members: of a BREAK_GLASS entry
 * @time_us: its time, in microseconds
 *
 * Folds an entry in. One that opens what nobody asked for, what the asker confirms, or what was asked for too long ago
 * opens nothing.
 *
 * Returns: %FALSE when the entry is of another request, or changes nothing
 */
gboolean
air_glass_fold (AirGlass *self, const AirValue *members, gint64 time_us)
{
  const char *id = air_map_get_string (members, "glass"), *state = air_map_get_string (members, "state");
  const char *actor = air_map_get_string (members, "actor"), *holder = air_map_get_string (members, "holder");
  guint role = air_role_from_string (air_map_get_string (members, "role"));
  gint64 minutes = air_map_get_int (members, "minutes", 0);

  if (id == NULL || state == NULL || actor == NULL || (self->id != NULL && strcmp (self->id, id) != 0))
    return FALSE;
  if (self->id == NULL)
    {
      if (strcmp (state, "requested") != 0 || holder == NULL || (role & OBTAINABLE) == 0 || minutes < 1
          || minutes > AIR_GLASS_MAX_MINUTES)
        return FALSE;
      *self = (AirGlass) { .id = g_strdup (id),
                           .actor = g_strdup (holder),
                           .reason = g_strdup (air_map_get_string (members, "reason")),
                           .role = role,
                           .minutes = minutes,
                           .requested_us = time_us };
      return TRUE;
    }
  /* As it was asked for, by somebody else, in time: an entry that says otherwise opens nothing. */
  if (strcmp (state, "open") == 0 && air_glass_get_state (self, time_us) == AIR_GLASS_REQUESTED
      && strcmp (self->actor, actor) != 0)
    {
      self->opened_us = time_us;
      self->second = g_strdup (actor);
      return TRUE;
    }
  if (strcmp (state, "closed") == 0)
    self->closed = TRUE;
  return self->closed;
}

static gboolean
refuse (const char *rule, char *take_reason, const char **ret_rule, char **ret_reason)
{
  *ret_rule = rule;
  *ret_reason = take_reason;
  return FALSE;
}

/**
 * air_glass_may_request:
 * @roles: what the actor holds already, bits of #AirRole
 * @role: what they ask for, by name
 * @minutes: for how long
 * @reason: (nullable): why
 * @ret_rule: (out) (transfer none): the rule's id, "glass.…", when not; static
 * @ret_reason: (out) (transfer full): why not, in words
 *
 * Returns: whether they may ask; a second person must then confirm
 */
gboolean
air_glass_may_request (guint roles,
                       const char *role,
                       gint64 minutes,
                       const char *reason,
                       const char **ret_rule,
                       char **ret_reason)
{
  guint bit = air_role_from_string (role);
  g_autofree char *words = NULL;

  if ((bit & OBTAINABLE) == 0)
    return refuse (
        "glass.role",
        g_strdup_printf ("\"%s\" is not to be had by break-glass; ask for operator or admin", role != NULL ? role : ""),
        ret_rule, ret_reason);
  if ((roles & bit) != 0)
    return refuse ("glass.held", g_strdup_printf ("you are %s already", role), ret_rule, ret_reason);
  if ((roles & AIR_ROLE_AUDITOR) != 0)
    return refuse ("glass.separation", g_strdup ("who audits does not act, not even in an emergency"), ret_rule,
                   ret_reason);
  if (minutes < 1 || minutes > AIR_GLASS_MAX_MINUTES)
    return refuse ("glass.minutes", g_strdup_printf ("ask for 1 to %d minutes", AIR_GLASS_MAX_MINUTES), ret_rule,
                   ret_reason);
  words = g_strstrip (g_strdup (reason != NULL ? reason : ""));
  for (const char *p = words; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_iscntrl (g_utf8_get_char (p)))
      return refuse ("glass.reason", g_strdup ("say why in one line, without control characters"), ret_rule,
                     ret_reason);
  if (strlen (words) < 10 || strlen (words) > AIR_GLASS_MAX_REASON)
    return refuse ("glass.reason",
                   g_strdup_printf ("say why, in 10 to %d letters; it is entered in the ledger", AIR_GLASS_MAX_REASON),
                   ret_rule, ret_reason);
  return TRUE;
}

/**
 * air_glass_may_confirm:
 * @self: a request
 * @actor: who would confirm it
 * @now_us: microseconds since the Unix epoch
 * @ret_rule: (out) (transfer none): the rule's id, "glass.…", when not; static
 * @ret_reason: (out) (transfer full): why not, in words
 *
 * Returns: whether they may; nobody confirms their own request
 */
gboolean
air_glass_may_confirm (const AirGlass *self, const char *actor, gint64 now_us, const char **ret_rule, char **ret_reason)
{
  AirGlassState state = air_glass_get_state (self, now_us);

  if (state != AIR_GLASS_REQUESTED)
    return refuse ("glass.not-waiting",
                   g_strdup_printf ("the request is %s; ask anew", air_glass_state_to_string (state)), ret_rule,
                   ret_reason);
  if (strcmp (self->actor, actor) == 0)
    return refuse ("glass.same-person", g_strdup ("it takes a second person: nobody confirms their own request"),
                   ret_rule, ret_reason);
  return TRUE;
}
