/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

#define PAYMENTS_FORM_ERROR (payments_form_error_quark ())
typedef enum {
  PAYMENTS_FORM_ERROR_ENCODING,  /* broken percent-encoding or UTF-8 */
  PAYMENTS_FORM_ERROR_STRUCTURE, /* a repeated or contradictory key, broken brackets */
} PaymentsFormError;
GQuark    payments_form_error_quark (void);

AirValue *payments_form_parse       (const char  *text,
                                     gsize        length,
                                     GError     **error);

G_END_DECLS
