/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/air-command.h"
#include "model/air-document.h"

G_BEGIN_DECLS

/**
 * AirSeverity:
 * @AIR_SEVERITY_ERROR: no artifact is made
 * @AIR_SEVERITY_WARNING: an artifact is made, and the warning stands in it
 */
typedef enum { AIR_SEVERITY_ERROR, AIR_SEVERITY_WARNING } AirSeverity;

/**
 * AirDiagnostic:
 * @id: stable: "AIR001" … for lints, "AIR1xx" for structure, "AIR2xx" for types
 * @severity: an artifact is made only of what has no error
 * @file: the file's name as given when it was loaded
 * @pointer: RFC 6901
 * @line: from 1
 * @column: from 1
 * @node: (nullable): the node or edge it is about
 * @message: what is wrong
 * @mend: what to do about it
 * @fix: (nullable): the edit that mends it
 */
typedef struct {
  const char *id;
  AirSeverity severity;
  char *file;
  char *pointer;
  guint line, column;
  char *node;
  char *message;
  char *mend;
  AirCommand *fix; /* nullable */
} AirDiagnostic;

void        air_diagnostic_free        (AirDiagnostic       *self);
char       *air_diagnostic_to_text     (const AirDiagnostic *self);
AirValue   *air_diagnostic_to_value    (const AirDiagnostic *self);
const char *air_severity_to_string     (AirSeverity          severity);

/**
 * AirDiagnosticKind:
 * @id: stable, as in #AirDiagnostic
 * @title: for people
 * @severity: of all its findings
 * @explanation: why it is looked for
 *
 * What there is to find: for `airailsctl check --list`, the Studio and the docs.
 */
typedef struct {
  const char *id;
  const char *title;
  AirSeverity severity;
  const char *explanation;
} AirDiagnosticKind;

const AirDiagnosticKind *air_diagnostic_get_kinds (gsize *ret_n_kinds);

AirValue   *air_diagnostics_to_sarif   (GPtrArray           *diagnostics);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirDiagnostic, air_diagnostic_free)

G_END_DECLS
