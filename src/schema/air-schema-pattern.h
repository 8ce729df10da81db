/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The regular expressions of "pattern" and "patternProperties": ECMA-262 with the flag "u",
 * as far as linear time allows. Read once into a tree; the tree is written in RE2's syntax
 * to search, and walked to make texts that match.
 */

typedef enum {
  AIR_PATTERN_SET,
  AIR_PATTERN_SEQUENCE,
  AIR_PATTERN_CHOICE,
  AIR_PATTERN_REPEAT,
  AIR_PATTERN_ASSERTION, /* ^ $ \b \B */
} AirPatternOp;

typedef struct {
  gunichar first, last;
} AirPatternRange;

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

typedef struct _AirPattern AirPattern;

/* NULL with @ret_message when it is wrong, or cannot be matched in linear time. */
AirPattern           *air_pattern_new      (const char           *text,
                                            char                **ret_message);
void                  air_pattern_free     (AirPattern           *self);
const AirPatternNode *air_pattern_get_root (const AirPattern     *self);
gboolean              air_pattern_search   (const AirPattern     *self,
                                            const char           *text,
                                            gsize                 length);
/* Whether a SET node holds @c. */
gboolean              air_pattern_set_has  (const AirPatternNode *set,
                                            gunichar              c);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirPattern, air_pattern_free)

G_END_DECLS
