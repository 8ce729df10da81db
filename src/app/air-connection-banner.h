/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * AirConnectionBanner:
 *
 * Says, below a page's header, that what the page shows may be old: of the connection of the window it is in.
 */
#define AIR_TYPE_CONNECTION_BANNER (air_connection_banner_get_type ())
G_DECLARE_FINAL_TYPE (AirConnectionBanner, air_connection_banner, AIR, CONNECTION_BANNER, AdwBin)

/* Says, below a page's header, that what the page shows may be old: of the connection of the window it is in. */

G_END_DECLS
