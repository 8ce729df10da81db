/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"
#include "vendor-server.h"

G_BEGIN_DECLS

/* The shop's orders and customers and its own rules about them. State lives in memory only. */

#define SHOP_ERROR (shop_error_quark ())
typedef enum {
  SHOP_ERROR_NOT_FOUND,
  SHOP_ERROR_CONFLICT, /* the order's state does not allow it */
  SHOP_ERROR_INVALID,  /* the request breaks a rule */
} ShopError;
GQuark     shop_error_quark           (void);

typedef struct _ShopStore ShopStore;

ShopStore *shop_store_new             (AirValue            *orders,
                                       AirValue            *users);
void       shop_store_free            (ShopStore           *self);

/* Views as the shop's OpenAPI description has them. */
AirValue  *shop_store_get_customer    (ShopStore           *self,
                                       const char          *user_id,
                                       GError             **error);
AirValue  *shop_store_get_order       (ShopStore           *self,
                                       const char          *order_id,
                                       GError             **error);
AirValue  *shop_store_cancel          (ShopStore           *self,
                                       const char          *order_id,
                                       const char          *reason,
                                       GError             **error);
AirValue  *shop_store_reinstate       (ShopStore           *self,
                                       const char          *order_id,
                                       GError             **error);
AirValue  *shop_store_return          (ShopStore           *self,
                                       const char          *order_id,
                                       const char *const   *item_ids,
                                       const char          *payment_method_id,
                                       GError             **error);
AirValue  *shop_store_withdraw        (ShopStore           *self,
                                       const char          *order_id,
                                       GError             **error);
AirValue  *shop_store_notify          (ShopStore           *self,
                                       const AirValue      *message,
                                       GError             **error);

/* {"changed_orders", "changed_payment_methods"} in the published shape: what differs from the start. */
AirValue  *shop_store_show_changes    (ShopStore           *self);
AirValue  *shop_store_list_messages   (ShopStore           *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ShopStore, shop_store_free)

G_END_DECLS
