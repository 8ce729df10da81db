/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "base/air-value.h"
#include "client/air-client-profile.h"

G_BEGIN_DECLS

#define AIR_CLIENT_ERROR (air_client_error_quark ())

/**
 * AirClientError:
 * @AIR_CLIENT_ERROR_PROFILE: the profile cannot be used (a file is missing or unreadable)
 * @AIR_CLIENT_ERROR_UNREACHABLE: nobody answers; trying again may help
 * @AIR_CLIENT_ERROR_IDENTITY: the server is not who it should be, or does not accept our certificate
 * @AIR_CLIENT_ERROR_FORBIDDEN: 401 or 403
 * @AIR_CLIENT_ERROR_NOT_FOUND: 404 or 410
 * @AIR_CLIENT_ERROR_CONFLICT: 409 or 412
 * @AIR_CLIENT_ERROR_BUSY: 429 or 503; trying again later helps
 * @AIR_CLIENT_ERROR_INVALID: any other 4xx
 * @AIR_CLIENT_ERROR_SERVER: any other 5xx
 * @AIR_CLIENT_ERROR_PROTOCOL: the answer is not what the API promises
 * @AIR_CLIENT_ERROR_UNVERIFIED: the answer failed a check made here: hash, signature or proof
 */
typedef enum {
  AIR_CLIENT_ERROR_PROFILE,
  AIR_CLIENT_ERROR_UNREACHABLE,
  AIR_CLIENT_ERROR_IDENTITY,
  AIR_CLIENT_ERROR_FORBIDDEN,
  AIR_CLIENT_ERROR_NOT_FOUND,
  AIR_CLIENT_ERROR_CONFLICT,
  AIR_CLIENT_ERROR_BUSY,
  AIR_CLIENT_ERROR_INVALID,
  AIR_CLIENT_ERROR_SERVER,
  AIR_CLIENT_ERROR_PROTOCOL,
  AIR_CLIENT_ERROR_UNVERIFIED,
} AirClientError;

GQuark air_client_error_quark (void);

/**
 * AirClient:
 *
 * One runtime, over mutual TLS. Its asynchronous calls answer in the main context they were made in; those that block
 * may come from any thread.
 */
#define AIR_TYPE_CLIENT (air_client_get_type ())
G_DECLARE_FINAL_TYPE (AirClient, air_client, AIR, CLIENT, GObject)

AirClient        *air_client_new              (AirClientProfile     *profile,
                                               GError              **error);
AirClientProfile *air_client_get_profile      (AirClient            *self);
const char       *air_client_get_identity     (AirClient            *self);

/* Any route; paths start with "/v1/". Every request is cancellable and safe to repeat. */
void              air_client_get_async        (AirClient            *self,
                                               const char           *path,
                                               GCancellable         *cancellable,
                                               GAsyncReadyCallback   callback,
                                               gpointer              user_data);
AirValue         *air_client_get_finish       (AirClient            *self,
                                               GAsyncResult         *result,
                                               GError              **error);
void              air_client_get_bytes_async  (AirClient            *self,
                                               const char           *path,
                                               GCancellable         *cancellable,
                                               GAsyncReadyCallback   callback,
                                               gpointer              user_data);
GBytes           *air_client_get_bytes_finish (AirClient            *self,
                                               GAsyncResult         *result,
                                               GError              **error);
void              air_client_post_async       (AirClient            *self,
                                               const char           *path,
                                               const char           *content_type,
                                               GBytes               *body,
                                               GCancellable         *cancellable,
                                               GAsyncReadyCallback   callback,
                                               gpointer              user_data);
AirValue         *air_client_post_finish      (AirClient            *self,
                                               GAsyncResult         *result,
                                               GError              **error);

AirValue         *air_client_get              (AirClient            *self,
                                               const char           *path,
                                               GCancellable         *cancellable,
                                               GError              **error);
GBytes           *air_client_get_bytes        (AirClient            *self,
                                               const char           *path,
                                               GCancellable         *cancellable,
                                               GError              **error);
AirValue         *air_client_post             (AirClient            *self,
                                               const char           *path,
                                               const char           *content_type,
                                               GBytes               *body,
                                               GCancellable         *cancellable,
                                               GError              **error);

char             *air_client_run_path         (const char           *run,
                                               const char           *rest);
char             *air_client_gate_path        (const char           *run,
                                               const char           *node,
                                               const char           *rest);

G_END_DECLS
