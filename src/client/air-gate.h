/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "base/air-key.h"
#include "base/air-value.h"

G_BEGIN_DECLS

#define AIR_TYPE_GATE (air_gate_get_type ())

/**
 * AirGate:
 *
 * A gate as a person may judge it. Everything shown comes out of the exact bytes of the
 * ledger entry the gate quotes: air_gate_new() recomputes the leaf hash and checks every
 * disclosure against the entry's commitments, so a server cannot show one action and have
 * another one signed. Reference counted and immutable.
 */
typedef struct _AirGate AirGate;

GType       air_gate_get_type          (void);
AirGate    *air_gate_new               (AirValue       *document,
                                        GError        **error);
AirGate    *air_gate_ref               (AirGate        *self);
void        air_gate_unref             (AirGate        *self);

const char *air_gate_get_id            (AirGate        *self);
const char *air_gate_get_run           (AirGate        *self);
const char *air_gate_get_node          (AirGate        *self);
const char *air_gate_get_leaf          (AirGate        *self);
const char *air_gate_get_leaf_hash     (AirGate        *self);
guint64     air_gate_get_index         (AirGate        *self);
AirValue   *air_gate_get_entry         (AirGate        *self);
AirValue   *air_gate_get_action        (AirGate        *self);
const char *air_gate_get_action_digest (AirGate        *self);
AirValue   *air_gate_get_why           (AirGate        *self);
const char *air_gate_get_artifact      (AirGate        *self);
const char *air_gate_get_policy        (AirGate        *self);
gint64      air_gate_get_quorum        (AirGate        *self);
gint64      air_gate_get_counted       (AirGate        *self);
const char *air_gate_get_role          (AirGate        *self);
gint64      air_gate_get_deadline_us   (AirGate        *self);
const char *air_gate_get_on_expiry     (AirGate        *self);
AirValue   *air_gate_get_exclude       (AirGate        *self);
AirValue   *air_gate_get_decisions     (AirGate        *self);
const char *air_gate_get_state         (AirGate        *self);
gboolean    air_gate_may_decide        (AirGate        *self,
                                        const char    **ret_reason);

GBytes     *air_gate_sign              (AirGate        *self,
                                        const char     *decision,
                                        const char     *reason,
                                        AirPrivateKey  *key,
                                        gint64          issued_us,
                                        GError        **error);

GBytes     *air_gate_sign_edit         (AirGate        *self,
                                        const char     *decision,
                                        AirValue       *patch,
                                        const char     *reason,
                                        AirPrivateKey  *key,
                                        gint64          issued_us,
                                        GError        **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirGate, air_gate_unref)

G_END_DECLS
