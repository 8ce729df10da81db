/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/air-application.h"
#include "app/air-window.h"
#include "runtime-double.h"

G_BEGIN_DECLS

/* The window on a stand-in runtime, in this process. */
typedef struct {
  AirApplication *application;
  AirWindow *window;
  RuntimeDouble *runtime;
  char *refunded; /* runs */
  char *failed;
  char *medium;   /* waits for one approver */
  char *large;    /* waits for two */
} AppDriver;

AppDriver *app_driver_new     (void);
void       app_driver_free    (AppDriver   *self);
void       app_driver_connect (AppDriver   *self,
                               const char  *profile_path); /* nullable: ana's */
/* Lets the window settle: layout, pending requests, a frame. */
void       app_driver_settle  (AppDriver   *self);
void       app_driver_wait    (AppDriver   *self,
                               guint        ms);
AdwDialog *app_driver_dialog  (AppDriver   *self); /* the one on top, nullable */
/* The first visible widget of @type under @root whose label, title or text is @text (nullable: any). */
GtkWidget *app_driver_find    (GtkWidget   *root,
                               GType        type,
                               const char  *text);
gboolean   app_driver_shows   (GtkWidget   *root,
                               const char  *text);
void       app_driver_until_shows (AppDriver *self,
                               GtkWidget    *root,
                               const char   *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AppDriver, app_driver_free)

G_END_DECLS
