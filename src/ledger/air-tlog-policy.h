/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-checkpoint.h"

G_BEGIN_DECLS

/**
 * AirTlogPolicy:
 *
 * A C2SP tlog-policy: which logs count, and which witnesses must have cosigned. Freed with air_tlog_policy_free().
 */
typedef struct _AirTlogPolicy AirTlogPolicy;

AirTlogPolicy *air_tlog_policy_new         (void);
AirTlogPolicy *air_tlog_policy_parse       (const char          *text,
                                            gsize                length,
                                            GError             **error);
char          *air_tlog_policy_write       (const AirTlogPolicy *self);
void           air_tlog_policy_free        (AirTlogPolicy       *self);

gboolean       air_tlog_policy_add_log     (AirTlogPolicy       *self,
                                            const AirVkey       *key,
                                            const char          *url,
                                            GError             **error);
gboolean       air_tlog_policy_add_witness (AirTlogPolicy       *self,
                                            const char          *name,
                                            const AirVkey       *key,
                                            const char          *url,
                                            GError             **error);
gboolean       air_tlog_policy_add_group   (AirTlogPolicy       *self,
                                            const char          *name,
                                            guint                threshold,
                                            const char * const  *members,
                                            GError             **error);
gboolean       air_tlog_policy_set_quorum  (AirTlogPolicy       *self,
                                            const char          *name,
                                            GError             **error);
guint          air_tlog_policy_get_n_logs      (const AirTlogPolicy *self);
const AirVkey *air_tlog_policy_get_log         (const AirTlogPolicy *self,
                                                guint                i);
guint          air_tlog_policy_get_n_witnesses (const AirTlogPolicy *self);
const AirVkey *air_tlog_policy_get_witness     (const AirTlogPolicy *self,
                                                guint                i,
                                                const char         **ret_name);

AirCheckpoint *air_tlog_policy_open        (const AirTlogPolicy *self,
                                            const char          *note,
                                            gsize                length,
                                            GError             **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirTlogPolicy, air_tlog_policy_free)

G_END_DECLS
