/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-bundle.h"
#include "base/air-value.h"

G_BEGIN_DECLS

/**
 * AirBundleRun:
 * @leaves: (element-type GBytes): the run's entries, oldest first
 * @disclosures: (element-type GPtrArray): of each, char *; may be empty
 * @artifact: (nullable): "sha256:<hex>"
 * @plan: (nullable): the plan it ran on, as JSON
 *
 * The run in a bundle, for those who want to play it again. This checks the
 * bundle's form and nothing else: what it proves is the verifier's to say.
 */
typedef struct {
  char *instance;
  GPtrArray *leaves;
  GPtrArray *disclosures;
  char *artifact;
  GBytes *plan;
} AirBundleRun;

AirBundleRun *air_bundle_run_read (GBytes        *zip,
                                   GError       **error);
void          air_bundle_run_free (AirBundleRun  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirBundleRun, air_bundle_run_free)

G_END_DECLS
