/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "air-registry.h"

G_BEGIN_DECLS

/* A registry's host over HTTP: who one is, retries, redirects, limits. */
typedef struct _AirOciHttp AirOciHttp;

typedef struct {
  const char *method;
  const char *url;          /* absolute, or a path of the host */
  const char *accept;       /* nullable */
  const char *content_type; /* nullable */
  const char *range;        /* nullable: Content-Range */
  GBytes *body;             /* nullable */
  gsize max_size;           /* of the answer */
  gboolean once;            /* never again after a failure that may have had an effect */
} AirOciRequest;

typedef struct {
  guint status;
  SoupMessageHeaders *headers;
  GBytes *body;
} AirOciAnswer;

AirOciHttp   *air_oci_http_new      (const char               *authority,
                                     const AirRegistryOptions *options,
                                     GError                  **error);
const char   *air_oci_http_get_base (AirOciHttp               *self); /* "https://registry.example" */
/* Any status is an answer, but 401 and 403 (AIR_ARTIFACT_ERROR_ACCESS) and, after all tries, 429 and 5xx
 * (AIR_ARTIFACT_ERROR_REGISTRY). */
AirOciAnswer *air_oci_http_send     (AirOciHttp               *self,
                                     const AirOciRequest      *request,
                                     GError                  **error);
void          air_oci_answer_free   (AirOciAnswer             *self);
void          air_oci_http_free     (AirOciHttp               *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirOciAnswer, air_oci_answer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirOciHttp, air_oci_http_free)

G_END_DECLS
