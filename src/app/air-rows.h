/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "client/air-receipt.h"

G_BEGIN_DECLS

/* The few kinds of rows that all pages are made of. */

/* A name above its value; the value can be selected, and is shown as it is: no markup. */
GtkWidget *air_row_new_property (const char *title,
                                 const char *value);
/* The same in digits one under the other, with a button that copies @full (else @value). */
GtkWidget *air_row_new_digest   (const char *title,
                                 const char *value,
                                 const char *full);
/* An expander over text of any length, for raw bytes. */
GtkWidget *air_row_new_raw      (const char *title,
                                 const char *subtitle,
                                 const char *text);
/* A line with a mark: what was checked and what came of it. */
GtkWidget *air_row_new_check    (gboolean    good,
                                 const char *title,
                                 const char *subtitle);
/* A line with any mark: @css is the mark's colour. */
GtkWidget *air_row_new_mark     (const char *icon,
                                 const char *css,      /* nullable */
                                 const char *title,
                                 const char *subtitle); /* nullable */
/* What a field was, struck out, and what it is now. */
GtkWidget *air_row_new_change   (const char *title,
                                 const char *before,
                                 const char *after);
GtkWidget *air_group_new        (const char *title,
                                 const char *description); /* nullable */
void       air_box_clear        (GtkBox     *box);

/* The ledger's head, and an entry's way to it, in words. */
GtkWidget *air_head_group_new   (const AirLedgerHead *head,
                                  gint64               verified_us); /* when it was, here */
GtkWidget *air_receipt_group_new (const AirReceipt   *receipt,
                                  const char         *title);
/* Something that should not be: loud, in words. */
GtkWidget *air_alarm_group_new  (const char *title,
                                 const char *words);

G_END_DECLS
