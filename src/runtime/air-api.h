/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "runtime/air-host.h"
#include "runtime/air-notary.h"
#include "wire/air-http-server.h"

G_BEGIN_DECLS

/**
 * AirApi:
 *
 * The runtime's HTTP API: it translates between requests and the host, decides
 * nothing itself, and holds nothing but those who watch.
 */
typedef struct _AirApi AirApi;

/**
 * AirArtifactView:
 * @source: (nullable): the workflow's source
 * @artifact: {digest, manifest, …} as told
 * @manifest: exact bytes
 * @config: exact bytes
 * @plan: exact bytes
 * @signature: artifact/signature.json of a bundle
 *
 * What GET /v1/workflow and the bundles tell of the artifact.
 */
typedef struct {
  AirValue *source;
  AirValue *artifact;
  GBytes   *manifest;
  GBytes   *config;
  GBytes   *plan;
  GBytes   *signature;
} AirArtifactView;

AirApi         *air_api_new         (AirHost               *host,
                                     const AirArtifactView *artifact);
void            air_api_set_notary  (AirApi                *self,
                                     AirNotary             *notary);
void            air_api_trust_changed (AirApi              *self);
void            air_api_close       (AirApi                *self);
void            air_api_free        (AirApi                *self);
const AirRoute *air_api_get_routes  (gsize                 *ret_n_routes);
AirProblem     *air_api_authorize   (AirRequest            *request,
                                     gpointer               user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirApi, air_api_free)

G_END_DECLS
