/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

/**
 * AirProblem:
 *
 * A refusal as the wire carries it (RFC 9457, application/problem+json):
 * what kind, what happened here, and how to mend it.
 */
typedef struct {
  guint  status;
  char  *type;   /* "about:blank" or "airails:problem/<slug>" */
  char  *title;
  char  *detail;
  char  *mend;   /* nullable */
  char  *rule;   /* nullable: the rule that refused */
  guint  retry_after_s;
} AirProblem;

#define AIR_PROBLEM_CONTENT_TYPE "application/problem+json"

AirProblem *air_problem_new       (guint             status,
                                   const char       *slug,
                                   const char       *mend,
                                   const char       *format,
                                   ...) G_GNUC_PRINTF (4, 5);
AirProblem *air_problem_new_error (guint             status,
                                   const char       *slug,
                                   const GError     *error);
void        air_problem_set_rule  (AirProblem       *self,
                                   const char       *rule);
AirValue   *air_problem_to_value  (const AirProblem *self);
AirProblem *air_problem_parse     (guint             status,
                                   const char       *text,
                                   gsize             length);
char       *air_problem_to_text   (const AirProblem *self);
void        air_problem_free      (AirProblem       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirProblem, air_problem_free)

G_END_DECLS
