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

const char *air_gate_get_id            (AirGate        *self); /* "<run>/<node>", in a for_each with "@<iteration>" */
const char *air_gate_get_run           (AirGate        *self);
const char *air_gate_get_node          (AirGate        *self); /* in a for_each "<node>@<iteration>" */
const char *air_gate_get_leaf          (AirGate        *self); /* the entry's exact text */
const char *air_gate_get_leaf_hash     (AirGate        *self); /* hex, recomputed here */
guint64     air_gate_get_index         (AirGate        *self);
AirValue   *air_gate_get_entry         (AirGate        *self); /* the entry's members */
AirValue   *air_gate_get_action        (AirGate        *self); /* [{node, operation, title, input, idempotency_key}] */
const char *air_gate_get_action_digest (AirGate        *self);
AirValue   *air_gate_get_why           (AirGate        *self); /* nullable */
const char *air_gate_get_artifact      (AirGate        *self);
const char *air_gate_get_policy        (AirGate        *self);
gint64      air_gate_get_quorum        (AirGate        *self);
gint64      air_gate_get_counted       (AirGate        *self);
const char *air_gate_get_role          (AirGate        *self);
gint64      air_gate_get_deadline_us   (AirGate        *self); /* 0: none */
const char *air_gate_get_on_expiry     (AirGate        *self);
AirValue   *air_gate_get_exclude       (AirGate        *self); /* nullable list of URIs */
AirValue   *air_gate_get_decisions     (AirGate        *self); /* nullable list */
const char *air_gate_get_state         (AirGate        *self); /* "waiting", "approved", … */
gboolean    air_gate_may_decide        (AirGate        *self,
                                        const char    **ret_reason);

/* The DSSE envelope (JSON) of a decision about exactly this gate. @issued_us and the nonce come from the caller's clock. */
GBytes     *air_gate_sign              (AirGate        *self,
                                        const char     *decision,
                                        const char     *reason,
                                        AirPrivateKey  *key,
                                        gint64          issued_us,
                                        GError        **error);

GBytes     *air_gate_sign_edit         (AirGate        *self,
                                        const char     *decision,
                                        AirValue       *patch,    /* nullable */
                                        const char     *reason,
                                        AirPrivateKey  *key,
                                        gint64          issued_us,
                                        GError        **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirGate, air_gate_unref)

G_END_DECLS
