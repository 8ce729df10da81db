/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"
#include "engine/air-instance.h"
#include "hosting/air-admission.h"

G_BEGIN_DECLS

/**
 * AirUnknown:
 *
 * What the ledger says of an action whose outcome nobody knows: what a person
 * looks at, and signs over, who says whether it happened.
 */
typedef struct {
  char      *step;          /* "<node>" or "<node>@<iteration>" */
  guint64    index;         /* of the last intent */
  char      *leaf_hash;     /* hex; the subject of a word on it; NULL: nothing was sent */
  char      *action_digest; /* the commitment to the input */
  char      *operation;     /* "id@version" */
  gint64     attempts;
  gint64     time_us;       /* of the last intent */
  AirValue  *input;         /* nullable: erased */
  GPtrArray *nonces;        /* char *: of words that counted before */
} AirUnknown;

AirUnknown   *air_unknown_new     (const char       *step);
void          air_unknown_free    (AirUnknown       *self);
gboolean      air_unknown_take    (AirUnknown       *self,
                                   guint64           index,
                                   GBytes           *leaf,
                                   GPtrArray        *disclosures,
                                   GError          **error);
gboolean      air_unknown_is_sent (const AirUnknown *self);
AirAdmission *air_unknown_judge   (const AirUnknown *self,
                                   const AirInstance *instance,
                                   const char       *envelope,
                                   AirFindVoter      find,
                                   gpointer          user_data,
                                   gint64            now_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirUnknown, air_unknown_free)

G_END_DECLS
