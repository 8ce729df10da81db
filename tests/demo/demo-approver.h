/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-key.h"
#include "demo-data.h"
#include "demo-listener.h"

G_BEGIN_DECLS

/* A person at a desk, scripted: looks for waiting gates, reads what each would do, and signs a
 * decision about exactly that with a key of their own. */

typedef struct _DemoApprover DemoApprover;

/* The person number @number of @n: gates that need one decision are shared among them. */
DemoApprover *demo_approver_new          (AirClient          *client,
                                          AirPrivateKey      *key,
                                          guint               number,
                                          guint               n,
                                          DemoData           *data,
                                          const DemoListener *listener);
void          demo_approver_free         (DemoApprover       *self);
void          demo_approver_start        (DemoApprover       *self);
guint         demo_approver_get_approved (DemoApprover       *self);
guint         demo_approver_get_denied   (DemoApprover       *self);
guint         demo_approver_get_waiting  (DemoApprover       *self); /* gates, when last looked */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DemoApprover, demo_approver_free)

G_END_DECLS
