/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define AIR_WIRE_ERROR (air_wire_error_quark ())

/**
 * AirWireError:
 * @AIR_WIRE_ERROR_TLS: keys, certificates or the handshake
 * @AIR_WIRE_ERROR_LISTEN: the address cannot be listened on
 * @AIR_WIRE_ERROR_PROBLEM: the server answered with a problem
 * @AIR_WIRE_ERROR_BAD_REPLY: the server answered what we cannot read
 */
typedef enum {
  AIR_WIRE_ERROR_TLS,
  AIR_WIRE_ERROR_LISTEN,
  AIR_WIRE_ERROR_PROBLEM,
  AIR_WIRE_ERROR_BAD_REPLY,
} AirWireError;

GQuark           air_wire_error_quark            (void);

void             air_tls_require_1_3             (void);
GTlsDatabase    *air_tls_database_new            (const char       *ca_pem,
                                                  GError          **error);
GTlsCertificate *air_tls_certificate_new         (const char       *certificate_pem,
                                                  const char       *private_key_pem,
                                                  GError          **error);
GTlsCertificate *air_tls_certificate_load        (const char       *certificate_path,
                                                  const char       *private_key_path,
                                                  GError          **error);
char            *air_tls_certificate_get_uri     (GTlsCertificate  *certificate,
                                                  GError          **error);

G_END_DECLS
