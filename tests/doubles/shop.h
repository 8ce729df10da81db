/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vendor-server.h"

G_BEGIN_DECLS

/* The stand-in order system: packs/customer-operations/connectors/shop.openapi.json over ShopStore. */

typedef struct _Shop Shop;

Shop         *shop_new    (AirValue            *orders,
                           AirValue            *users,
                           const char          *token);
void          shop_free   (Shop                *self);

/* A VendorHandler; @self is the Shop. */
VendorAnswer *shop_handle (const VendorRequest *request,
                           gpointer             self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Shop, shop_free)

G_END_DECLS
