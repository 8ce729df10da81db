/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

/**
 * AirGateTerms:
 *
 * What a gate demands before it lets pass. Terms form a join semilattice under
 * air_gate_terms_combine(), ordered by how much they demand: nothing at all
 * ("pass") is the least, "deny" the greatest. So when several policies guard
 * one node, the most restrictive wins, in whatever order they are asked:
 *
 * | member      | combined                                                        |
 * |-------------|-----------------------------------------------------------------|
 * | verdict     | the greatest of pass < ask < deny; the others count when asking |
 * | quorum      | the highest                                                     |
 * | roles       | the union: who decides holds all of them                        |
 * | people      | the intersection: only who stands on each list                  |
 * | exclude     | the union                                                       |
 * | deadline_ms | the earliest                                                    |
 * | on_expiry   | deny before expire                                              |
 * | reminders   | the union                                                       |
 * | escalation  | level by level, as many as both have: the later time, the       |
 * |             | highest quorum, union of roles, intersection of people          |
 * | edit        | the fields both allow, under the conditions of both             |
 *
 * Immutable and reference counted.
 */
typedef struct _AirGateTerms AirGateTerms;

/**
 * AirGateDemand:
 * @AIR_GATE_PASS: nobody is asked
 * @AIR_GATE_ASK: people decide
 * @AIR_GATE_DENY: nobody can let it pass
 */
typedef enum { AIR_GATE_PASS, AIR_GATE_ASK, AIR_GATE_DENY } AirGateDemand;

/**
 * AirGateLevel:
 * @after_ms: milliseconds after the request from which on it holds
 * @quorum: how many approvals let pass then
 * @roles: sorted; who decides from then on holds all of them
 * @people: (nullable): sorted; %NULL: everybody with the roles
 *
 * One step of an escalation.
 */
typedef struct {
  gint64 after_ms;
  gint64 quorum;
  GStrv roles;
  GStrv people;
} AirGateLevel;

AirGateTerms       *air_gate_terms_new_pass    (void);
AirGateTerms       *air_gate_terms_new_deny    (void);
AirGateTerms       *air_gate_terms_new         (const AirValue     *gate,
                                                gint64              quorum,
                                                const char         *role,
                                                GError            **error);
AirGateTerms       *air_gate_terms_ref         (AirGateTerms       *self);
void                air_gate_terms_unref       (AirGateTerms       *self);

AirGateTerms       *air_gate_terms_combine     (const AirGateTerms *a,
                                                const AirGateTerms *b);
gboolean            air_gate_terms_is_within   (const AirGateTerms *a,
                                                const AirGateTerms *b);
gboolean            air_gate_terms_equal       (const AirGateTerms *a,
                                                const AirGateTerms *b);
AirValue           *air_gate_terms_to_value    (const AirGateTerms *self);

AirGateDemand       air_gate_terms_get_demand  (const AirGateTerms *self);
gint64              air_gate_terms_get_quorum  (const AirGateTerms *self);
char               *air_gate_terms_dup_role    (const AirGateTerms *self);
const char * const *air_gate_terms_get_exclude (const AirGateTerms *self);
gint64              air_gate_terms_get_deadline_ms (const AirGateTerms *self);
const char         *air_gate_terms_get_on_expiry (const AirGateTerms *self);
const char * const *air_gate_terms_get_people  (const AirGateTerms *self);
guint               air_gate_terms_get_n_reminders (const AirGateTerms *self);
gint64              air_gate_terms_get_reminder_ms (const AirGateTerms *self,
                                                    guint               i);
guint               air_gate_terms_get_n_levels (const AirGateTerms *self);
const AirGateLevel *air_gate_terms_get_level   (const AirGateTerms *self,
                                                guint               i);
AirValue           *air_gate_terms_get_edit    (const AirGateTerms *self);

char               *air_roles_join             (const char * const *roles);
gboolean            air_roles_hold             (const char * const *held,
                                                const char         *role);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirGateTerms, air_gate_terms_unref)

G_END_DECLS
