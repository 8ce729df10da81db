/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"
#include "ledger/air-note.h"
#include "runtime/air-trust.h"

G_BEGIN_DECLS

/**
 * AirConnectorConfig:
 * @id: the connector's
 * @base_url: (nullable): instead of the connector document's own
 * @secret_file: (nullable): path of its secrets
 */
typedef struct {
  char     *id;
  char     *base_url;
  char     *secret_file;
} AirConnectorConfig;

/**
 * AirWitnessConfig:
 * @url: without "/add-checkpoint"
 * @key: type 4
 *
 * Who cosigns the ledger's heads.
 */
typedef struct {
  char    *url;
  AirVkey *key;
} AirWitnessConfig;

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
  guint      max_open;    /* runs at work; beyond that triggers are told to come back */
  GPtrArray *witnesses;   /* AirWitnessConfig */
  char      *timestamp_url;         /* of an RFC 3161 authority; nullable: none is asked */
  char      *timestamp_authorities; /* path of certificates in PEM; nullable */
  guint      timestamp_interval_s;
} AirConfig;

AirConfig *air_config_load (const char  *path,
                            GError     **error);
void       air_config_free (AirConfig   *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirConfig, air_config_free)

G_END_DECLS
