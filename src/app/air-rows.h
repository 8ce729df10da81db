/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "client/air-receipt.h"

G_BEGIN_DECLS

/* The few kinds of rows that all pages are made of. */

GtkWidget *air_row_new_property (const char *title,
                                 const char *value);
GtkWidget *air_row_new_digest   (const char *title,
                                 const char *value,
                                 const char *full);
GtkWidget *air_row_new_raw      (const char *title,
                                 const char *subtitle,
                                 const char *text);
GtkWidget *air_row_new_check    (gboolean    good,
                                 const char *title,
                                 const char *subtitle);
GtkWidget *air_row_new_mark     (const char *icon,
                                 const char *css,
                                 const char *title,
                                 const char *subtitle);
GtkWidget *air_row_new_change   (const char *title,
                                 const char *before,
                                 const char *after);
GtkWidget *air_group_new        (const char *title,
                                 const char *description);
void       air_box_clear        (GtkBox     *box);

GtkWidget *air_head_group_new   (const AirLedgerHead *head,
                                  gint64               verified_us);
GtkWidget *air_receipt_group_new (const AirReceipt   *receipt,
                                  const char         *title);
GtkWidget *air_alarm_group_new  (const char *title,
                                 const char *words);

G_END_DECLS
