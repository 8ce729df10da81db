/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
  char *data;        /* requests; the synthetic shop's by default */
  char *expect;      /* nullable */
  char *final_state; /* nullable */
  char *keep;        /* folder of everything the demo makes; build/demo by default */
  int kill;
  int drop;          /* percent */
  int fill;          /* times */
  char *disk;        /* nullable: a small file system for what the runtime keeps */
  gboolean trouble;  /* other faults of the provider, too */
  gboolean no_window;
} DemoOptions;

/* Where things are: the sources, and the programs that were built from them. */
typedef struct {
  char *source;
  char *airailsctl;
  char *airails_runtime;
  char *airails; /* the window; NULL when it was not built */
  char *shop;
  char *payments;
} DemoPlaces;

typedef struct _Demo Demo;

Demo *demo_new  (const DemoOptions *options,
                 const DemoPlaces  *places,
                 GError           **error);
void  demo_free (Demo              *self);
/* Runs to the end or until demo_stop(); TRUE when everything came out as it must. */
gboolean demo_run  (Demo           *self);
void     demo_stop (Demo           *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Demo, demo_free)

G_END_DECLS
