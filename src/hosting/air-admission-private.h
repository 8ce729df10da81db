/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"
#include "hosting/air-admission.h"

G_BEGIN_DECLS

AirAdmission *air_admission_new_refused (AirAdmissionKind  kind,
                                         const char       *rule,
                                         const char       *message);
/* Equal for identical envelopes only. */
char         *air_envelope_digest       (const char       *envelope);
char         *air_envelope_dup_nonce    (const char       *envelope);
/* Whether an entry's members speak of the step "<node>", in a loop "<node>@<iteration>". */
gboolean      air_members_name_step     (const AirValue   *members,
                                         const char       *step);

G_END_DECLS
