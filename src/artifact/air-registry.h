/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-artifact.h"

G_BEGIN_DECLS

/* Where published artifacts are found. Versions never change once they are there; what is pushed must be
 * signed by a designer. The kinds of registry differ behind these calls only. */
typedef struct _AirRegistry AirRegistry;

/* For registries over HTTP; everything nullable. */
typedef struct {
  const char *auth_file;        /* credentials, as docker, podman, skopeo and oras keep them */
  const char *ca_file;          /* PEM: whose certificates count, instead of the system's */
  const char *certificate_file; /* PEM: one's own, for mutual TLS */
  const char *key_file;         /* PEM: its key; else in the certificate's file */
  gboolean plain_http;          /* no TLS: for a registry on this machine */
  void (*progress) (const char *what, guint done, guint all, gpointer user_data);
  gpointer progress_data;
} AirRegistryOptions;

/* @location: a folder, or "file:" with one: LOCATION/<workflow>/<version> are OCI layouts; or
 * "oci://HOST[:PORT][/NAMESPACE]": a registry of the OCI distribution specification, where repositories are called
 * [NAMESPACE/]airails/<workflow>. */
AirRegistry *air_registry_open        (const char               *location,
                                       const AirRegistryOptions *options, /* nullable */
                                       GError                  **error);
/* Where it went, for people and for a runtime's configuration. */
char        *air_registry_publish     (AirRegistry              *self,
                                       AirArtifact              *artifact,
                                       GPtrArray                *signers,
                                       GError                  **error);
/* @version: a version; over HTTP also a channel ("stage") or a digest. Nothing of it is verified but its digests. */
AirArtifact *air_registry_fetch       (AirRegistry              *self,
                                       const char               *workflow,
                                       const char               *version,
                                       GError                  **error);
/* The versions of a workflow, and the channels that lead to one: sorted. */
char       **air_registry_list        (AirRegistry              *self,
                                       const char               *workflow,
                                       GError                  **error);
/* Lets a channel ("stage", "prod") lead to a published artifact. Channels move; versions do not. */
gboolean     air_registry_set_channel (AirRegistry              *self,
                                       AirArtifact              *artifact,
                                       const char               *channel,
                                       GError                  **error);
void         air_registry_free        (AirRegistry              *self);

/* "oci://HOST[:PORT][/NAMESPACE]/airails/WORKFLOW[:TAG][@DIGEST]" in its parts; FALSE with
 * AIR_ARTIFACT_ERROR_UNSUPPORTED. @ret_reference: the digest, or the tag, or NULL. */
gboolean     air_registry_parse       (const char               *text,
                                       char                    **ret_location,
                                       char                    **ret_workflow,
                                       char                    **ret_reference,
                                       GError                  **error);
/* Versions begin with a digit, channels with a letter. */
gboolean     air_registry_is_channel  (const char               *tag);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirRegistry, air_registry_free)

G_END_DECLS
