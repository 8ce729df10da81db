/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "air-registry.h"

G_BEGIN_DECLS

/**
 * AirOciHttp:
 *
 * A registry's host over HTTP: who one is, retries, redirects, limits. For one thread at a time. Freed with
 * air_oci_http_free().
 */
typedef struct _AirOciHttp AirOciHttp;

/**
 * AirOciRequest:
 * @method: "GET"
 * @url: absolute, or a path of the host
 * @accept: (nullable): the header
 * @content_type: (nullable): of @body
 * @range: (nullable): Content-Range
 * @body: (nullable): what is sent
 * @max_size: of the answer, in bytes
 * @once: never again after a failure that may have had an effect
 */
typedef struct {
  const char *method;
  const char *url;
  const char *accept;
  const char *content_type;
  const char *range;
  GBytes *body;
  gsize max_size;
  gboolean once;
} AirOciRequest;

/**
 * AirOciAnswer:
 * @status: of HTTP
 * @headers: the answer's
 * @body: the answer's, whole
 *
 * Freed with air_oci_answer_free().
 */
typedef struct {
  guint status;
  SoupMessageHeaders *headers;
  GBytes *body;
} AirOciAnswer;

AirOciHttp   *air_oci_http_new      (const char               *authority,
                                     const AirRegistryOptions *options,
                                     GError                  **error);
const char   *air_oci_http_get_base (AirOciHttp               *self);
AirOciAnswer *air_oci_http_send     (AirOciHttp               *self,
                                     const AirOciRequest      *request,
                                     GError                  **error);
void          air_oci_answer_free   (AirOciAnswer             *self);
void          air_oci_http_free     (AirOciHttp               *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirOciAnswer, air_oci_answer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirOciHttp, air_oci_http_free)

G_END_DECLS
