/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

#define AIR_SCHEMA_ERROR (air_schema_error_quark ())

/**
 * AirSchemaError:
 * @AIR_SCHEMA_ERROR_KEYWORD: a keyword is unknown or has a value of the wrong shape
 * @AIR_SCHEMA_ERROR_REFERENCE: a $ref leaves the document or leads nowhere
 * @AIR_SCHEMA_ERROR_INSTANCE: a value that JSON cannot carry was to be checked
 * @AIR_SCHEMA_ERROR_PATTERN: a regular expression is wrong, or cannot be matched in linear time
 * @AIR_SCHEMA_ERROR_COST: the check takes too many steps or leads too deep
 * @AIR_SCHEMA_ERROR_UNSATISFIABLE: no sample was found
 * @AIR_SCHEMA_ERROR_FAILED: jsoncons failed in a way of its own
 */
typedef enum {
  AIR_SCHEMA_ERROR_KEYWORD,
  AIR_SCHEMA_ERROR_REFERENCE,
  AIR_SCHEMA_ERROR_INSTANCE,
  AIR_SCHEMA_ERROR_PATTERN,
  AIR_SCHEMA_ERROR_COST,
  AIR_SCHEMA_ERROR_UNSATISFIABLE,
  AIR_SCHEMA_ERROR_FAILED,
} AirSchemaError;

GQuark air_schema_error_quark (void);

/**
 * AirSchema:
 *
 * A compiled JSON Schema 2020-12. Immutable and reference counted; may be used from several threads at once.
 */
typedef struct _AirSchema AirSchema;

/**
 * AirSchemaIssue:
 * @pointer: RFC 6901, where in the instance
 * @keyword: the keyword that is not met
 * @message: what is wrong
 *
 * One way in which an instance is not valid. Freed with air_schema_issue_free().
 */
typedef struct {
  char *pointer;
  char *keyword;
  char *message;
} AirSchemaIssue;

AirSchema *air_schema_compile    (const AirValue  *schema,
                                  GError         **error);

/**
 * AirSchemaDialect:
 *
 * The version of the standard that a schema without "$schema" is read by.
 */
typedef enum {
  AIR_SCHEMA_DIALECT_2020_12,
  AIR_SCHEMA_DIALECT_DRAFT_7,
} AirSchemaDialect;

AirSchema *air_schema_compile_foreign (const AirValue    *schema,
                                       AirSchemaDialect   dialect,
                                       const AirValue    *documents,
                                       GError           **error);
gboolean   air_schema_validate   (const AirSchema *self,
                                  const AirValue  *instance,
                                  GPtrArray      **ret_issues,
                                  GError         **error);
const AirValue *air_schema_get_document (const AirSchema *self);
const AirValue *air_schema_get_annotation (const AirSchema *self,
                                           const char      *pointer,
                                           const char      *keyword);
AirSchema *air_schema_ref        (AirSchema       *self);
void       air_schema_unref      (AirSchema       *self);
void       air_schema_issue_free (AirSchemaIssue  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirSchema, air_schema_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirSchemaIssue, air_schema_issue_free)

G_END_DECLS
