/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Who may do what: the one table of roles and permissions. Every route of the
 * runtime names its permission and nothing else; what is not in the table is
 * refused.
 */

/**
 * AirRole:
 *
 * The five roles, as bits of a mask; names in certificates and documents are air_role_to_string().
 */
typedef enum {
  AIR_ROLE_OPERATOR = 1 << 0,
  AIR_ROLE_APPROVER = 1 << 1,
  AIR_ROLE_AUDITOR  = 1 << 2,
  AIR_ROLE_DESIGNER = 1 << 3,
  AIR_ROLE_ADMIN    = 1 << 4,
} AirRole;

#define AIR_ROLE_ANY 0x1f

/**
 * AirPermission:
 *
 * What can be done, each thing by itself. Numbers far from role masks, so that one taken for the other is refused.
 */
typedef enum {
  AIR_PERMISSION_FIRST = 0x1000,
  AIR_PERMISSION_RUN_TRIGGER = AIR_PERMISSION_FIRST,
  AIR_PERMISSION_RUN_READ,
  AIR_PERMISSION_RUN_EXPORT,
  AIR_PERMISSION_RUN_CONTROL,     /* pause, resume, cancel, retry, skip */
  AIR_PERMISSION_RUN_CONFIRM,     /* what became of an unknown outcome: signed by a person */
  AIR_PERMISSION_RUN_SIGNAL,
  AIR_PERMISSION_GATE_READ,
  AIR_PERMISSION_GATE_DECIDE,
  AIR_PERMISSION_WORKFLOW_READ,
  AIR_PERMISSION_HEALTH_READ,
  AIR_PERMISSION_METRICS_READ,
  AIR_PERMISSION_LEDGER_READ,
  AIR_PERMISSION_LEDGER_WITNESS,  /* cosignatures and timestamps */
  AIR_PERMISSION_EVENTS_READ,
  AIR_PERMISSION_USAGE_READ,      /* what limits and budgets have used */
  AIR_PERMISSION_DATA_ERASE,      /* erasure, with its legal basis */
  AIR_PERMISSION_ACCESS_READ,     /* who was refused, break-glass */
  AIR_PERMISSION_GLASS_REQUEST,
  AIR_PERMISSION_GLASS_CONFIRM,
  AIR_PERMISSION_GLASS_CLOSE,
  AIR_PERMISSION_END,
} AirPermission;

#define AIR_N_PERMISSIONS (AIR_PERMISSION_END - AIR_PERMISSION_FIRST)

const char *air_permission_get_id       (AirPermission      permission);
const char *air_permission_get_title    (AirPermission      permission);
guint       air_permission_get_roles    (AirPermission      permission);
gboolean    air_permission_changes      (AirPermission      permission);
gboolean    air_permission_is_granted   (AirPermission      permission,
                                         guint              roles);

guint       air_role_from_string        (const char        *name);
const char *air_role_to_string          (AirRole            role);
char       *air_roles_to_string         (guint              roles);

gboolean    air_separation_allows       (const char * const *roles,
                                         const char * const *more,
                                         char              **ret_reason);

G_END_DECLS
