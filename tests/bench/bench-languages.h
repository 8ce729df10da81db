/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The same work in another language: its text is compiled once, then run over a document that is parsed each
 * time. NULL where the program was built without that language. */
typedef struct {
  const char *name;
  gpointer (*compile) (const char *source);
  gsize    (*run)     (gpointer program, const char *document, gsize length); /* some size of the answer; 0: failed */
  void     (*free)    (gpointer program);
} BenchLanguage;

const BenchLanguage *bench_language_jq      (void);
const BenchLanguage *bench_language_quickjs (void);

G_END_DECLS
