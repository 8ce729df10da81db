/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-entry.h"

G_BEGIN_DECLS

/* The members the ledger writes itself, in JCS's order; NULL-terminated. */
extern const char *const air_entry_own_keys[];

gboolean air_entry_is_member_key (const char *key);  /* lower-case letters, digits and '_' */
gboolean air_entry_is_type_name  (const char *type); /* capitals, digits and '_' */

G_END_DECLS
