/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-status.h"

#include <glib/gi18n.h>

/**
 * air_status_get_icon:
 * @status: how a node stands
 *
 * Returns: (transfer none): one mark for each state, the same on every page; it never stands without words
 *   or a label
 */
const char *
air_status_get_icon (AirNodeStatus status)
{
  switch (status)
    {
    case AIR_NODE_STATUS_DONE:
      return "object-select-symbolic";
    case AIR_NODE_STATUS_FAILED:
      return "window-close-symbolic";
    case AIR_NODE_STATUS_WAITING:
      return "media-playback-pause-symbolic";
    case AIR_NODE_STATUS_UNKNOWN:
      return "dialog-question-symbolic";
    case AIR_NODE_STATUS_UNDONE:
      return "edit-undo-symbolic";
    case AIR_NODE_STATUS_RUNNING:
    case AIR_NODE_STATUS_PENDING:
    case AIR_NODE_STATUS_NONE:
    case AIR_N_NODE_STATUSES:
    default:
      return "media-playback-start-symbolic";
    }
}

/**
 * air_status_get_css_class:
 * @status: how a node stands
 *
 * Returns: (transfer none): the class that is its colour, which never says anything alone
 */
const char *
air_status_get_css_class (AirNodeStatus status)
{
  switch (status)
    {
    case AIR_NODE_STATUS_DONE:
      return "success";
    case AIR_NODE_STATUS_FAILED:
      return "error";
    case AIR_NODE_STATUS_WAITING:
    case AIR_NODE_STATUS_UNKNOWN:
    case AIR_NODE_STATUS_UNDONE:
      return "warning";
    case AIR_NODE_STATUS_RUNNING:
    case AIR_NODE_STATUS_PENDING:
    case AIR_NODE_STATUS_NONE:
    case AIR_N_NODE_STATUSES:
    default:
      return "accent";
    }
}

static const struct {
  const char *state;
  const char *words;
  AirNodeStatus status;
} run_states[] = {
  { "received", NC_ ("state of a run", "Received"), AIR_NODE_STATUS_RUNNING },
  { "running", NC_ ("state of a run", "Running"), AIR_NODE_STATUS_RUNNING },
  { "waiting-gate", NC_ ("state of a run", "Waits for people"), AIR_NODE_STATUS_WAITING },
  { "waiting-timer", NC_ ("state of a run", "Waits for a time"), AIR_NODE_STATUS_WAITING },
  { "waiting-signal", NC_ ("state of a run", "Waits for a signal"), AIR_NODE_STATUS_WAITING },
  { "paused", NC_ ("state of a run", "Paused"), AIR_NODE_STATUS_WAITING },
  { "unknown-outcome", NC_ ("state of a run", "Finds out what happened"), AIR_NODE_STATUS_UNKNOWN },
  { "compensating", NC_ ("state of a run", "Undoes what was done"), AIR_NODE_STATUS_UNDONE },
  { "completed", NC_ ("state of a run", "Completed"), AIR_NODE_STATUS_DONE },
  { "failed", NC_ ("state of a run", "Failed"), AIR_NODE_STATUS_FAILED },
  { "cancelled", NC_ ("state of a run", "Cancelled"), AIR_NODE_STATUS_FAILED },
};

/**
 * air_run_state_to_words:
 * @state: a run's state, by the runtime's name for it
 *
 * Returns: (transfer none): in words, translated; the name itself where it is not known
 */
const char *
air_run_state_to_words (const char *state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (run_states); i++)
    if (g_strcmp0 (run_states[i].state, state) == 0)
      return g_dpgettext2 (NULL, "state of a run", run_states[i].words);
  return state;
}

/**
 * air_run_state_to_status:
 * @state: a run's state, by the runtime's name for it
 *
 * Returns: the status that looks like it
 */
AirNodeStatus
air_run_state_to_status (const char *state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (run_states); i++)
    if (g_strcmp0 (run_states[i].state, state) == 0)
      return run_states[i].status;
  return AIR_NODE_STATUS_RUNNING;
}
