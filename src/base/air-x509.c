/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-base"

#include "config.h"

#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>

#include "air-key-private.h"
#include "air-x509.h"

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_x509_crt_t, gnutls_x509_crt_deinit, NULL)

static gboolean
check (int result, const char *what, GError **error)
{
  if (result >= 0)
    return TRUE;
  g_set_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_CERTIFICATE, "%s: %s", what, gnutls_strerror (result));
  return FALSE;
}

static gboolean
import_certificate (gnutls_x509_crt_t *ret_certificate, const char *pem, GError **error)
{
  const gnutls_datum_t datum = { (unsigned char *) pem, strlen (pem) };
  g_auto (gnutls_x509_crt_t) certificate = NULL;

  if (!check (gnutls_x509_crt_init (&certificate), "out of memory", error)
      || !check (gnutls_x509_crt_import (certificate, &datum, GNUTLS_X509_FMT_PEM),
                 "no certificate in this text; give a PEM block \"CERTIFICATE\"", error))
    return FALSE;
  *ret_certificate = g_steal_pointer (&certificate);
  return TRUE;
}

/* What every certificate has: version 3, a random serial, times, name, key and key identifier. */
static gboolean
fill_common (gnutls_x509_crt_t certificate,
             AirPublicKey *key,
             const char *common_name,
             gint64 not_before_s,
             gint64 not_after_s,
             GError **error)
{
  guint8 serial[16], key_id[32];
  gsize key_id_size = sizeof key_id;

  if (gnutls_rnd (GNUTLS_RND_RANDOM, serial, sizeof serial) < 0)
    g_error ("the system gives no random bytes");
  serial[0] = (serial[0] & 0x7f) | 0x40; /* positive, and never shorter */

  return check (gnutls_x509_crt_set_version (certificate, 3), "version", error)
         && check (gnutls_x509_crt_set_serial (certificate, serial, sizeof serial), "serial number", error)
         && check (gnutls_x509_crt_set_activation_time (certificate, not_before_s), "start of validity", error)
         && check (gnutls_x509_crt_set_expiration_time (certificate, not_after_s), "end of validity", error)
         && check (gnutls_x509_crt_set_dn_by_oid (certificate, GNUTLS_OID_X520_COMMON_NAME, 0, common_name,
                                                  strlen (common_name)),
                   "common name; use at most 64 characters", error)
         && check (gnutls_x509_crt_set_pubkey (certificate, air_public_key_get_gnutls (key)), "public key", error)
         && check (gnutls_x509_crt_get_key_id (certificate, GNUTLS_KEYID_USE_SHA1, key_id, &key_id_size), "key id",
                   error)
         && check (gnutls_x509_crt_set_subject_key_id (certificate, key_id, key_id_size), "key id", error);
}

static char *
sign_and_export (gnutls_x509_crt_t certificate, gnutls_x509_crt_t issuer, AirPrivateKey *key, GError **error)
{
  gnutls_datum_t pem = { NULL, 0 };
  gnutls_digest_algorithm_t digest;
  char *text;

  digest = air_public_key_get_key_type (air_private_key_get_public (key)) == AIR_KEY_ED25519 ? GNUTLS_DIG_SHA512
                                                                                             : GNUTLS_DIG_SHA256;
  if (!check (gnutls_x509_crt_privkey_sign (certificate, issuer, air_private_key_get_gnutls (key), digest, 0),
              "signing the certificate", error)
      || !check (gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_PEM, &pem), "writing the certificate", error))
    return NULL;
  text = g_strndup ((const char *) pem.data, pem.size);
  gnutls_free (pem.data);
  return text;
}

/**
 * air_x509_issue_ca:
 * @key: the authority's key
 * @common_name: at most 64 characters
 * @not_before_s: seconds since the Unix epoch
 * @not_after_s: seconds since the Unix epoch
 *
 * Makes a self-signed authority that may sign leaves and nothing further (RFC 5280, path length 0).
 *
 * Returns: (transfer full): PEM, or %NULL with %AIR_CRYPTO_ERROR_BAD_CERTIFICATE
 */
char *
air_x509_issue_ca (AirPrivateKey *key, const char *common_name, gint64 not_before_s, gint64 not_after_s, GError **error)
{
  g_auto (gnutls_x509_crt_t) certificate = NULL;

  g_return_val_if_fail (key != NULL && common_name != NULL, NULL);

  if (!check (gnutls_x509_crt_init (&certificate), "out of memory", error)
      || !fill_common (certificate, air_private_key_get_public (key), common_name, not_before_s, not_after_s, error)
      || !check (gnutls_x509_crt_set_basic_constraints (certificate, 1, 0), "basic constraints", error)
      || !check (gnutls_x509_crt_set_key_usage (certificate, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN),
                 "key usage", error))
    return NULL;
  return sign_and_export (certificate, certificate, key, error);
}

static gboolean
add_server_name (gnutls_x509_crt_t certificate, const char *name, GError **error)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (name);

  if (address != NULL)
    return check (gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_IPADDRESS,
                                                        g_inet_address_to_bytes (address),
                                                        g_inet_address_get_native_size (address), GNUTLS_FSAN_APPEND),
                  name, error);
  return check (
      gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_DNSNAME, name, strlen (name), GNUTLS_FSAN_APPEND),
      name, error);
}

/**
 * air_x509_issue_leaf:
 * @ca_key: the authority's key
 * @ca_pem: the authority's certificate
 * @subject_key: whose certificate it is
 * @common_name: at most 64 characters
 * @uri: (nullable): the identity, the one URI in subjectAltName
 * @dns_or_ip_names: (nullable): the names of a server; %NULL makes a client certificate
 * @not_before_s: seconds since the Unix epoch
 * @not_after_s: seconds since the Unix epoch
 *
 * Returns: (transfer full): PEM, or %NULL with %AIR_CRYPTO_ERROR_BAD_CERTIFICATE
 */
char *
air_x509_issue_leaf (AirPrivateKey *ca_key,
                     const char *ca_pem,
                     AirPublicKey *subject_key,
                     const char *common_name,
                     const char *uri,
                     const char *const *dns_or_ip_names,
                     gint64 not_before_s,
                     gint64 not_after_s,
                     GError **error)
{
  g_auto (gnutls_x509_crt_t) certificate = NULL;
  g_auto (gnutls_x509_crt_t) issuer = NULL;
  g_autoptr (AirPublicKey) issuer_key = NULL;
  guint8 issuer_id[32];
  gsize issuer_id_size = sizeof issuer_id;

  g_return_val_if_fail (ca_key != NULL && ca_pem != NULL && subject_key != NULL && common_name != NULL, NULL);

  issuer_key = air_public_key_from_pem (ca_pem, error);
  if (issuer_key == NULL || !import_certificate (&issuer, ca_pem, error))
    return NULL;
  if (g_strcmp0 (air_public_key_get_id (issuer_key), air_public_key_get_id (air_private_key_get_public (ca_key))) != 0)
    {
      g_set_error_literal (
          error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_CERTIFICATE,
          "the authority's key does not belong to its certificate; give the two files of one authority");
      return NULL;
    }
  if (!check (gnutls_x509_crt_init (&certificate), "out of memory", error)
      || !fill_common (certificate, subject_key, common_name, not_before_s, not_after_s, error)
      || !check (gnutls_x509_crt_set_basic_constraints (certificate, 0, -1), "basic constraints", error)
      || !check (gnutls_x509_crt_set_key_usage (certificate, GNUTLS_KEY_DIGITAL_SIGNATURE), "key usage", error)
      || !check (gnutls_x509_crt_set_key_purpose_oid (
                     certificate, dns_or_ip_names != NULL ? GNUTLS_KP_TLS_WWW_SERVER : GNUTLS_KP_TLS_WWW_CLIENT, 0),
                 "key purpose", error))
    return NULL;
  if (uri != NULL
      && !check (
          gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_URI, uri, strlen (uri), GNUTLS_FSAN_APPEND),
          "URI", error))
    return NULL;
  for (guint i = 0; dns_or_ip_names != NULL && dns_or_ip_names[i] != NULL; i++)
    if (!add_server_name (certificate, dns_or_ip_names[i], error))
      return NULL;
  if (!check (gnutls_x509_crt_get_subject_key_id (issuer, issuer_id, &issuer_id_size, NULL),
              "the authority's certificate has no key identifier", error)
      || !check (gnutls_x509_crt_set_authority_key_id (certificate, issuer_id, issuer_id_size), "authority key id",
                 error))
    return NULL;
  return sign_and_export (certificate, issuer, ca_key, error);
}

/**
 * air_x509_check_client:
 *
 * Whether the certificate is for clients, or for any purpose (RFC 5280, 4.2.1.12): else a service could act as a person.
 *
 * Returns: %TRUE, or %FALSE with %AIR_CRYPTO_ERROR_BAD_CERTIFICATE
 */
gboolean
air_x509_check_client (const char *certificate_pem, GError **error)
{
  g_auto (gnutls_x509_crt_t) certificate = NULL;

  g_return_val_if_fail (certificate_pem != NULL, FALSE);

  if (!import_certificate (&certificate, certificate_pem, error))
    return FALSE;
  if (gnutls_x509_crt_check_key_purpose (certificate, GNUTLS_KP_TLS_WWW_CLIENT, 0) != 0)
    return TRUE;
  g_set_error_literal (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_CERTIFICATE,
                       "the certificate is not for clients; issue one that is (airailsctl pki issue)");
  return FALSE;
}

/**
 * air_x509_get_uri:
 * @certificate_pem: a PEM block "CERTIFICATE"
 *
 * Returns: (transfer full): the one URI among the certificate's subject alternative names, or %NULL
 *   with %AIR_CRYPTO_ERROR_BAD_CERTIFICATE when there is none, or more than one
 */
char *
air_x509_get_uri (const char *certificate_pem, GError **error)
{
  g_auto (gnutls_x509_crt_t) certificate = NULL;
  g_autofree char *uri = NULL;

  g_return_val_if_fail (certificate_pem != NULL, NULL);

  if (!import_certificate (&certificate, certificate_pem, error))
    return NULL;
  for (guint i = 0;; i++)
    {
      char name[2048];
      gsize size = sizeof name;
      int r = gnutls_x509_crt_get_subject_alt_name (certificate, i, name, &size, NULL);

      if (r == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
        break;
      if (!check (r, "a subject alternative name cannot be read", error))
        return NULL;
      if (r != GNUTLS_SAN_URI)
        continue;
      if (uri != NULL)
        {
          g_set_error_literal (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_CERTIFICATE,
                               "the certificate has more than one URI; issue it with the one identity it stands for");
          return NULL;
        }
      if (size == 0 || memchr (name, '\0', size) != NULL || !g_utf8_validate_len (name, size, NULL))
        {
          g_set_error_literal (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_CERTIFICATE,
                               "the certificate's URI is no text; issue it anew (airailsctl pki issue)");
          return NULL;
        }
      uri = g_strndup (name, size);
    }
  if (uri == NULL)
    g_set_error_literal (
        error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_CERTIFICATE,
        "the certificate has no URI, so it stands for nobody; issue it with one (airailsctl pki issue)");
  return g_steal_pointer (&uri);
}
