/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vendor-server.h"

G_BEGIN_DECLS

/* Idempotency keys as vendors keep them: the first answer under a key is the answer for good, and
 * a key that comes back with other parameters is refused. */

typedef struct _VendorKeys VendorKeys;

typedef enum {
  VENDOR_KEY_FRESH,
  VENDOR_KEY_REPLAY,
  VENDOR_KEY_MISMATCH,
} VendorKeyState;

VendorKeys    *vendor_keys_new  (void);
void           vendor_keys_free (VendorKeys          *self);
VendorKeyState vendor_keys_look (VendorKeys          *self,
                                 const char          *key,
                                 const VendorRequest *request,
                                 VendorAnswer       **ret_first);
void           vendor_keys_keep (VendorKeys          *self,
                                 const char          *key,
                                 const VendorRequest *request,
                                 const VendorAnswer  *answer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VendorKeys, vendor_keys_free)

G_END_DECLS
