/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"
#include "policy/air-permission.h"

G_BEGIN_DECLS

/*
 * Break-glass: rights for an emergency, for a short time, by two people. The
 * rules, without clock or store. It opens routes, never gates: a gate's role
 * is not to be had this way, and who holds rights by break-glass decides on
 * nothing meanwhile.
 */

#define AIR_GLASS_MAX_MINUTES    60
#define AIR_GLASS_CONFIRM_MINUTES 15 /* a request nobody confirms by then is gone */

typedef enum { AIR_GLASS_REQUESTED, AIR_GLASS_OPEN, AIR_GLASS_CLOSED, AIR_GLASS_EXPIRED } AirGlassState;

/* One request; the strings are the holder's. */
typedef struct {
  char   *id;
  char   *actor;       /* who gets the right */
  char   *second;      /* who confirmed; nullable */
  char   *reason;
  guint   role;        /* one bit of AirRole */
  guint   minutes;
  gint64  requested_us;
  gint64  opened_us;   /* 0: not yet */
  gboolean closed;
} AirGlass;

void          air_glass_clear         (AirGlass        *self);
const char   *air_glass_state_to_string (AirGlassState  state);  /* "requested" … */
AirGlassState air_glass_get_state     (const AirGlass  *self,
                                       gint64           now_us);
gint64        air_glass_get_until     (const AirGlass  *self);   /* of the request, or of the right */

/* Folds a BREAK_GLASS entry in: its members, and its time. @self is all zeros before the first, which asks. FALSE
 * when the entry is of another request, or says nothing of its state. */
gboolean      air_glass_fold          (AirGlass        *self,
                                       const AirValue  *members,
                                       gint64           time_us);

/* FALSE with a rule's id ("glass.…") and words. @roles: what the actor holds already. */
gboolean      air_glass_may_request   (guint            roles,
                                       const char      *role,
                                       gint64           minutes,
                                       const char      *reason,
                                       const char     **ret_rule,
                                       char           **ret_reason);
gboolean      air_glass_may_confirm   (const AirGlass  *self,
                                       const char      *actor,
                                       gint64           now_us,
                                       const char     **ret_rule,
                                       char           **ret_reason);

G_END_DECLS
