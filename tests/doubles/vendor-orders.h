/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vendor-server.h"

G_BEGIN_DECLS

/* The published orders and users files, and money in them: decimal dollars there, cents with us. */

AirValue *vendor_orders_load    (const char      *path,
                                 GError         **error);
AirValue *vendor_users_load     (const char      *path,
                                 GError         **error);

gboolean  vendor_cents_parse    (const AirValue  *dollars,
                                 gint64          *ret_cents);
AirValue *vendor_cents_to_value (gint64           cents);

char     *vendor_payment_intent (const char      *order_id,
                                 gsize            index);
char     *vendor_payment_charge (const char      *payment_intent);

G_END_DECLS
