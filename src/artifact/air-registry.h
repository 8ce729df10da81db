/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-artifact.h"

G_BEGIN_DECLS

/**
 * AirRegistry:
 *
 * Where published artifacts are found. Versions never change once they are there; what is pushed must be signed by a
 * designer. The kinds of registry differ behind these calls only. Calls wait for files and network. Freed with
 * air_registry_free().
 */
typedef struct _AirRegistry AirRegistry;

/**
 * AirRegistryOptions:
 * @auth_file: credentials, as docker, podman, skopeo and oras keep them
 * @ca_file: PEM: whose certificates count, instead of the system's
 * @certificate_file: PEM: one's own, for mutual TLS
 * @key_file: PEM: its key; else in the certificate's file
 * @plain_http: no TLS: for a registry on this machine
 * @progress: called now and then, in the thread of the call
 * @progress_data: handed to @progress
 *
 * For registries over HTTP; all of it may be %NULL.
 */
typedef struct {
  const char *auth_file;
  const char *ca_file;
  const char *certificate_file;
  const char *key_file;
  gboolean plain_http;
  void (*progress) (const char *what, guint done, guint all, gpointer user_data);
  gpointer progress_data;
} AirRegistryOptions;

AirRegistry *air_registry_open        (const char               *location,
                                       const AirRegistryOptions *options,
                                       GError                  **error);
char        *air_registry_publish     (AirRegistry              *self,
                                       AirArtifact              *artifact,
                                       GPtrArray                *signers,
                                       GError                  **error);
AirArtifact *air_registry_fetch       (AirRegistry              *self,
                                       const char               *workflow,
                                       const char               *version,
                                       GError                  **error);
char       **air_registry_list        (AirRegistry              *self,
                                       const char               *workflow,
                                       GError                  **error);
gboolean     air_registry_set_channel (AirRegistry              *self,
                                       AirArtifact              *artifact,
                                       const char               *channel,
                                       GError                  **error);
void         air_registry_free        (AirRegistry              *self);

gboolean     air_registry_parse       (const char               *text,
                                       char                    **ret_location,
                                       char                    **ret_workflow,
                                       char                    **ret_reference,
                                       GError                  **error);
gboolean     air_registry_is_channel  (const char               *tag);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirRegistry, air_registry_free)

G_END_DECLS
