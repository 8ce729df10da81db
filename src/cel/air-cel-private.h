/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-regex.h"
#include "cel/air-cel.h"

G_BEGIN_DECLS

/* --- values ---------------------------------------------------------------- */

/*
 * A value inside one evaluation. Numbers, strings and booleans need no heap:
 * strings are borrowed from the bindings, from the program's constants or from
 * a value the frame keeps. @box is the AirValue behind it where there is one
 * (always for lists and maps); it is borrowed too.
 */
typedef struct {
  guint8 kind; /* AirCelTypeKind, never DYN */
  union {
    gboolean b;
    gint64 i; /* also microseconds of a timestamp or duration */
    guint64 u;
    double d;
    struct {
      const char *p;
      gsize n;
    } s; /* also bytes */
    AirCelTypeKind type;
  };
  AirValue *box;
} AirCelVal;

/* --- the syntax tree -------------------------------------------------------- */

typedef enum {
  CEL_LITERAL,
  CEL_GLOBAL,
  CEL_LOCAL,
  CEL_SELECT,
  CEL_HAS,
  CEL_INDEX,
  CEL_CALL,
  CEL_LIST,
  CEL_MAP,
  CEL_AND,
  CEL_OR,
  CEL_NOT,
  CEL_NEG,
  CEL_COND,
  CEL_EQ,
  CEL_NE,
  CEL_LT,
  CEL_LE,
  CEL_GT,
  CEL_GE,
  CEL_IN,
  CEL_ADD,
  CEL_SUB,
  CEL_MUL,
  CEL_DIV,
  CEL_MOD,
  CEL_COMP_ALL,
  CEL_COMP_EXISTS,
  CEL_COMP_EXISTS_ONE,
  CEL_COMP_MAP,
  CEL_COMP_FILTER,
  CEL_COMP_TRANSFORM_MAP,
  CEL_BIND,         /* value, body */
  CEL_OPT_SELECT,   /* a.?b */
  CEL_OPT_INDEX,    /* a[?b] */
  CEL_OPT_MAP,      /* optional, body */
  CEL_OPT_FLAT_MAP, /* likewise, the body gives an optional */
} AirCelOp;

typedef struct _AirCelNode AirCelNode;
typedef struct _AirCelFunction AirCelFunction;

struct _AirCelNode {
  AirCelOp op;
  guint32 pos;   /* byte offset in the source */
  guint16 depth; /* of the tree below, this node included */
  gboolean member;   /* CALL: args[0] is the receiver */
  gboolean rooted;   /* GLOBAL: written with a leading dot */
  gboolean by_index; /* SELECT made of a["b"] by the folder */
  gboolean optional; /* an item of LIST, a key of MAP: left out where its value is optional.none() */
  guint n_args;
  AirCelNode **args;
  char *name; /* of the variable, field or function */
  gsize name_length;
  char *second_name; /* comprehensions of two variables */
  guint slot;          /* GLOBAL: index in the program's names; LOCAL and comprehensions: index in the frame's locals */
  AirCelVal value;     /* LITERAL; CALL of sum(): what nothing comes to, where the checker knows */
  AirValue *constant;  /* LITERAL: holds value's bytes */
  AirValue *field_key; /* SELECT, HAS: the name as a value, for maps */
  const AirCelFunction *const *overloads;
  guint n_overloads;
  AirRegex *regex; /* CALL of matches() with a constant pattern */
};

/* Comprehensions nest this deep at most; each level has one variable. */
#define CEL_MAX_LOCALS 32
#define CEL_MAX_NODES 8192
#define CEL_CACHED_GLOBALS 8

AirCelNode *air_cel_node_new (AirCelOp op, guint32 pos, guint n_args);
void air_cel_node_free (AirCelNode *self);
void air_cel_node_set_name (AirCelNode *self, const char *name, gsize length);
void air_cel_node_set_constant (AirCelNode *self, AirValue *take_value);
void air_cel_node_set_type_constant (AirCelNode *self, AirCelTypeKind kind);
void air_cel_node_measure (AirCelNode *self);
/* Turns lists, maps and signs of constants into constants. */
void air_cel_node_fold (AirCelNode *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirCelNode, air_cel_node_free)

/* --- lexer and parser -------------------------------------------------------- */

typedef enum {
  CEL_TOKEN_END,
  CEL_TOKEN_IDENT,
  CEL_TOKEN_ESCAPED_IDENT, /* `a-b`, after a dot only */
  CEL_TOKEN_INT,
  CEL_TOKEN_UINT,
  CEL_TOKEN_DOUBLE,
  CEL_TOKEN_STRING,
  CEL_TOKEN_BYTES,
  CEL_TOKEN_TRUE,
  CEL_TOKEN_FALSE,
  CEL_TOKEN_NULL,
  CEL_TOKEN_IN,
  CEL_TOKEN_EQ,
  CEL_TOKEN_NE,
  CEL_TOKEN_LE,
  CEL_TOKEN_GE,
  CEL_TOKEN_AND,
  CEL_TOKEN_OR,
  CEL_TOKEN_PUNCT = 128, /* plus the character */
} AirCelTokenKind;

typedef struct {
  const char *text;
  gsize length;
  gsize pos;
  /* the current token */
  guint kind;
  gsize start;
  gsize end;
  guint64 number;
  double real;
  GString *string; /* STRING and BYTES, decoded */
} AirCelLexer;

void air_cel_lexer_init (AirCelLexer *self, const char *text, gsize length);
void air_cel_lexer_clear (AirCelLexer *self);
gboolean air_cel_lexer_next (AirCelLexer *self, GError **error);
gboolean air_cel_is_reserved (const char *name, gsize length);
/* "column 7" or "line 2, column 3". */
char *air_cel_place (const char *text, gsize pos);
void air_cel_set_syntax_error (GError **error, int code, const char *text, gsize pos, const char *format, ...)
    G_GNUC_PRINTF (5, 6);

AirCelNode *air_cel_parse (const char *text, gsize length, GError **error);

/* --- checker ------------------------------------------------------------------ */

struct _AirCelEnv {
  GHashTable *names; /* char* → AirCelType* */
  gboolean checked;
};

struct _AirCelProgram {
  gatomicrefcount ref_count;
  char *source;
  AirCelNode *root;
  AirCelType *type;
  char **labels;
  GPtrArray *globals;    /* char*: the names, by slot */
  GPtrArray *references; /* char*: "steps.order.total" */
};

/* Resolves names and overloads in place; fills globals and references. Returns the type. */
void air_cel_collect_references (const AirCelNode *node, GPtrArray *references);
AirCelType *air_cel_check (AirCelProgram *program, const AirCelEnv *env, GError **error);

/* In air-cel-type.c, for the checker. */
AirCelType *air_cel_type_join (AirCelType *a, AirCelType *b);
AirCelType *air_cel_type_labelled_by (AirCelType *self, AirCelType **sources, guint n_sources, gboolean content);
gboolean air_cel_type_is_object (const AirCelType *self);
gboolean air_cel_type_is_closed (const AirCelType *self);
const char *air_cel_type_kind_name (AirCelTypeKind kind);
AirCelType *air_cel_type_nullable (AirCelType *self);

/* --- evaluation ------------------------------------------------------------------ */

typedef struct {
  const AirCelProgram *program;
  const AirValue *bindings;
  guint64 cost;
  guint64 limit;
  GError *error;
  gboolean fatal; /* error is COST or DEPTH: nothing absorbs it */
  AirCelVal locals[CEL_MAX_LOCALS];
  AirCelVal globals[CEL_CACHED_GLOBALS];
  guint32 have_globals;
  guint n_kept;
  guint kept_size;
  AirValue **kept;
  AirValue *kept_inline[16];
} AirCelFrame;

gboolean air_cel_eval_node (AirCelFrame *frame, const AirCelNode *node, AirCelVal *ret);
gboolean air_cel_eval_bind (AirCelFrame *frame, const AirCelNode *node, AirCelVal *ret);
gboolean air_cel_eval_optional (AirCelFrame *frame, const AirCelNode *node, AirCelVal *ret);
gboolean air_cel_optional_field (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *target, AirCelVal *ret);
gboolean air_cel_optional_index (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *target,
                                 const AirCelVal *index, AirCelVal *ret);
/* An entry with "?": its value, or FALSE in @ret_present. */
gboolean air_cel_optional_open (AirCelFrame *frame, const AirCelNode *node, AirCelVal *value, gboolean *ret_present);
/* What a select or an index of an optional gives: an optional. */
void air_cel_val_set_optional (AirCelVal *ret, AirValue *value);
gboolean air_cel_eval_comprehension (AirCelFrame *frame, const AirCelNode *node, AirCelVal *ret);
gboolean air_cel_eval_arithmetic (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *a, const AirCelVal *b,
                                  AirCelVal *ret);
gboolean air_cel_fail (AirCelFrame *frame, const AirCelNode *node, AirCelError code, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
gboolean air_cel_fail_cost (AirCelFrame *frame, const AirCelNode *node);
/* The frame owns the value until the evaluation ends. */
AirValue *air_cel_keep (AirCelFrame *frame, AirValue *take_value);
void air_cel_frame_clear (AirCelFrame *frame);
/* && and ||, over operands or over items: an error waits in @first for one that decides. FALSE when nothing may absorb
 * it. */
gboolean air_cel_absorb (AirCelFrame *frame, GError **first);
/* None decided: the first error, or the other answer. */
gboolean air_cel_undecided (AirCelFrame *frame, GError *take_first, gboolean decisive, AirCelVal *ret);

static inline gboolean
air_cel_charge (AirCelFrame *frame, const AirCelNode *node, guint64 cost)
{
  frame->cost += cost;
  return G_LIKELY (frame->cost <= frame->limit) || air_cel_fail_cost (frame, node);
}

/* --- values, in air-cel-value.c -------------------------------------------------- */

void air_cel_val_from_value (AirCelVal *ret, AirValue *value);
/* A new reference; NULL for types, which no AirValue can hold. */
AirValue *air_cel_val_box (const AirCelVal *self);
gboolean air_cel_val_equal (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *a, const AirCelVal *b,
                            gboolean *ret_equal);
/* -1, 0, 1; 2 for unordered (NaN); 3 when the kinds do not compare. */
int air_cel_val_compare (const AirCelVal *a, const AirCelVal *b);
/* Map lookup where 1, 1u and 1.0 are one key. */
AirValue *air_cel_map_find (const AirValue *map, const AirCelVal *key);
void air_cel_val_set_string (AirCelFrame *frame, AirCelVal *ret, char *take_text, gsize length);

/* Unlike g_utf8_strlen(), past a NUL too. */
static inline gint64
air_cel_utf8_length (const char *text, gsize length)
{
  gint64 n = 0;

  for (gsize i = 0; i < length; i++)
    n += ((guchar) text[i] & 0xc0) != 0x80;
  return n;
}

/* Unlike g_utf8_validate_len(), a NUL is a character like others. */
static inline gboolean
air_cel_utf8_is_valid (const char *text, gsize length)
{
  const char *end = text + length;

  while (text < end && !g_utf8_validate (text, end - text, &text) && *text == '\0')
    text++;
  return text == end;
}

static inline void
air_cel_val_set_bool (AirCelVal *ret, gboolean value)
{
  ret->kind = AIR_CEL_TYPE_BOOL;
  ret->b = value;
  ret->box = NULL;
}

static inline void
air_cel_val_set_int (AirCelVal *ret, gint64 value)
{
  ret->kind = AIR_CEL_TYPE_INT;
  ret->i = value;
  ret->box = NULL;
}

static inline void
air_cel_val_set_double (AirCelVal *ret, double value)
{
  ret->kind = AIR_CEL_TYPE_DOUBLE;
  ret->d = value;
  ret->box = NULL;
}

static inline void
air_cel_val_set_boxed (AirCelFrame *frame, AirCelVal *ret, AirValue *take_value)
{
  air_cel_val_from_value (ret, air_cel_keep (frame, take_value));
}

/* --- functions ---------------------------------------------------------------------- */

typedef gboolean (*AirCelFunctionFunc) (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args,
                                        AirCelVal *ret);

#define CEL_MAX_ARGS 4

struct _AirCelFunction {
  const char *name;
  gboolean member;
  guint8 n_args; /* with the receiver */
  guint8 args[CEL_MAX_ARGS];
  guint8 result; /* AirCelTypeKind */
  AirCelFunctionFunc func;
  gboolean item_result; /* the result is the receiver's item type */
};

extern const AirCelFunction air_cel_core_functions[];
extern const AirCelFunction air_cel_conversion_functions[];
extern const AirCelFunction air_cel_string_functions[];
extern const AirCelFunction air_cel_time_functions[];
extern const AirCelFunction air_cel_math_functions[];
extern const AirCelFunction air_cel_network_functions[];
extern const AirCelFunction air_cel_optional_functions[];

/* "192.0.2.1", "2001:db8::/32". */
char *air_cel_network_to_string (const AirCelVal *self);

/* All overloads of a name with this many arguments; an array the table owns. */
const AirCelFunction *const *air_cel_find_functions (const char *name, gboolean member, guint n_args,
                                                     guint *ret_n_overloads);
/* 1: a function of this name exists, 2: and as a method / global function as asked. */
guint air_cel_know_function (const char *name, gboolean member);

char *air_cel_double_to_string (double value);
char *air_cel_timestamp_to_string (gint64 us);
char *air_cel_duration_to_string (gint64 us);
gboolean air_cel_timestamp_parse (const char *text, gsize length, gint64 *ret_us);
gboolean air_cel_duration_parse (const char *text, gsize length, gint64 *ret_us, gboolean *ret_overflow);
/* What string() gives, for interpolation; NULL for kinds without a text. */
char *air_cel_val_to_text (const AirCelVal *self, gsize *ret_length);
gboolean air_cel_format (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret);

#define CEL_MIN_TIMESTAMP_US (G_GINT64_CONSTANT (-62135596800) * G_USEC_PER_SEC)
#define CEL_MAX_TIMESTAMP_US (G_GINT64_CONSTANT (253402300800) * G_USEC_PER_SEC - 1)
/* As long as 64 bits of nanoseconds reach, which the conformance cases hold everybody to. */
#define CEL_MAX_DURATION_US (G_MAXINT64 / 1000)

G_END_DECLS
