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

typedef enum {
  AIR_EVENT_TRIGGER,   /* the first event of every instance */
  AIR_EVENT_OUTCOME,   /* an effect of kind CALL came to its end */
  AIR_EVENT_TIMER,     /* a timer is due; one that is not due yet is set again */
  AIR_EVENT_DECISION,  /* a person's decision, verified and judged */
  AIR_EVENT_RECOVERED, /* the host lost what was in flight: it restarted */
  AIR_EVENT_CANCEL,
} AirEventKind;

/**
 * AirEvent:
 *
 * What happened to an instance. Plain data on the host's stack: every pointer
 * is borrowed for the length of the call, fields of other kinds are ignored.
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
    } trigger;
    struct {
      const char *node;
      guint attempt;
      AirPurpose purpose;
      const AirOutcome *outcome;
    } outcome;
    struct {
      const char *id; /* as given by the effect */
    } timer;
    struct {
      const char *node;
      gboolean approve;
      const char *actor;    /* the approver's URI */
      const char *key;      /* key id */
      const char *role;     /* the role used */
      const char *reason;   /* nullable */
      const char *envelope; /* the DSSE envelope, its exact text */
    } decision;
    struct {
      const char *actor;
      const char *reason; /* nullable */
    } cancel;
  };
} AirEvent;

G_END_DECLS
