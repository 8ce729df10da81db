/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-event.h"

G_BEGIN_DECLS

/**
 * AirEffectKind:
 *
 * What the host is to do. %AIR_EFFECT_TIMER replaces one of the same id.
 */
typedef enum {
  AIR_EFFECT_CALL,         /* perform an action, answer with an OUTCOME event */
  AIR_EFFECT_TIMER,        /* send a TIMER event with this id at this time (replaces one of the same id) */
  AIR_EFFECT_TIMER_CANCEL, /* the timer is of no more use; a stray TIMER event does no harm */
  AIR_EFFECT_GATE_OPENED,  /* people may decide; tell them */
  AIR_EFFECT_GATE_CLOSED,  /* nothing more to decide */
  AIR_EFFECT_FINISHED,     /* the instance came to its end */
} AirEffectKind;

/**
 * AirEffect:
 *
 * What the host does after the records of the same transition are durable,
 * never before.
 */
typedef struct {
  AirEffectKind kind;
  const char *node; /* the step: a node's id or "<node>@<iteration>"; owned by plan or effect; NULL for FINISHED */
  char *step;       /* owns @node inside a for_each */
  union {
    struct {
      guint attempt;
      AirPurpose purpose;
      const char *operation;  /* operation id; its document: air_plan_get_operation (); owned by the plan */
      AirValue *input;        /* of the original action when reconciling */
      AirValue *run;          /* `run` in the operation's expressions: {id, step, idem, started, approval_id} */
      const char *idempotency_key; /* owned by the effect */
      gint64 timeout_ms;      /* past it: class unknown (the host's clock) */
    } call;
    struct {
      char *id;
      gint64 at_us; /* 0 for TIMER_CANCEL */
    } timer;
    struct {
      gboolean completed; /* else failed or cancelled */
      AirValue *output;   /* nullable */
    } finished;
  };
} AirEffect;

void air_effect_free (AirEffect *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirEffect, air_effect_free)

G_END_DECLS
