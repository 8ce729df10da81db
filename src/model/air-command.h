/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/air-workflow.h"

G_BEGIN_DECLS

/**
 * AirCommand:
 *
 * One edit of a workflow source: a list of steps (set, unset, insert, remove)
 * at places of it, applied whole or not at all. Immutable, reference counted.
 * A place is an RFC 6901 pointer in which an item of a list may be named by its
 * id instead of its number: "/nodes/refund/timeout_ms", "/edges/e12".
 *
 * Those that take a workflow are made for it as it stands: removing a node, say,
 * takes its edges, its mentions and its position along.
 */
typedef struct _AirCommand AirCommand;

AirWorkflow *air_command_apply           (const AirCommand  *self,
                                          AirWorkflow       *workflow,
                                          AirCommand       **ret_inverse,
                                          GError           **error);
AirCommand  *air_command_ref             (AirCommand        *self);
void         air_command_unref           (AirCommand        *self);
const char  *air_command_get_title       (const AirCommand  *self);
AirValue    *air_command_to_value        (const AirCommand  *self);
AirCommand  *air_command_from_value      (const AirValue    *value,
                                          GError           **error);

AirCommand  *air_command_new_set         (const char        *pointer,
                                          AirValue          *take_value);
AirCommand  *air_command_new_unset       (const char        *pointer);
AirCommand  *air_command_new_insert      (const char        *list,
                                          guint              index,
                                          AirValue          *take_value);
AirCommand  *air_command_new_remove      (const char        *item);
AirCommand  *air_command_new_transaction (const char        *title,
                                          GPtrArray         *commands);

AirCommand  *air_command_new_add_node    (AirWorkflow       *workflow,
                                          AirValue          *take_node,
                                          const gint64      *position);
AirCommand  *air_command_new_remove_node (AirWorkflow       *workflow,
                                          const char        *id);
AirCommand  *air_command_new_move_node   (AirWorkflow       *workflow,
                                          const char        *id,
                                          gint64             x,
                                          gint64             y);
AirCommand  *air_command_new_rename_node (AirWorkflow       *workflow,
                                          const char        *id,
                                          const char        *new_id);

AirCommand  *air_command_new_connect     (AirWorkflow       *workflow,
                                          const char        *from,
                                          const char        *port,
                                          const char        *to,
                                          const char        *id);
AirCommand  *air_command_new_disconnect  (AirWorkflow       *workflow,
                                          const char        *edge);
char        *air_workflow_dup_free_id    (const AirWorkflow *workflow,
                                          const char        *like);

AirCommand  *air_command_new_add_test    (AirWorkflow       *workflow,
                                          AirValue          *take_test);
AirCommand  *air_command_new_remove_test (AirWorkflow       *workflow,
                                          const char        *id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirCommand, air_command_unref)

G_END_DECLS
