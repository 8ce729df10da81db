/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client/air-client.h"

G_BEGIN_DECLS

/* Whom the demo's working parts tell how it goes. */
typedef struct {
  void (*changed) (gpointer user_data);
  void (*failed)  (const GError *error,
                   gpointer      user_data);
  gpointer user_data;
} DemoListener;

/* Errors that come of the runtime being killed, restarted or busy: whoever meets one tries again. */
static inline gboolean
demo_error_is_passing (const GError *error)
{
  return g_error_matches (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNREACHABLE)
         || g_error_matches (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_BUSY);
}

G_END_DECLS
