/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"
#include "cel/air-cel-type.h"

G_BEGIN_DECLS

#define AIR_CEL_ERROR (air_cel_error_quark ())

/**
 * AirCelError:
 * @AIR_CEL_ERROR_SYNTAX: not CEL; the message starts with "column N:"
 * @AIR_CEL_ERROR_TYPE: no operator or function for these types, at compile or at evaluation
 * @AIR_CEL_ERROR_UNDECLARED: a name the environment does not declare (compile) or the bindings do not hold (evaluation)
 * @AIR_CEL_ERROR_NO_SUCH_KEY: a map has no such key, a list no such index
 * @AIR_CEL_ERROR_NO_SUCH_FIELD: a declared object type has no such field, or a field of null was asked for
 * @AIR_CEL_ERROR_OVERFLOW: an integer, timestamp or duration leaves its range
 * @AIR_CEL_ERROR_DIVISION: division or modulus by zero
 * @AIR_CEL_ERROR_COST: the evaluation went past its cost limit; never absorbed by && || ?:
 * @AIR_CEL_ERROR_DEPTH: the expression nests too deep or is too long
 * @AIR_CEL_ERROR_ARGUMENT: a function refuses the argument's value (not its type)
 * @AIR_CEL_ERROR_UNSUPPORTED: CEL that is out of our subset (message literals, optional syntax)
 */
typedef enum {
  AIR_CEL_ERROR_SYNTAX,
  AIR_CEL_ERROR_TYPE,
  AIR_CEL_ERROR_UNDECLARED,
  AIR_CEL_ERROR_NO_SUCH_KEY,
  AIR_CEL_ERROR_NO_SUCH_FIELD,
  AIR_CEL_ERROR_OVERFLOW,
  AIR_CEL_ERROR_DIVISION,
  AIR_CEL_ERROR_COST,
  AIR_CEL_ERROR_DEPTH,
  AIR_CEL_ERROR_ARGUMENT,
  AIR_CEL_ERROR_UNSUPPORTED,
} AirCelError;

#define AIR_CEL_DEFAULT_COST_LIMIT G_GUINT64_CONSTANT (1000000)
#define AIR_CEL_MAX_LENGTH 65536
#define AIR_CEL_MAX_DEPTH 200

/**
 * AirCelEnv:
 *
 * The names an expression may use, and their types. Not shared: one thread fills it, then compiles; a program does not
 * keep it.
 */
typedef struct _AirCelEnv AirCelEnv;

/**
 * AirCelProgram:
 *
 * A compiled expression: immutable, reference counted, evaluated by any number of threads at once.
 */
typedef struct _AirCelProgram AirCelProgram;

/**
 * AirCelReferenceFunc:
 * @path: what is read, as far as it is known before evaluation: "input.order.id"
 * @user_data: what was handed to the walk
 */
typedef void (*AirCelReferenceFunc) (const char *path,
                                     gpointer    user_data);

GQuark              air_cel_error_quark             (void);

AirCelEnv          *air_cel_env_new                 (void);
AirCelEnv          *air_cel_env_copy                (const AirCelEnv     *self);
void                air_cel_env_free                (AirCelEnv           *self);
void                air_cel_env_declare             (AirCelEnv           *self,
                                                     const char          *name,
                                                     AirCelType          *type);
void                air_cel_env_set_checked         (AirCelEnv           *self,
                                                     gboolean             checked);

AirCelProgram      *air_cel_compile                 (const char          *expression,
                                                     const AirCelEnv     *env,
                                                     GError             **error);
AirCelProgram      *air_cel_program_ref             (AirCelProgram       *self);
void                air_cel_program_unref           (AirCelProgram       *self);
const char         *air_cel_program_get_source      (const AirCelProgram *self);
AirCelType         *air_cel_program_get_type        (const AirCelProgram *self); /* borrowed */
const char * const *air_cel_program_get_labels      (const AirCelProgram *self);
void                air_cel_program_foreach_reference (const AirCelProgram *self,
                                                       AirCelReferenceFunc  func,
                                                       gpointer             user_data);

AirValue           *air_cel_eval                    (const AirCelProgram *self,
                                                     const AirValue      *bindings,
                                                     guint64              cost_limit,
                                                     GError             **error);
gboolean            air_cel_eval_bool               (const AirCelProgram *self,
                                                     const AirValue      *bindings,
                                                     guint64              cost_limit,
                                                     gboolean            *ret_value,
                                                     GError             **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirCelEnv, air_cel_env_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirCelProgram, air_cel_program_unref)

G_END_DECLS
