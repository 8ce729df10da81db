/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "runtime/air-trust.h"

G_BEGIN_DECLS

/**
 * AirEnrolments:
 *
 * Whose keys may decide, as the ledger says it: folded from KEY_ENROLLED and KEY_REVOKED, and compared with the trust
 * roots, which say how it should be. A key counts from its entry on; it stops to count when the trust roots take it
 * away, before that is entered.
 */
typedef struct _AirEnrolments AirEnrolments;

/**
 * AirEnrolmentChange:
 * @type: static
 * @members: of an entry to be
 *
 * What the ledger is to say of a key.
 */
typedef struct {
  const char *type;
  AirValue *members;
} AirEnrolmentChange;

AirEnrolments *air_enrolments_new    (void);
void           air_enrolments_free   (AirEnrolments       *self);
void           air_enrolments_fold   (AirEnrolments       *self,
                                      const char          *type,
                                      AirValue            *members,
                                      gint64               time_us);
gint64         air_enrolments_get    (const AirEnrolments *self,
                                      const char          *key_id);
GPtrArray     *air_enrolments_change (AirEnrolments       *self,
                                      const AirTrust      *trust,
                                      gboolean             all);

G_END_DECLS
