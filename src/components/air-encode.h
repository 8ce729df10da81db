/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

char    *air_encode_text          (const AirValue  *value);
void     air_encode_percent       (GString         *out,
                                   const char      *text,
                                   gsize            length);
gboolean air_encode_query         (GString         *out,
                                   const AirValue  *map,
                                   GError         **error);
gboolean air_encode_form          (GString         *out,
                                   const AirValue  *map,
                                   gboolean         brackets,
                                   GError         **error);
gboolean air_encode_multipart     (GString         *out,
                                   const AirValue  *map,
                                   char           **ret_type,
                                   GError         **error);
gboolean air_encode_mail          (GString         *out,
                                   const AirValue  *map,
                                   GError         **error);

G_END_DECLS
