/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AirIdempotency:
 *
 * Answers of requests that carried an Idempotency-Key, so that a repeated
 * request gets the first answer. It spares work; what must hold over a
 * restart is held by the ledger.
 */
typedef struct _AirIdempotency AirIdempotency;

/**
 * AirIdempotencyVerdict:
 * @AIR_IDEMPOTENCY_NEW: go on; store or forget the key afterwards
 * @AIR_IDEMPOTENCY_REPEATED: here is the first answer
 * @AIR_IDEMPOTENCY_BUSY: the first is still at work
 * @AIR_IDEMPOTENCY_CHANGED: the same key came with another body
 */
typedef enum {
  AIR_IDEMPOTENCY_NEW,
  AIR_IDEMPOTENCY_REPEATED,
  AIR_IDEMPOTENCY_BUSY,
  AIR_IDEMPOTENCY_CHANGED,
} AirIdempotencyVerdict;

/**
 * AirAnswer:
 * @status: of HTTP
 * @content_type: of @body
 * @body: exact bytes
 */
typedef struct {
  guint   status;
  char   *content_type;
  GBytes *body;
} AirAnswer;

AirIdempotency       *air_idempotency_new    (guint            capacity);
AirIdempotencyVerdict air_idempotency_begin  (AirIdempotency  *self,
                                              const char      *key,
                                              GBytes          *body,
                                              const AirAnswer **ret_answer);
void                  air_idempotency_store  (AirIdempotency  *self,
                                              const char      *key,
                                              guint            status,
                                              const char      *content_type,
                                              GBytes          *answer);
void                  air_idempotency_forget (AirIdempotency  *self,
                                              const char      *key);
void                  air_idempotency_free   (AirIdempotency  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirIdempotency, air_idempotency_free)

G_END_DECLS
