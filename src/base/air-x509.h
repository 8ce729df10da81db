/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-key.h"

G_BEGIN_DECLS

/* A small certificate authority over GnuTLS, and what the daemons read from certificates.
 * An identity is the one URI in subjectAltName, say "airails://example/people/ana". */

char *air_x509_issue_ca   (AirPrivateKey      *key,
                           const char         *common_name,
                           gint64              not_before_s,
                           gint64              not_after_s,
                           GError            **error);              /* PEM */
char *air_x509_issue_leaf (AirPrivateKey      *ca_key,
                           const char         *ca_pem,
                           AirPublicKey       *subject_key,
                           const char         *common_name,
                           const char         *uri,
                           const char * const *dns_or_ip_names,
                           gint64              not_before_s,
                           gint64              not_after_s,
                           GError            **error);
gboolean air_x509_check_client (const char *certificate_pem, GError **error);
char *air_x509_get_uri    (const char         *certificate_pem,
                           GError            **error);

G_END_DECLS
