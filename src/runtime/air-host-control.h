/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "runtime/air-host.h"

G_BEGIN_DECLS

/**
 * AirSelection:
 *
 * One hand on all open runs that fit: those named, in this state, started in
 * this time. What is left out fits all. To retry, runs that have ended can be
 * meant too: by their names, or by the state "failed" or "cancelled".
 */
typedef struct {
  AirControl   control;
  char        *actor;
  char        *reason;  /* nullable */
  char        *node;    /* nullable: the step */
  char        *key;     /* nullable: the sender's name of this order: a run counts it once */
  char        *state;   /* nullable */
  GPtrArray   *runs;    /* nullable: of ids, each once */
  gint64       started_from_us;
  gint64       started_to_us;
  /* what became of it */
  char        *id;
  guint        n_matched;
  guint        n_applied;
  guint        n_refused;
  AirValue    *refusals; /* list of {run, reason}, the first hundred */
} AirSelection;

/**
 * AirSelected:
 * @selection: with what became of it
 * @error: (nullable): why not all of it was looked at
 * @user_data: what was handed in
 */
typedef void (*AirSelected) (const AirSelection *selection,
                             const GError       *error,
                             gpointer            user_data);

void air_selection_clear   (AirSelection *self);
void air_host_control_runs (AirHost      *self,
                            AirSelection *take_selection,
                            AirSelected   selected,
                            gpointer      user_data);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AirSelection, air_selection_clear)

G_END_DECLS
