/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "runtime/air-store.h"

G_BEGIN_DECLS

/* Compares every complete tile that is stored with the entries it sums up; for each that differs or is
 * missing @fault is called with words. Fails only when the store cannot be read. */
gboolean air_cli_check_tiles (AirStore  *store,
                              guint64    size,
                              void     (*fault) (const char *words,
                                                 gpointer    user_data),
                              gpointer   user_data,
                              GError   **error);

G_END_DECLS
