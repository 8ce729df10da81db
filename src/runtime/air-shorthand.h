/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The first byte of what is in shorthand: no JSON begins with it. */
#define AIR_SHORTHAND 0x01

void    air_shorthand_write (GByteArray  *shorthand,
                             const void  *text,
                             gsize        length);
GBytes *air_shorthand_read  (const void  *shorthand,
                             gsize        length,
                             gsize        most,
                             GError     **error);

G_END_DECLS
