/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AirProgressFunc:
 * @done: how many so far
 * @all: of how many
 * @user_data: what was handed in
 *
 * Told now and then how far long work is.
 */
typedef void (*AirProgressFunc) (guint64  done,
                                 guint64  all,
                                 gpointer user_data);

G_END_DECLS
