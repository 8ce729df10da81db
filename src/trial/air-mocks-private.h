/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cel/air-cel.h"
#include "components/air-operation.h"
#include "schema/air-schema.h"
#include "trial/air-mocks.h"

G_BEGIN_DECLS

typedef struct {
  AirOperation *operation;
  AirSchema *output;
  GHashTable *fixtures;   /* id → AirValue, borrowed from the pack's document */
  GPtrArray *succeeding;  /* ids */
  GPtrArray *failing;
  AirCelProgram *amount, *currency; /* nullable */
  gboolean money_out;
} AirMockOperation;

struct _AirMocks {
  GHashTable *operations; /* id → AirMockOperation */
  GHashTable *connectors; /* id → AirConnector */
  AirEgress *egress;
  AirValue *pool;         /* name → list */
  GPtrArray *documents;   /* AirDocument, kept */
};

G_END_DECLS
