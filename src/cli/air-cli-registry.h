/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-cli.h"
#include "artifact/air-registry.h"

G_BEGIN_DECLS

/**
 * AirCliRegistry:
 * @auth_file: --auth-file
 * @ca: --ca
 * @certificate: --cert
 * @key: --cert-key
 * @plain_http: --plain-http
 *
 * The options of every command that may speak to a registry; zeros at first, cleared by air_cli_registry_clear().
 */
typedef struct {
  char *auth_file, *ca, *certificate, *key;
  gboolean plain_http;
} AirCliRegistry;

#define AIR_CLI_REGISTRY_ENTRIES(r)                                                                                    \
  { "auth-file", 0, 0, G_OPTION_ARG_FILENAME, &(r)->auth_file,                                                         \
    "credentials for the registry, as docker, podman, skopeo and oras keep them", "FILE" },                            \
  { "ca", 0, 0, G_OPTION_ARG_FILENAME, &(r)->ca, "whose certificates the registry may show (PEM)", "FILE" },           \
  { "cert", 0, 0, G_OPTION_ARG_FILENAME, &(r)->certificate, "your certificate for the registry (PEM)", "FILE" },       \
  { "cert-key", 0, 0, G_OPTION_ARG_FILENAME, &(r)->key, "its key (PEM)", "FILE" },                                     \
  { "plain-http", 0, 0, G_OPTION_ARG_NONE, &(r)->plain_http, "speak to the registry without TLS", NULL }

void         air_cli_registry_clear (AirCliRegistry       *self);
AirRegistry *air_cli_registry_open  (const AirCli         *cli,
                                     const AirCliRegistry *self,
                                     const char           *location,
                                     GError              **error);
AirArtifact *air_cli_load_artifact  (const AirCli         *cli,
                                     const AirCliRegistry *self,
                                     const char           *place,
                                     GError              **error);
gboolean     air_cli_is_registry    (const char           *place);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AirCliRegistry, air_cli_registry_clear)

G_END_DECLS
