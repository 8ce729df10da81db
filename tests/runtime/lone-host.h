/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "runtime/air-host.h"

G_BEGIN_DECLS

/* A host in this process with tests/runtime/plan.json, and a vendor that does as it is told. */

/* Of two that fail, REFUSE surely did nothing. */
typedef enum { ANSWER, HANG, FAIL, REFUSE, FLOOD } Manner;

typedef struct {
  char *state;
  AirPlan *plan;
  AirPrivateKey *key;
  AirHost *host;
  GPtrArray *asked; /* char *: idempotency keys */
  GArray *held;     /* calls that were never answered */
  Manner manner;
  guint failures; /* left, with FAIL and REFUSE */
  guint finished;
  char *outcome;
  guint max_open; /* 0: as usual */
} Fixture;

/* @deadline_ms: (nullable): of the gate, instead of a minute */
void     lone_host_set_up    (Fixture *self, gconstpointer deadline_ms);
void     lone_host_tear_down (Fixture *self, gconstpointer data);
AirHost *lone_host_try       (Fixture *self, GError **error);
void     lone_host_open      (Fixture *self);
void     lone_host_restart   (Fixture *self);
void     lone_host_answer    (Fixture *self); /* those that were held */
/* Warnings that are part of the story, counted until the handler is removed; the next test sees them as faults again. */
guint    lone_host_expect_warnings (guint *count);
void     lone_host_iterate   (guint milliseconds);
void     lone_host_wait      (const guint *count, guint n);

typedef struct {
  const char *id, *order, *note;
  int amount; /* 0: 50, which asks nobody */
} Order;

/* The run; NULL when it was refused, and @ret_status says with what. */
char    *lone_host_order     (Fixture *self, const Order *order, guint *ret_status /* nullable */);

G_END_DECLS
