/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "policy/air-glass.h"
#include "runtime/air-host.h"

G_BEGIN_DECLS

/**
 * AirGlassBox:
 *
 * The emergency rights of now. What happens to one is a BREAK_GLASS entry in
 * the system's chain, and holds once that is durable; they are folded from
 * these entries, so that a restart neither ends nor opens one.
 */
typedef struct _AirGlassBox AirGlassBox;

AirGlassBox *air_glass_box_new       (AirHost      *host);
void         air_glass_box_free      (AirGlassBox  *self);

guint        air_glass_box_get_roles (AirGlassBox  *self,
                                      const char   *uri);
void         air_glass_box_note_use  (AirGlassBox  *self,
                                      const char   *uri,
                                      const char   *what);
guint        air_glass_box_count_open (AirGlassBox *self);
AirValue    *air_glass_box_describe  (AirGlassBox  *self,
                                      gboolean      all);

/**
 * AirGlassDone:
 * @item: (nullable): the request, as it is durable
 * @take_problem: (nullable) (transfer full): why not
 * @user_data: what was handed in
 *
 * One of item and problem is %NULL.
 */
typedef void (*AirGlassDone) (AirValue   *item,
                              AirProblem *take_problem,
                              gpointer    user_data);

void         air_glass_box_request   (AirGlassBox  *self,
                                      const char   *actor,
                                      guint         roles,
                                      const char   *role,
                                      gint64        minutes,
                                      const char   *reason,
                                      AirGlassDone  done,
                                      gpointer      user_data);
void         air_glass_box_confirm   (AirGlassBox  *self,
                                      const char   *actor,
                                      const char   *id,
                                      AirGlassDone  done,
                                      gpointer      user_data);
void         air_glass_box_close     (AirGlassBox  *self,
                                      const char   *actor,
                                      guint         roles,
                                      const char   *id,
                                      AirGlassDone  done,
                                      gpointer      user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirGlassBox, air_glass_box_free)

G_END_DECLS
