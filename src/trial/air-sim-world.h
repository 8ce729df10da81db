/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AirSimWorld:
 *
 * Time, and what is going to happen. One clock that only goes forward and
 * jumps from task to task; beside it the wall clock, which may be set. Tasks
 * of the same time happen in the order in which they were planned.
 */
typedef struct _AirSimWorld AirSimWorld;

/**
 * AirSimTask:
 * @user_data: what was handed in
 *
 * Something that happens at its time.
 */
typedef void (*AirSimTask) (gpointer user_data);

AirSimWorld *air_sim_world_new      (gint64          wall_us);
/* Frees what is planned, with each task's own @destroy. */
void         air_sim_world_free     (AirSimWorld    *self);
gint64       air_sim_world_now      (AirSimWorld    *self);
gint64       air_sim_world_wall     (AirSimWorld    *self);
void         air_sim_world_jump     (AirSimWorld    *self,
                                     gint64          by_us);
void         air_sim_world_plan     (AirSimWorld    *self,
                                     gint64          in_us,
                                     AirSimTask      task,
                                     gpointer        user_data,
                                     GDestroyNotify  destroy);
gboolean     air_sim_world_step     (AirSimWorld    *self);
guint64      air_sim_world_get_steps (AirSimWorld   *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirSimWorld, air_sim_world_free)

G_END_DECLS
