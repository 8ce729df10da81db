/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cel/air-cel.h"

/* Writes a value so that kinds show: 1, 1u, 1.0, "a", b"6162", [..], {"k": v}, ts(us), dur(us). */
char *cel_test_dump (const AirValue *value);

/* A row: an expression, and either the dump of its value or "!" and the name of its error. */
typedef struct {
  const char *expression;
  const char *want;
} CelTestRow;

/* Compiles each row with @env (nullable) and evaluates it with @bindings (nullable). */
void cel_test_rows (const CelTestRow *rows, gsize n_rows, const AirCelEnv *env, const AirValue *bindings);
AirValue *cel_test_json (const char *json);
