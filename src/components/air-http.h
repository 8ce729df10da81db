/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

/**
 * AirHttpHeader:
 * @name: compared without case; the first of several wins when reading
 * @value: as it is sent
 * @secret: left out of every log and digest
 */
typedef struct {
  char *name;
  char *value;
  gboolean secret;
} AirHttpHeader;

/**
 * AirHttpRequest:
 * @method: interned
 * @url: absolute
 * @shown_url: (nullable): @url without the secret it carries: for logs and digests
 * @headers: (element-type AirHttpHeader)
 * @body: (nullable)
 *
 * One request, ready to be sent.
 */
typedef struct {
  const char *method;
  char *url;
  char *shown_url;
  GPtrArray *headers;
  GBytes *body;
} AirHttpRequest;

/**
 * AirHttpResponse:
 * @status: of HTTP
 * @headers: (element-type AirHttpHeader): in the order they came
 * @body: whole; empty rather than %NULL
 *
 * One answer. Freed with air_http_response_free().
 */
typedef struct {
  int status;
  GPtrArray *headers;
  GBytes *body;
} AirHttpResponse;

AirHttpRequest  *air_http_request_new        (const char            *method,
                                              const char            *url);
void             air_http_request_add_header (AirHttpRequest        *self,
                                              const char            *name,
                                              const char            *value,
                                              gboolean               secret);
const char      *air_http_request_get_header (const AirHttpRequest  *self,
                                              const char            *name);
char            *air_http_request_describe   (const AirHttpRequest  *self);
void             air_http_request_free       (AirHttpRequest        *self);

AirHttpResponse *air_http_response_new        (int                    status,
                                               GBytes                *body);
void             air_http_response_add_header (AirHttpResponse       *self,
                                               const char            *name,
                                               const char            *value);
const char      *air_http_response_get_header (const AirHttpResponse *self,
                                               const char            *name);
void             air_http_response_free       (AirHttpResponse       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirHttpRequest, air_http_request_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirHttpResponse, air_http_response_free)

G_END_DECLS
