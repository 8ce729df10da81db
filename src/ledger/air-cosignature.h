/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-note.h"

G_BEGIN_DECLS

AirNoteSignature *air_cosignature_sign   (const AirNote  *checkpoint,
                                          const char     *witness_name,
                                          AirPrivateKey  *key,
                                          gint64          unix_s,
                                          GError        **error);
gboolean          air_cosignature_verify (const AirNote  *checkpoint,
                                          const AirVkey  *witness_key,
                                          gint64         *ret_unix_s,
                                          GError        **error);

G_END_DECLS
