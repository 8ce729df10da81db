/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-glass-box.h"

#include <string.h>

#include "base/air-clock.h"
#include "runtime/air-api-private.h"

#define MAX_KEPT 256
/* Uses entered a second: loud, but not so that it fills the disk. */
#define MAX_USES_A_SECOND 20

struct _AirGlassBox {
  AirHost *host;
  GPtrArray *glasses; /* AirGlass */
  gint64 uses_since_us;
  guint uses;
};

static void
glass_free (gpointer data)
{
  air_glass_clear (data);
  g_free (data);
}

static AirGlass *
find (AirGlassBox *self, const char *id)
{
  for (guint i = 0; i < self->glasses->len; i++)
    if (strcmp (((AirGlass *) self->glasses->pdata[i])->id, id) == 0)
      return self->glasses->pdata[i];
  return NULL;
}

/* The only way in which something changes: an entry of the ledger, durable now or in an earlier epoch. */
static void
entered_cb (const char *type, const AirValue *members, gint64 time_us, gpointer user_data)
{
  AirGlassBox *self = user_data;
  const char *id = air_map_get_string (members, "glass");
  AirGlass *glass = strcmp (type, AIR_ENTRY_BREAK_GLASS) == 0 && id != NULL ? find (self, id) : NULL;

  if (glass != NULL)
    air_glass_fold (glass, members, time_us);
  if (glass != NULL || id == NULL || strcmp (type, AIR_ENTRY_BREAK_GLASS) != 0)
    return;
  glass = g_new0 (AirGlass, 1);
  if (!air_glass_fold (glass, members, time_us))
    {
      g_free (glass);
      return;
    }
  if (self->glasses->len >= MAX_KEPT)
    g_ptr_array_remove_index (self->glasses, 0);
  g_ptr_array_add (self->glasses, glass);
}

/**
 * air_glass_box_new:
 * @host: whose ledger it writes to; outlives it
 *
 * Returns: (transfer full): a box with the rights that the ledger says there are
 */
AirGlassBox *
air_glass_box_new (AirHost *host)
{
  AirGlassBox *self = g_new0 (AirGlassBox, 1);

  self->host = host;
  self->glasses = g_ptr_array_new_with_free_func (glass_free);
  air_host_watch_system (host, entered_cb, self);
  return self;
}

void
air_glass_box_free (AirGlassBox *self)
{
  if (self == NULL)
    return;
  air_host_watch_system (self->host, NULL, NULL);
  g_ptr_array_unref (self->glasses);
  g_free (self);
}

/**
 * air_glass_box_get_roles:
 * @self: a box
 * @uri: a person
 *
 * Returns: the roles they have by break-glass now, bits of #AirRole
 */
guint
air_glass_box_get_roles (AirGlassBox *self, const char *uri)
{
  AirTrust *trust = air_host_get_trust (self->host);
  const AirPerson *person = trust != NULL ? air_trust_find_uri (trust, uri) : NULL;
  gint64 now = g_get_real_time ();
  guint roles = 0;

  /* The trust roots may have changed since: who audits does not act. */
  if (person != NULL && (person->mask & AIR_ROLE_AUDITOR) != 0)
    return 0;
  for (guint i = 0; i < self->glasses->len; i++)
    {
      const AirGlass *glass = self->glasses->pdata[i];

      if (strcmp (glass->actor, uri) == 0 && air_glass_get_state (glass, now) == AIR_GLASS_OPEN)
        roles |= glass->role;
    }
  return roles;
}

/**
 * air_glass_box_count_open:
 * @self: a box
 *
 * Returns: how many rights are open now
 */
guint
air_glass_box_count_open (AirGlassBox *self)
{
  gint64 now = g_get_real_time ();
  guint n = 0;

  for (guint i = 0; i < self->glasses->len; i++)
    n += air_glass_get_state (self->glasses->pdata[i], now) == AIR_GLASS_OPEN;
  return n;
}

static AirValue *
describe (const AirGlass *glass, gint64 now)
{
  AirValue *item = air_map_new ();

  air_map_set_string (item, "id", glass->id);
  air_map_set_string (item, "state", air_glass_state_to_string (air_glass_get_state (glass, now)));
  air_map_set_string (item, "role", air_role_to_string (glass->role));
  air_map_set_string (item, "actor", glass->actor);
  air_map_set_nullable (item, "second", glass->second);
  air_map_set_string (item, "reason", glass->reason);
  air_map_set_int (item, "minutes", glass->minutes);
  air_map_set_time (item, "until", air_glass_get_until (glass));
  return item;
}

/**
 * air_glass_box_describe:
 * @self: a box
 * @all: those that are over too
 *
 * Returns: (transfer full): list of {id, role, actor, second, reason, state, until}
 */
AirValue *
air_glass_box_describe (AirGlassBox *self, gboolean all)
{
  gint64 now = g_get_real_time ();
  AirValue *list = air_list_new ();

  for (guint i = 0; i < self->glasses->len; i++)
    if (all || air_glass_get_state (self->glasses->pdata[i], now) <= AIR_GLASS_OPEN)
      air_list_append (list, describe (self->glasses->pdata[i], now));
  return list;
}

/* --- entries ---------------------------------------------------------------------------------- */

typedef struct {
  AirGlassBox *box;
  char *id;
  const char *state;
  char *actor;
  AirGlassDone done;
  gpointer user_data;
} Step;

static gboolean
has_come_to (const AirGlass *glass, const char *state)
{
  if (glass == NULL)
    return FALSE;
  return strcmp (state, "open") == 0 ? glass->opened_us != 0 : strcmp (state, "closed") != 0 || glass->closed;
}

/* What is durable was folded in before this is called; what is not did not happen. */
static void
logged_cb (const GError *failure, gpointer user_data)
{
  g_autofree Step *step = user_data;
  g_autofree char *id = step->id, *actor = step->actor;
  const AirGlass *glass = find (step->box, id);
  g_autoptr (AirValue) item = NULL;
  AirProblem *problem;

  if (failure != NULL || !has_come_to (glass, step->state))
    {
      problem = air_problem_new (503, "not-stored", "send it again a little later",
                                 "the ledger cannot be written now, so nothing was done");
      problem->retry_after_s = 2;
      step->done (NULL, problem, step->user_data);
      return;
    }
  g_warning ("break-glass: %s as %s is %s, by %s: %s", glass->actor, air_role_to_string (glass->role), step->state,
             actor, glass->reason);
  item = describe (glass, g_get_real_time ());
  air_host_tell (step->box->host, "break-glass", item);
  step->done (item, NULL, step->user_data);
}

static AirValue *
members_of (const AirGlass *glass, const char *state, const char *actor)
{
  AirValue *members = air_map_new ();

  air_map_set_string (members, "glass", glass->id);
  air_map_set_string (members, "state", state);
  air_map_set_string (members, "actor", actor);
  air_map_set_string (members, "holder", glass->actor);
  air_map_set_string (members, "role", air_role_to_string (glass->role));
  air_map_set_int (members, "minutes", glass->minutes);
  air_map_set_string (members, "reason", glass->reason);
  return members;
}

static void
enter (AirGlassBox *self, const AirGlass *glass, const char *state, const char *actor, AirGlassDone done, gpointer data)
{
  Step *step = g_new0 (Step, 1);

  *step = (Step) { self, g_strdup (glass->id), state, g_strdup (actor), done, data };
  air_host_log_system (self->host, AIR_ENTRY_BREAK_GLASS, members_of (glass, state, actor), logged_cb, step);
}

/**
 * air_glass_box_note_use:
 * @self: a box
 * @uri: who used it
 * @what: the route
 *
 * Enters that a right was used; a bounded number a second.
 */
void
air_glass_box_note_use (AirGlassBox *self, const char *uri, const char *what)
{
  gint64 now = g_get_monotonic_time ();
  AirValue *members = air_map_new ();

  if (now - self->uses_since_us > G_USEC_PER_SEC)
    {
      self->uses_since_us = now;
      self->uses = 0;
    }
  if (self->uses++ >= MAX_USES_A_SECOND)
    {
      air_value_unref (members);
      return;
    }
  air_map_set_string (members, "state", "used");
  air_map_set_string (members, "actor", uri);
  air_map_set_string (members, "what", what);
  air_host_log_system (self->host, AIR_ENTRY_BREAK_GLASS, members, NULL, NULL);
}

/* --- what people ask ---------------------------------------------------------------------------- */

static void
refuse (AirGlassBox *self,
        const char *actor,
        guint status,
        const char *rule,
        char *take_reason,
        AirGlassDone done,
        gpointer user_data)
{
  g_autofree char *reason = take_reason;
  AirProblem *problem = air_problem_new (status, "glass-refused", NULL, "%s", reason);

  air_problem_set_rule (problem, rule);
  air_host_log_refusal (self->host, actor, "break-glass", rule, reason, NULL, NULL);
  done (NULL, problem, user_data);
}

/**
 * air_glass_box_request:
 * @self: a box
 * @actor: who wants it
 * @roles: what they hold already
 * @role: what they want
 * @minutes: for how long
 * @reason: why
 * @done: called when it is durable or refused
 * @user_data: for @done
 */
void
air_glass_box_request (AirGlassBox *self,
                       const char *actor,
                       guint roles,
                       const char *role,
                       gint64 minutes,
                       const char *reason,
                       AirGlassDone done,
                       gpointer user_data)
{
  g_autofree char *id = NULL;
  const char *rule;
  char *words;
  AirGlass glass;

  if (!air_glass_may_request (roles, role, minutes, reason, &rule, &words))
    {
      refuse (self, actor, 422, rule, words, done, user_data);
      return;
    }
  if (self->glasses->len >= MAX_KEPT
      && air_glass_get_state (self->glasses->pdata[0], g_get_real_time ()) <= AIR_GLASS_OPEN)
    {
      refuse (self, actor, 429, "glass.too-many", g_strdup ("too many requests wait"), done, user_data);
      return;
    }
  id = air_id_new (g_get_real_time (), air_random_system ());
  glass = (AirGlass) {
    .id = id,
    .actor = (char *) actor,
    .reason = (char *) reason,
    .role = air_role_from_string (role),
    .minutes = minutes,
  };
  enter (self, &glass, "requested", actor, done, user_data);
}

static AirGlass *
find_or_refuse (AirGlassBox *self, const char *id, AirGlassDone done, gpointer user_data)
{
  AirGlass *glass = find (self, id);

  if (glass == NULL)
    done (NULL, air_problem_new (404, "no-such-glass", "see GET /v1/break-glass", "nobody asked for \"%s\"", id),
          user_data);
  return glass;
}

/**
 * air_glass_box_confirm:
 * @self: a box
 * @actor: the second person
 * @id: of the request
 * @done: called when it is durable or refused
 * @user_data: for @done
 */
void
air_glass_box_confirm (AirGlassBox *self, const char *actor, const char *id, AirGlassDone done, gpointer user_data)
{
  const AirGlass *glass = find_or_refuse (self, id, done, user_data);
  const char *rule;
  char *words;

  if (glass == NULL)
    return;
  if (!air_glass_may_confirm (glass, actor, g_get_real_time (), &rule, &words))
    refuse (self, actor, 409, rule, words, done, user_data);
  else
    enter (self, glass, "open", actor, done, user_data);
}

/**
 * air_glass_box_close:
 * @self: a box
 * @actor: who ends it: whoever has it or confirmed it, and every admin
 * @roles: what they hold
 * @id: of the request
 * @done: called when it is durable or refused
 * @user_data: for @done
 */
void
air_glass_box_close (AirGlassBox *self,
                     const char *actor,
                     guint roles,
                     const char *id,
                     AirGlassDone done,
                     gpointer user_data)
{
  const AirGlass *glass = find_or_refuse (self, id, done, user_data);

  if (glass == NULL)
    return;
  if (strcmp (glass->actor, actor) != 0 && g_strcmp0 (glass->second, actor) != 0 && (roles & AIR_ROLE_ADMIN) == 0)
    refuse (self, actor, 403, "glass.not-yours", g_strdup ("it is neither yours nor did you confirm it"), done,
            user_data);
  else if (air_glass_get_state (glass, g_get_real_time ()) > AIR_GLASS_OPEN)
    refuse (self, actor, 409, "glass.over", g_strdup ("it is over already"), done, user_data);
  else
    enter (self, glass, "closed", actor, done, user_data);
}
