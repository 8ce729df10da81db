/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"
#include "runtime/air-trust.h"

G_BEGIN_DECLS

typedef struct {
  char     *id;
  char     *base_url;    /* nullable: the connector document's own */
  char     *secret_file; /* nullable */
} AirConnectorConfig;

/**
 * AirConfig:
 *
 * runtime.json; every path in it is relative to the file's own folder.
 */
typedef struct {
  char      *artifact;   /* OCI layout */
  char      *trust;
  char      *state;
  char      *listen;
  char      *certificate;
  char      *private_key;
  char      *origin;
  char      *ledger_key;
  GPtrArray *connectors; /* AirConnectorConfig */
  GStrv      egress;
  guint      max_effects; /* in flight at once */
} AirConfig;

AirConfig *air_config_load (const char  *path,
                            GError     **error);
void       air_config_free (AirConfig   *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirConfig, air_config_free)

G_END_DECLS
