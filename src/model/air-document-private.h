/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/air-document.h"
#include "schema/air-schema.h"

G_BEGIN_DECLS

AirValue  *air_document_kind_get_schema_value (AirDocumentKind    kind); /* borrowed */
AirSchema *air_document_kind_get_compiled     (AirDocumentKind    kind); /* borrowed */

gboolean   air_document_check_schema          (const AirDocument *self,
                                               GError           **error);

/* A document that was made and not read. @changed: what of @value was not checked before, in a
 * frame that makes it a document; NULL for all of it. Its text is written when somebody asks. */
AirDocument *air_document_new_from_value      (AirDocumentKind    kind,
                                               AirValue          *value,
                                               const AirValue    *changed, /* nullable */
                                               const char        *file_name,
                                               char            *(*write) (const AirValue *value,
                                                                          GError        **error),
                                               GError           **error);

typedef struct _AirDocumentIndex AirDocumentIndex;

AirDocumentIndex *air_document_index_new      (const char        *text,
                                               gsize              length);
void              air_document_index_free     (AirDocumentIndex  *self);
gboolean          air_document_index_locate   (const AirDocumentIndex *self,
                                               const char        *text,
                                               gsize              length,
                                               const char        *pointer,
                                               guint             *ret_line,
                                               guint             *ret_column);

G_END_DECLS
