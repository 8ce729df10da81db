/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-outcome.h"

G_BEGIN_DECLS

/**
 * AirPurpose:
 *
 * Why an action is performed: for its effect, to find out what became of an
 * earlier attempt, or to reverse an effect.
 */
typedef enum {
  AIR_PURPOSE_EXECUTE,
  AIR_PURPOSE_RECONCILE,
  AIR_PURPOSE_COMPENSATE,
} AirPurpose;

const char *air_purpose_to_string   (AirPurpose  purpose);
gboolean    air_purpose_from_string (const char *text,
                                     AirPurpose *ret_purpose);

/**
 * AirEventKind:
 *
 * What may happen to an instance; which members of #AirEvent count.
 */
typedef enum {
  AIR_EVENT_TRIGGER,   /* the first event of every instance */
  AIR_EVENT_OUTCOME,   /* an effect of kind CALL came to its end */
  AIR_EVENT_TIMER,     /* a timer is due; one that is not due yet is set again */
  AIR_EVENT_DECISION,  /* a person's decision, verified and judged */
  AIR_EVENT_RECOVERED, /* the host lost what was in flight: it restarted */
  AIR_EVENT_CANCEL,    /* AIR_CONTROL_CANCEL, for short */
  AIR_EVENT_SIGNAL,    /* what a wait node may wait for; kept until one does */
  AIR_EVENT_CONTROL,   /* a person's hand on the run */
} AirEventKind;

/**
 * AirControl:
 * @AIR_CONTROL_PAUSE: nothing new begins; what is in flight is let come back
 * @AIR_CONTROL_RESUME: goes on where it was paused
 * @AIR_CONTROL_CANCEL: begins nothing more and reverses what was done
 * @AIR_CONTROL_RETRY: a step that waits for its next attempt begins it now; one whose outcome nobody knows asks, or
 *   sends again under its key, where that is one effect
 * @AIR_CONTROL_SKIP: a step that cannot go on is left out, by a person's reason; never a gate
 * @AIR_CONTROL_CONFIRM: a person says, signed, whether an action of unknown outcome happened
 */
typedef enum {
  AIR_CONTROL_PAUSE,
  AIR_CONTROL_RESUME,
  AIR_CONTROL_CANCEL,
  AIR_CONTROL_RETRY,
  AIR_CONTROL_SKIP,
  AIR_CONTROL_CONFIRM,
} AirControl;

const char *air_control_to_string   (AirControl  control);
gboolean    air_control_from_string (const char *text,
                                     AirControl *ret_control);

/**
 * AirEvent:
 *
 * What happened to an instance. Plain data on the host's stack: every pointer
 * is borrowed for the length of the call, fields of other kinds are ignored.
 *
 * A step is named by the id of its node; inside a for_each by "<node>@<iteration>"
 * ("charge@3", nested "charge@3.0"), as effects and timers name it.
 */
typedef struct {
  AirEventKind kind;
  union {
    struct {
      AirValue *data;              /* the event's data: `trigger` in expressions */
      const char *actor;           /* URI of who brought it */
      const char *session;         /* nullable: attestation session */
      const char *dedup_key;       /* nullable, as the three below from air_plan_read_trigger () */
      const char *concurrency_key; /* nullable */
      const char *requester;       /* nullable */
      const char *subject;         /* nullable: whose data it is */
      const char *latency_class;   /* nullable: where the event said it */
      const char *retry_of;        /* nullable: the run that ended and whose work this one does again */
      AirValue *triggered_by;      /* with @retry_of: list of the URIs of those who brought it before */
      const char *reason;          /* with @retry_of: nullable */
      const char *selection;       /* with @retry_of: nullable: id of the order this is a part of */
    } trigger;
    struct {
      const char *node;     /* the step, as the effect named it */
      guint attempt;
      AirPurpose purpose;
      const AirOutcome *outcome;
    } outcome;
    struct {
      const char *id; /* as given by the effect */
    } timer;
    struct {
      const char *node;     /* the step */
      gboolean approve;
      gboolean asks;        /* for information, and so decides nothing; then without @approve */
      const char *actor;    /* the approver's URI */
      const char *key;      /* key id */
      const char *role;     /* the role used */
      const char *reason;   /* nullable */
      const char *envelope; /* the DSSE envelope, its exact text */
      AirValue *edits;      /* nullable; with @approve: a JSON Patch of the action, see policy/air-gate-edit.h */
    } decision;
    struct {
      const char *actor;
      const char *reason; /* nullable */
    } cancel;
    struct {
      const char *name;
      const char *id;        /* nullable: the same id again is AIR_ENGINE_ERROR_DUPLICATE */
      const char *iteration; /* nullable: of the wait that is meant, where several wait */
      AirValue *data;        /* nullable */
      const char *actor;
    } signal;
    struct {
      AirControl control;
      const char *actor;
      const char *node;      /* the step; nullable where only one can be meant, or all */
      const char *reason;    /* nullable, except to skip and to confirm */
      const char *selection; /* nullable: id of the order this is a part of */
      const char *id;        /* nullable: the same id again is AIR_ENGINE_ERROR_DUPLICATE, after a restart too */
      AirValue *output;      /* skip, confirm: nullable: what the step leaves behind */
      gboolean happened;     /* confirm */
      const char *key;       /* confirm: key id */
      const char *role;      /* confirm */
      const char *envelope;  /* confirm: the DSSE envelope, its exact text */
    } control;
  };
} AirEvent;

G_END_DECLS
