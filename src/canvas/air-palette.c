/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-canvas"

#include "config.h"

#include "canvas/air-palette.h"

#include <glib/gi18n-lib.h>

#define HEX(c) { (((c) >> 16) & 255) / 255.f, (((c) >> 8) & 255) / 255.f, ((c) & 255) / 255.f, 1.f }

/* After the colours of the GNOME interface guidelines; each pair of text and ground reaches 4.5:1, 7:1 in high contrast. */
static const AirPalette light = {
  .background = HEX (0xf6f5f4),
  .dots = HEX (0xdeddda),
  .card = HEX (0xffffff),
  .border = HEX (0xcfcdc9),
  .text = HEX (0x241f31),
  .dim = HEX (0x5e5c64),
  .edge = HEX (0x77767b),
  .edge_failure = HEX (0xb5524a),
  .edge_taken = HEX (0x26753f),
  .on_fill = HEX (0xffffff),
  .kinds = { [AIR_NODE_KIND_TRIGGER] = HEX (0x1a5fb4),
             [AIR_NODE_KIND_CALL] = HEX (0x3d6a8a),
             [AIR_NODE_KIND_DECIDE] = HEX (0x613583),
             [AIR_NODE_KIND_BRANCH] = HEX (0x813d9c),
             [AIR_NODE_KIND_GATE] = HEX (0xa34a00),
             [AIR_NODE_KIND_WAIT] = HEX (0x5e5c64),
             [AIR_NODE_KIND_EVIDENCE] = HEX (0x26753f),
             [AIR_NODE_KIND_PARALLEL] = HEX (0x813d9c),
             [AIR_NODE_KIND_JOIN] = HEX (0x813d9c),
             [AIR_NODE_KIND_FOR_EACH] = HEX (0x813d9c),
             [AIR_NODE_KIND_WORKFLOW] = HEX (0x0d6e6e),
             [AIR_NODE_KIND_END] = HEX (0x3d3846) },
  .statuses = { HEX (0x9a9996), HEX (0x77767b), HEX (0x1a5fb4), HEX (0xa34a00), HEX (0x26753f), HEX (0xb3141f),
                HEX (0x8f6400), HEX (0x613583) },
  .border_width = 1,
};

static const AirPalette dark = {
  .background = HEX (0x1d1d20),
  .dots = HEX (0x36363a),
  .card = HEX (0x303034),
  .border = HEX (0x4a4a50),
  .text = HEX (0xf6f5f4),
  .dim = HEX (0xb5b3bb),
  .edge = HEX (0x8f8d96),
  .edge_failure = HEX (0xd07a72),
  .edge_taken = HEX (0x57e389),
  .on_fill = HEX (0x1d1d20),
  .kinds = { [AIR_NODE_KIND_TRIGGER] = HEX (0x78aeed),
             [AIR_NODE_KIND_CALL] = HEX (0x8fb8d6),
             [AIR_NODE_KIND_DECIDE] = HEX (0xc79be0),
             [AIR_NODE_KIND_BRANCH] = HEX (0xdc8add),
             [AIR_NODE_KIND_GATE] = HEX (0xffbe6f),
             [AIR_NODE_KIND_WAIT] = HEX (0xb5b3bb),
             [AIR_NODE_KIND_EVIDENCE] = HEX (0x8ff0a4),
             [AIR_NODE_KIND_PARALLEL] = HEX (0xdc8add),
             [AIR_NODE_KIND_JOIN] = HEX (0xdc8add),
             [AIR_NODE_KIND_FOR_EACH] = HEX (0xdc8add),
             [AIR_NODE_KIND_WORKFLOW] = HEX (0x7fd1c7),
             [AIR_NODE_KIND_END] = HEX (0xdeddda) },
  .statuses = { HEX (0x77767b), HEX (0xb5b3bb), HEX (0x78aeed), HEX (0xffbe6f), HEX (0x57e389), HEX (0xff938c),
                HEX (0xf8e45c), HEX (0xc79be0) },
  .border_width = 1,
};

static const AirPalette light_contrast = {
  .high_contrast = TRUE,
  .background = HEX (0xffffff),
  .dots = HEX (0xffffff),
  .card = HEX (0xffffff),
  .border = HEX (0x000000),
  .text = HEX (0x000000),
  .dim = HEX (0x241f31),
  .edge = HEX (0x000000),
  .edge_failure = HEX (0x7a0c14),
  .edge_taken = HEX (0x004d1a),
  .on_fill = HEX (0xffffff),
  .kinds = { [AIR_NODE_KIND_TRIGGER] = HEX (0x003a80),
             [AIR_NODE_KIND_CALL] = HEX (0x1e3a50),
             [AIR_NODE_KIND_DECIDE] = HEX (0x3d1a57),
             [AIR_NODE_KIND_BRANCH] = HEX (0x4d1a61),
             [AIR_NODE_KIND_GATE] = HEX (0x6b2f00),
             [AIR_NODE_KIND_WAIT] = HEX (0x241f31),
             [AIR_NODE_KIND_EVIDENCE] = HEX (0x004d1a),
             [AIR_NODE_KIND_PARALLEL] = HEX (0x4d1a61),
             [AIR_NODE_KIND_JOIN] = HEX (0x4d1a61),
             [AIR_NODE_KIND_FOR_EACH] = HEX (0x4d1a61),
             [AIR_NODE_KIND_WORKFLOW] = HEX (0x00484a),
             [AIR_NODE_KIND_END] = HEX (0x000000) },
  .statuses = { HEX (0x241f31), HEX (0x241f31), HEX (0x003a80), HEX (0x6b2f00), HEX (0x004d1a), HEX (0x7a0c14),
                HEX (0x574000), HEX (0x3d1a57) },
  .border_width = 2,
};

static const AirPalette dark_contrast = {
  .high_contrast = TRUE,
  .background = HEX (0x000000),
  .dots = HEX (0x000000),
  .card = HEX (0x000000),
  .border = HEX (0xffffff),
  .text = HEX (0xffffff),
  .dim = HEX (0xf6f5f4),
  .edge = HEX (0xffffff),
  .edge_failure = HEX (0xffb3ad),
  .edge_taken = HEX (0x8ff0a4),
  .on_fill = HEX (0x000000),
  .kinds = { [AIR_NODE_KIND_TRIGGER] = HEX (0x99c1f1),
             [AIR_NODE_KIND_CALL] = HEX (0xc0dcee),
             [AIR_NODE_KIND_DECIDE] = HEX (0xe2c4f2),
             [AIR_NODE_KIND_BRANCH] = HEX (0xf0b8f0),
             [AIR_NODE_KIND_GATE] = HEX (0xffd9a8),
             [AIR_NODE_KIND_WAIT] = HEX (0xf6f5f4),
             [AIR_NODE_KIND_EVIDENCE] = HEX (0x8ff0a4),
             [AIR_NODE_KIND_PARALLEL] = HEX (0xf0b8f0),
             [AIR_NODE_KIND_JOIN] = HEX (0xf0b8f0),
             [AIR_NODE_KIND_FOR_EACH] = HEX (0xf0b8f0),
             [AIR_NODE_KIND_WORKFLOW] = HEX (0xa8ece4),
             [AIR_NODE_KIND_END] = HEX (0xffffff) },
  .statuses = { HEX (0xf6f5f4), HEX (0xf6f5f4), HEX (0x99c1f1), HEX (0xffd9a8), HEX (0x8ff0a4), HEX (0xffb3ad),
                HEX (0xf9f06b), HEX (0xe2c4f2) },
  .border_width = 2,
};

/**
 * air_palette_get:
 * @dark: whether the appearance is dark
 * @high_contrast: whether contrast is high
 *
 * Returns: (transfer none): its palette; static
 */
const AirPalette *
air_palette_get (gboolean is_dark, gboolean high_contrast)
{
  if (high_contrast)
    return is_dark ? &dark_contrast : &light_contrast;
  return is_dark ? &dark : &light;
}

/**
 * air_node_status_to_words:
 * @status: a status
 *
 * Returns: (transfer none) (nullable): in words, translated: "waiting"; %NULL for %AIR_NODE_STATUS_NONE
 */
const char *
air_node_status_to_words (AirNodeStatus status)
{
  switch (status)
    {
    case AIR_NODE_STATUS_PENDING:
      return C_ ("step status", "not reached yet");
    case AIR_NODE_STATUS_RUNNING:
      return C_ ("step status", "running");
    case AIR_NODE_STATUS_WAITING:
      return C_ ("step status", "waiting");
    case AIR_NODE_STATUS_DONE:
      return C_ ("step status", "done");
    case AIR_NODE_STATUS_FAILED:
      return C_ ("step status", "failed");
    case AIR_NODE_STATUS_UNKNOWN:
      return C_ ("step status", "outcome unknown");
    case AIR_NODE_STATUS_UNDONE:
      return C_ ("step status", "undone");
    case AIR_NODE_STATUS_NONE:
    case AIR_N_NODE_STATUSES:
    default:
      return NULL;
    }
}

/**
 * air_node_kind_to_words:
 * @kind: a kind
 *
 * Returns: (transfer none): in words, translated: "Human gate"
 */
const char *
air_node_kind_to_words (AirNodeKind kind)
{
  switch (kind)
    {
    case AIR_NODE_KIND_TRIGGER:
      return C_ ("step kind", "Trigger");
    case AIR_NODE_KIND_CALL:
      return C_ ("step kind", "Action");
    case AIR_NODE_KIND_DECIDE:
      return C_ ("step kind", "Decision table");
    case AIR_NODE_KIND_BRANCH:
      return C_ ("step kind", "Branch");
    case AIR_NODE_KIND_GATE:
      return C_ ("step kind", "Human gate");
    case AIR_NODE_KIND_WAIT:
      return C_ ("step kind", "Wait");
    case AIR_NODE_KIND_EVIDENCE:
      return C_ ("step kind", "Evidence");
    case AIR_NODE_KIND_PARALLEL:
      return C_ ("step kind", "Parallel");
    case AIR_NODE_KIND_JOIN:
      return C_ ("step kind", "Join");
    case AIR_NODE_KIND_FOR_EACH:
      return C_ ("step kind", "For each");
    case AIR_NODE_KIND_WORKFLOW:
      return C_ ("step kind", "Workflow");
    case AIR_NODE_KIND_END:
    case AIR_N_NODE_KINDS:
    default:
      return C_ ("step kind", "End");
    }
}
