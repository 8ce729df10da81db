/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

#define AIR_MODEL_ERROR (air_model_error_quark ())

/**
 * AirModelError:
 * @AIR_MODEL_ERROR_SYNTAX: not strict JSON (duplicate key, trailing comma, bad UTF-8, too deep)
 * @AIR_MODEL_ERROR_SCHEMA: JSON, but not this kind of document: unknown or missing key, bad id, wrong type
 * @AIR_MODEL_ERROR_REFERENCE: a name that names nothing, or the same name twice
 * @AIR_MODEL_ERROR_PACK: the files of a pack do not fit together
 * @AIR_MODEL_ERROR_IO: a file cannot be read (air_pack_load_directory() and its like only)
 *
 * Every message reads "FILE:LINE:COLUMN: what is wrong; how to mend it".
 */
typedef enum {
  AIR_MODEL_ERROR_SYNTAX,
  AIR_MODEL_ERROR_SCHEMA,
  AIR_MODEL_ERROR_REFERENCE,
  AIR_MODEL_ERROR_PACK,
  AIR_MODEL_ERROR_IO,
} AirModelError;

GQuark air_model_error_quark (void);

/**
 * AirDocumentKind:
 *
 * The kinds of documents people and packs write; each has its JSON Schema in data/schemas.
 */
typedef enum {
  AIR_DOCUMENT_WORKFLOW,
  AIR_DOCUMENT_PACK,
  AIR_DOCUMENT_CONNECTOR,
  AIR_DOCUMENT_OPERATION,
  AIR_DOCUMENT_FIXTURES,
  AIR_DOCUMENT_POLICY,
  AIR_DOCUMENT_COMPONENT,
  AIR_DOCUMENT_TRUST,
} AirDocumentKind;

/**
 * AirDocument:
 *
 * A document's text and the value read from it: strict JSON that is valid
 * against the published schema of its kind. Immutable, reference counted.
 */
typedef struct _AirDocument AirDocument;

AirDocument    *air_document_load          (AirDocumentKind    kind,
                                            const char        *text,
                                            gsize              length,
                                            const char        *file_name,
                                            GError           **error);
AirDocument    *air_document_ref           (AirDocument       *self);
void            air_document_unref         (AirDocument       *self);

AirDocumentKind air_document_get_kind      (const AirDocument *self);
const char     *air_document_get_file_name (const AirDocument *self);
AirValue       *air_document_get_value     (const AirDocument *self);
const char     *air_document_get_text      (const AirDocument *self,
                                            gsize             *ret_length);
const char     *air_document_get_id        (const AirDocument *self);
const char     *air_document_get_version   (const AirDocument *self);

void            air_document_locate        (const AirDocument *self,
                                            const char        *pointer,
                                            guint             *ret_line,
                                            guint             *ret_column);
void            air_document_set_error     (const AirDocument *self,
                                            const char        *pointer,
                                            AirModelError      code,
                                            GError           **error,
                                            const char        *format,
                                            ...) G_GNUC_PRINTF (5, 6);

const char     *air_document_kind_to_string (AirDocumentKind   kind);
const char     *air_document_kind_get_schema (AirDocumentKind  kind,
                                              gsize           *ret_length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirDocument, air_document_unref)

G_END_DECLS
