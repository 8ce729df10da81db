/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "artifact/air-artifact.h"
#include "runtime/air-api.h"
#include "runtime/air-config.h"

G_BEGIN_DECLS

/**
 * AirDeployment:
 *
 * One verified artifact with the trust roots and the configuration it is to
 * run under: what a runtime is made of before it touches its ledger.
 */
typedef struct {
  AirConfig       *config;
  AirTrust        *trust;
  AirArtifact     *artifact;
  AirPlan         *plan;
  char            *policy;  /* "sha256:hex" of the policies */
  char            *latency_class; /* nullable: as the deployment manifest says it */
  AirPrivateKey   *ledger_key;
  AirArtifactView  view;
} AirDeployment;

AirDeployment *air_deployment_load (const char     *config_path,
                                    GError        **error);
AirTrust      *air_deployment_reload_trust (AirDeployment *self,
                                    GError        **error);
void           air_deployment_free (AirDeployment  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirDeployment, air_deployment_free)

G_END_DECLS
