/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cel/air-cel-private.h"

G_BEGIN_DECLS

/* The automaton: compiled in air-cel-regex.c, run in air-cel-regex-search.c. */

typedef enum {
  OP_RANGES, /* one code point in (or, negated, out of) the ranges */
  OP_ANY,
  OP_SPLIT, /* to x and y */
  OP_JUMP,  /* to x */
  OP_TEXT_START,
  OP_TEXT_END,
  OP_LINE_START,
  OP_LINE_END,
  OP_WORD_EDGE,
  OP_NOT_WORD_EDGE,
  OP_MATCH,
} Op;

typedef struct {
  Op op;
  guint x, y;          /* SPLIT, JUMP; RANGES: first and count of its ranges */
  gboolean negated;    /* RANGES */
  gboolean newline;    /* ANY: takes \n too */
} Instruction;

typedef struct {
  gunichar first, last;
} Range;

struct _AirCelRegex {
  GArray *program; /* Instruction */
  GArray *ranges;  /* Range */
};

G_END_DECLS
