/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/air-document.h"
#include "schema/air-schema.h"

G_BEGIN_DECLS

AirValue  *air_document_kind_get_schema_value (AirDocumentKind    kind); /* borrowed */
AirSchema *air_document_kind_get_compiled     (AirDocumentKind    kind); /* borrowed */

gboolean   air_document_check_schema          (const AirDocument *self,
                                               GError           **error);

G_END_DECLS
