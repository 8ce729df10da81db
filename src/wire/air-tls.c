/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-wire"

#include "config.h"

#include "wire/air-tls.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/air-x509.h"

G_DEFINE_QUARK (air-wire-error-quark, air_wire_error)

/**
 * air_tls_require_1_3:
 *
 * Makes every handshake of this process offer and accept TLS 1.3 only. A
 * daemon calls it first thing in main, before any thread; the server checks
 * the negotiated version besides.
 */
void
air_tls_require_1_3 (void)
{
  g_setenv ("G_TLS_GNUTLS_PRIORITY", "NORMAL:-VERS-ALL:+VERS-TLS1.3", TRUE);
}

static void
close_anchors (gpointer fd)
{
  close (GPOINTER_TO_INT (fd));
}

/**
 * air_tls_database_new:
 * @ca_pem: the certificates to trust, and no others
 *
 * GIO reads anchors from a file only; an anonymous one serves, so that
 * nothing on disk decides whom we trust.
 *
 * Returns: (transfer full): a database of these anchors; AIR_WIRE_ERROR_TLS otherwise
 */
GTlsDatabase *
air_tls_database_new (const char *ca_pem, GError **error)
{
  gsize length = strlen (ca_pem), written = 0;
  g_autofree char *path = NULL;
  GTlsDatabase *database;
  g_autoptr (GError) local = NULL;
  int fd = memfd_create ("air-anchors", MFD_CLOEXEC);

  if (fd < 0)
    {
      g_set_error (error, AIR_WIRE_ERROR, AIR_WIRE_ERROR_TLS, "memory for the trust anchors: %s", g_strerror (errno));
      return NULL;
    }
  while (written < length)
    {
      gssize n = write (fd, ca_pem + written, length - written);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          g_set_error (error, AIR_WIRE_ERROR, AIR_WIRE_ERROR_TLS, "the trust anchors: %s", g_strerror (errno));
          close (fd);
          return NULL;
        }
      written += n;
    }
  path = g_strdup_printf ("/proc/self/fd/%d", fd);
  database = g_tls_file_database_new (path, &local);
  if (database == NULL)
    {
      close (fd);
      g_set_error (error, AIR_WIRE_ERROR, AIR_WIRE_ERROR_TLS,
                   "the certificate authority cannot be read: %s; give one or more certificates in PEM",
                   local->message);
      return NULL;
    }
  /* The database reads the file anew for each connection's credentials. */
  g_object_set_data_full (G_OBJECT (database), "air-anchors", GINT_TO_POINTER (fd), close_anchors);
  return database;
}

/**
 * air_tls_certificate_new:
 * @certificate_pem: a certificate, and those that lead to its authority
 * @private_key_pem: PKCS#8, not encrypted
 * @error: return location
 *
 * Returns: (transfer full): both, to be shown; or %NULL with %AIR_WIRE_ERROR_TLS
 */
GTlsCertificate *
air_tls_certificate_new (const char *certificate_pem, const char *private_key_pem, GError **error)
{
  g_autofree char *both = g_strconcat (certificate_pem, "\n", private_key_pem, NULL);
  g_autoptr (GError) local = NULL;
  GTlsCertificate *certificate = g_tls_certificate_new_from_pem (both, -1, &local);

  if (certificate == NULL)
    g_set_error (error, AIR_WIRE_ERROR, AIR_WIRE_ERROR_TLS,
                 "certificate and key cannot be used: %s; give both in PEM, the key in PKCS#8 without a password",
                 local->message);
  return certificate;
}

/**
 * air_tls_certificate_load:
 * @certificate_path: a PEM file
 * @private_key_path: a PEM file
 * @error: return location
 *
 * Reads as air_tls_certificate_new().
 *
 * Returns: (transfer full): both, or %NULL with %AIR_WIRE_ERROR_TLS or a %G_FILE_ERROR
 */
GTlsCertificate *
air_tls_certificate_load (const char *certificate_path, const char *private_key_path, GError **error)
{
  g_autofree char *certificate = NULL, *key = NULL;

  if (!g_file_get_contents (certificate_path, &certificate, NULL, error)
      || !g_file_get_contents (private_key_path, &key, NULL, error))
    return NULL;
  return air_tls_certificate_new (certificate, key, error);
}

/**
 * air_tls_certificate_get_uri:
 * @certificate: a client's certificate that was verified
 * @error: return location
 *
 * Returns: (transfer full): the one URI in subjectAltName: who this is; or %NULL with
 *   %AIR_CRYPTO_ERROR_BAD_CERTIFICATE, also when the certificate is for servers alone
 */
char *
air_tls_certificate_get_uri (GTlsCertificate *certificate, GError **error)
{
  g_autofree char *pem = NULL;

  g_object_get (certificate, "certificate-pem", &pem, NULL);
  return air_x509_check_client (pem, error) ? air_x509_get_uri (pem, error) : NULL;
}
