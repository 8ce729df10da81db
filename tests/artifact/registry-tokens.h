/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* A token server as docker-registry trusts it: it gives whoever shows the right password a signed token for what they
 * ask. @roots: where its certificate is written to. */
typedef struct _Tokens Tokens;

Tokens     *tokens_new       (const char *roots,
                              const char *user,
                              const char *password);
const char *tokens_get_realm (Tokens     *self);
guint       tokens_get_count (Tokens     *self);
void        tokens_free      (Tokens     *self);
