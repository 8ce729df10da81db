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
#define AIR_GLASS_MAX_REASON 1000 /* bytes */
#define AIR_GLASS_CONFIRM_MINUTES 15 /* a request nobody confirms by then is gone */

/**
 * AirGlassState:
 * @AIR_GLASS_REQUESTED: a second person has not confirmed yet
 * @AIR_GLASS_OPEN: the right holds
 * @AIR_GLASS_CLOSED: somebody closed it
 * @AIR_GLASS_EXPIRED: its time is over, or nobody confirmed in time
 */
typedef enum { AIR_GLASS_REQUESTED, AIR_GLASS_OPEN, AIR_GLASS_CLOSED, AIR_GLASS_EXPIRED } AirGlassState;

/**
 * AirGlass:
 * @id: of the request
 * @actor: who gets the right
 * @second: (nullable): who confirmed
 * @reason: why, as entered in the ledger
 * @role: one bit of #AirRole
 * @minutes: how long, at most %AIR_GLASS_MAX_MINUTES
 * @requested_us: microseconds since the Unix epoch
 * @opened_us: microseconds since the Unix epoch; 0: not yet
 * @closed: whether somebody closed it
 *
 * One request; the strings are the holder's, who frees them with air_glass_clear().
 */
typedef struct {
  char   *id;
  char   *actor;
  char   *second;
  char   *reason;
  guint   role;
  guint   minutes;
  gint64  requested_us;
  gint64  opened_us;
  gboolean closed;
} AirGlass;

void          air_glass_clear         (AirGlass        *self);
const char   *air_glass_state_to_string (AirGlassState  state);
AirGlassState air_glass_get_state     (const AirGlass  *self,
                                       gint64           now_us);
gint64        air_glass_get_until     (const AirGlass  *self);

gboolean      air_glass_fold          (AirGlass        *self,
                                       const AirValue  *members,
                                       gint64           time_us);
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
