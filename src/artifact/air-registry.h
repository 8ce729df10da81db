/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-artifact.h"

G_BEGIN_DECLS

/* Where published artifacts are found. Versions never change once they are there; what is pushed must be
 * signed by a designer. The kinds of registry differ behind these calls only. */
typedef struct _AirRegistry AirRegistry;

/* @location: a folder, or "file:" with one: LOCATION/<workflow>/<version> are OCI layouts. */
AirRegistry *air_registry_open    (const char   *location,
                                   GError      **error);
/* Where it went, for people and for a runtime's configuration. */
char        *air_registry_publish (AirRegistry  *self,
                                   AirArtifact  *artifact,
                                   GPtrArray    *signers,
                                   GError      **error);
AirArtifact *air_registry_fetch   (AirRegistry  *self,
                                   const char   *workflow,
                                   const char   *version,
                                   GError      **error);
void         air_registry_free    (AirRegistry  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirRegistry, air_registry_free)

G_END_DECLS
