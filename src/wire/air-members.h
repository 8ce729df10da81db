/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"
#include "wire/air-problem.h"

G_BEGIN_DECLS

/**
 * AirMemberKind:
 * @AIR_MEMBER_TEXT: a JSON string that is not empty and holds no U+0000
 * @AIR_MEMBER_WHOLE: a whole number
 * @AIR_MEMBER_OBJECT: a JSON object
 * @AIR_MEMBER_ANY: whatever JSON there is
 */
typedef enum {
  AIR_MEMBER_TEXT,
  AIR_MEMBER_WHOLE,
  AIR_MEMBER_OBJECT,
  AIR_MEMBER_ANY,
} AirMemberKind;

/**
 * AirMember:
 *
 * One member of the object that a route takes as its body. A table of them
 * ends with a NULL name.
 */
typedef struct {
  const char   *name;
  AirMemberKind kind;
  gboolean      required;
} AirMember;

/**
 * air_members_check:
 * @members: what the route knows
 * @body: what was sent
 *
 * Nothing is overlooked: a member that nobody knows is a mistake of the
 * sender's, and half of a request done is worse than none.
 *
 * Returns: (transfer full) (nullable): a 422 that names the member and says
 *   what to send, or %NULL when all is well
 */
AirProblem *air_members_check (const AirMember *members,
                               const AirValue  *body);

G_END_DECLS
