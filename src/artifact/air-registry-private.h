/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-registry.h"

G_BEGIN_DECLS

typedef struct {
  /* The artifact is verified already. */
  char        *(*publish)     (AirRegistry *self,
                               AirArtifact *artifact,
                               GError     **error);
  AirArtifact *(*fetch)       (AirRegistry *self,
                               const char  *workflow,
                               const char  *version,
                               GError     **error);
  char       **(*list)        (AirRegistry *self,
                               const char  *workflow,
                               GError     **error);
  gboolean     (*set_channel) (AirRegistry *self,
                               AirArtifact *artifact,
                               const char  *channel,
                               GError     **error);
  void         (*free)        (AirRegistry *self);
} AirRegistryKind;

struct _AirRegistry {
  const AirRegistryKind *kind;
};

AirRegistry *air_registry_folder_new (const char               *folder);
AirRegistry *air_registry_http_new   (const char               *location,
                                      const AirRegistryOptions *options,
                                      GError                  **error);
/* The version that is there is another artifact. */
void         air_registry_deny       (AirArtifact              *artifact,
                                      const char               *where,
                                      const char               *there,
                                      GError                  **error);

G_END_DECLS
