/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

/*
 * A reader of DMN models and of the test cases of the DMN Technology
 * Compatibility Kit, as far as decision tables go. For tests only: it turns a
 * decision table into a policy document and FEEL into CEL.
 */

typedef struct _DmnNode DmnNode;

struct _DmnNode {
  char *name;          /* without prefix */
  GHashTable *attributes;
  GString *text;
  GPtrArray *children; /* DmnNode */
  DmnNode *parent;
};

DmnNode    *dmn_load       (const char    *path,
                            GError       **error);
void        dmn_free       (DmnNode       *self);
DmnNode    *dmn_child      (const DmnNode *self,
                            const char    *name);       /* the first, or NULL */
const char *dmn_attribute  (const DmnNode *self,
                            const char    *name);
/* The text of @name's <text>, stripped; NULL when there is none. */
char       *dmn_text       (const DmnNode *self,
                            const char    *name);

/* FEEL as CEL: names of @names (FEEL name → CEL name) replaced, numbers as doubles, dates as texts, = and or if. */
char       *dmn_feel       (const char    *feel,
                            GHashTable    *names);
/* A <value>, <list>, <component> of a test case; NULL for nil. */
AirValue   *dmn_value      (const DmnNode *self);

/* The policy document of a decision table whose inputs are c0, c1 …; NULL with the reason why it is not covered. */
AirValue   *dmn_table      (const DmnNode *root,
                            const DmnNode *table,
                            GHashTable    *names,
                            char         **ret_reason);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DmnNode, dmn_free)

G_END_DECLS
