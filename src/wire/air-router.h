/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "wire/air-members.h"
#include "wire/air-request.h"

G_BEGIN_DECLS

/**
 * AirBodyKind:
 * @AIR_BODY_NONE: a body is refused
 * @AIR_BODY_JSON: the body is JSON, read strictly
 */
typedef enum {
  AIR_BODY_NONE,
  AIR_BODY_JSON,
} AirBodyKind;

/**
 * AirRouteHandler:
 * @request: to be answered, now or later; keep a reference for later
 * @user_data: of the server's options
 */
typedef void (*AirRouteHandler) (AirRequest *request,
                                 gpointer    user_data);

/**
 * AirRoute:
 *
 * One line of a server's routing table. A pattern's "{name}" matches one
 * segment, a final "{name...}" the rest of the path. What a request has beyond
 * what its route names, in its query or in its body, is refused.
 */
struct _AirRoute {
  const char     *method;
  const char     *pattern;
  guint           permission; /* the server gives it meaning */
  AirBodyKind     body;
  AirRouteHandler handler;
  const AirMember *members;      /* of the body; NULL: the handler judges it */
  const char *const *query;      /* names, ends with NULL; NULL: none */
};

/**
 * AirRouter:
 *
 * Routes, their patterns split once. Freed with air_router_free().
 */
typedef struct _AirRouter AirRouter;

AirRouter      *air_router_new   (const AirRoute  *routes,
                                  gsize            n_routes);
const AirRoute *air_router_match (AirRouter       *self,
                                  const char      *method,
                                  const char      *path,
                                  GHashTable     **ret_params,
                                  char           **ret_allow);
void            air_router_free  (AirRouter       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirRouter, air_router_free)

G_END_DECLS
