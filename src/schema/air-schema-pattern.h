/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AirPatternOp:
 *
 * What a node of a pattern is: characters, nodes one after the other, one of several, one node again and again, or a
 * place (^, $, \b, \B).
 */
typedef enum {
  AIR_PATTERN_SET,
  AIR_PATTERN_SEQUENCE,
  AIR_PATTERN_CHOICE,
  AIR_PATTERN_REPEAT,
  AIR_PATTERN_ASSERTION, /* ^ $ \b \B */
} AirPatternOp;

/**
 * AirPatternRange:
 * @first: the first character
 * @last: the last one, inclusive
 */
typedef struct {
  gunichar first, last;
} AirPatternRange;

/**
 * AirPatternNode:
 *
 * One node of a pattern's tree; which members mean something says its op. Belongs to its #AirPattern.
 */
typedef struct _AirPatternNode AirPatternNode;

struct _AirPatternNode {
  AirPatternOp op;
  gboolean negated;       /* SET */
  GArray *ranges;         /* SET: AirPatternRange, nullable */
  GPtrArray *properties;  /* SET: "L", "^Lu": general categories and scripts, nullable */
  GPtrArray *children;    /* SEQUENCE, CHOICE, REPEAT (one) */
  guint min, max;         /* REPEAT; G_MAXUINT: no end */
  char assertion;         /* '^', '$', 'b' or 'B' */
};

/**
 * AirPattern:
 *
 * A regular expression of "pattern" or "patternProperties": ECMA-262 with the flag "u", as far as linear time allows.
 * Read once into a tree; the tree is written in RE2's syntax to search, and walked to make texts that match.
 * Immutable, safe from several threads, freed with air_pattern_free().
 */
typedef struct _AirPattern AirPattern;

AirPattern           *air_pattern_new      (const char           *text,
                                            char                **ret_message);
void                  air_pattern_free     (AirPattern           *self);
const AirPatternNode *air_pattern_get_root (const AirPattern     *self);
gboolean              air_pattern_search   (const AirPattern     *self,
                                            const char           *text,
                                            gsize                 length);
gboolean              air_pattern_set_has  (const AirPatternNode *set,
                                            gunichar              c);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirPattern, air_pattern_free)

G_END_DECLS
