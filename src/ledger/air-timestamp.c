/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-timestamp.h"

#include <gnutls/crypto.h>
#include <gnutls/pkcs7.h>
#include <gnutls/x509.h>
#include <string.h>

#include "air-ledger-private.h"

#define OID_TST_INFO       "1.2.840.113549.1.9.16.1.4"
#define OID_SIGNING_CERT   "1.2.840.113549.1.9.16.2.12"
#define OID_SIGNING_CERT_2 "1.2.840.113549.1.9.16.2.47"

#define TAG_INTEGER      0x02
#define TAG_OCTETS       0x04
#define TAG_OID          0x06
#define TAG_TIME         0x18
#define TAG_SEQUENCE     0x30
#define MAX_CERTIFICATES 32

/* SHA-256 as an AlgorithmIdentifier's object identifier. */
static const guint8 oid_sha256[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01 };

struct _AirTimestampTrust {
  gnutls_x509_crt_t *certificates;
  guint n;
};

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_pkcs7_t, gnutls_pkcs7_deinit, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_x509_crt_t, gnutls_x509_crt_deinit, NULL)

#define malformed(error, ...) air_ledger_malformed (error, "timestamp", __VA_ARGS__)

static gboolean
refuse (GError **error, const char *words)
{
  g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_SIGNATURE, "timestamp: %s", words);
  return FALSE;
}

void
air_timestamp_free (AirTimestamp *self)
{
  if (self == NULL)
    return;
  g_free (self->nonce);
  g_free (self->policy);
  g_free (self->serial);
  g_free (self->authority);
  g_free (self);
}

/* --- DER: definite, shortest lengths, one-byte tags ------------------------------- */

typedef struct {
  const guint8 *at;
  const guint8 *end;
} Span;

static gboolean
der_next (Span *from, guint8 tag, Span *ret_content)
{
  const guint8 *at = from->at;
  gsize length, n;

  if (from->end - at < 2 || *at++ != tag)
    return FALSE;
  length = *at++;
  if (length >= 0x80)
    {
      n = length & 0x7f;
      if (n == 0 || n > 3 || (gsize) (from->end - at) < n || *at == 0)
        return FALSE;
      for (length = 0; n > 0; n--)
        length = length << 8 | *at++;
      if (length < 0x80)
        return FALSE;
    }
  if (length > (gsize) (from->end - at))
    return FALSE;
  *ret_content = (Span) { at, at + length };
  from->at = at + length;
  return TRUE;
}

static gboolean
der_peek (const Span *from, guint8 tag)
{
  return from->at < from->end && *from->at == tag;
}

static char *
der_integer_text (const Span *content)
{
  GString *text = g_string_new (NULL);
  const guint8 *at = content->at;

  while (content->end - at > 1 && *at == 0)
    at++;
  for (; at < content->end; at++)
    g_string_append_printf (text, "%02X", *at);
  return g_string_free_and_steal (text);
}

static char *
der_oid_text (const Span *content)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint64 number = 0;
  gboolean first = TRUE;

  if (content->at == content->end || (content->end[-1] & 0x80) != 0)
    return NULL;
  for (const guint8 *at = content->at; at < content->end; at++)
    {
      if (number > G_MAXUINT64 >> 8 || (number == 0 && *at == 0x80))
        return NULL;
      number = number << 7 | (*at & 0x7f);
      if ((*at & 0x80) != 0)
        continue;
      if (first)
        g_string_append_printf (text, "%u.%" G_GUINT64_FORMAT, (guint) MIN (number / 40, 2),
                                number - MIN (number / 40, 2) * 40);
      else
        g_string_append_printf (text, ".%" G_GUINT64_FORMAT, number);
      number = 0;
      first = FALSE;
    }
  return g_string_free_and_steal (g_steal_pointer (&text));
}

/* GeneralizedTime as DER and RFC 3161 have it: YYYYMMDDhhmmss[.f…]Z, no zero at the end. */
static gboolean
der_time (const Span *content, gint64 *ret_us)
{
  gsize length = (gsize) (content->end - content->at);
  g_autoptr (GDateTime) date = NULL;
  gint64 fraction = 0, unit = 100000;
  int n[7] = { 0 };
  static const guint8 widths[] = { 4, 2, 2, 2, 2, 2 };
  const guint8 *at = content->at;

  if (length < 15 || length > 32 || content->end[-1] != 'Z')
    return FALSE;
  for (guint i = 0; i < 6; i++)
    for (guint j = 0; j < widths[i]; j++, at++)
      {
        if (!g_ascii_isdigit (*at))
          return FALSE;
        n[i] = n[i] * 10 + (*at - '0');
      }
  if (*at == '.')
    {
      if (length < 17 || content->end[-2] == '0')
        return FALSE;
      for (at++; at < content->end - 1; at++, unit /= 10)
        {
          if (!g_ascii_isdigit (*at))
            return FALSE;
          fraction += unit * (*at - '0');
        }
    }
  if (at != content->end - 1 || n[0] < 1)
    return FALSE;
  date = g_date_time_new_utc (n[0], n[1], n[2], n[3], n[4], n[5]);
  if (date == NULL)
    return FALSE;
  *ret_us = g_date_time_to_unix (date) * G_USEC_PER_SEC + fraction;
  return TRUE;
}

/* --- asking ---------------------------------------------------------------------------- */

/**
 * air_timestamp_request:
 * @imprint: SHA-256 of what is to be stamped
 * @nonce: 8 random bytes: that the answer is to this request
 *
 * Returns: (transfer full): a DER TimeStampReq (RFC 3161 section 2.4.1) that asks for the certificate
 */
GBytes *
air_timestamp_request (const AirDigest *imprint, const guint8 nonce[8])
{
  static const guint8 before[] = { TAG_SEQUENCE, 0x43,         TAG_INTEGER, 1,       1,          TAG_SEQUENCE,
                                   0x31,         TAG_SEQUENCE, 0x0d,        TAG_OID, 9,          0x60,
                                   0x86,         0x48,         0x01,        0x65,    0x03,       0x04,
                                   0x02,         0x01,         0x05,        0x00,    TAG_OCTETS, 32 };
  static const guint8 after[] = { 0x01, 0x01, 0xff };
  GByteArray *der = g_byte_array_new ();

  g_byte_array_append (der, before, sizeof before);
  g_byte_array_append (der, imprint->bytes, sizeof imprint->bytes);
  /* The first byte is kept positive and not zero, so that the integer is as short as DER wants it. */
  g_byte_array_append (der, (const guint8[]) { TAG_INTEGER, 8, (nonce[0] & 0x3f) | 0x40 }, 3);
  g_byte_array_append (der, nonce + 1, 7);
  g_byte_array_append (der, after, sizeof after);
  return g_byte_array_free_to_bytes (der);
}

/**
 * air_timestamp_nonce_to_text:
 * @nonce: the 8 bytes handed to air_timestamp_request()
 *
 * Returns: (transfer full): the nonce as #AirTimestamp has it, to compare an answer with its request
 */
char *
air_timestamp_nonce_to_text (const guint8 nonce[8])
{
  guint8 bytes[8];
  Span span = { bytes, bytes + sizeof bytes };

  memcpy (bytes, nonce, sizeof bytes);
  bytes[0] = (nonce[0] & 0x3f) | 0x40;
  return der_integer_text (&span);
}

/* --- reading ------------------------------------------------------------------------------ */

/* The token of a TimeStampResp that grants one. */
static gboolean
find_token (GBytes *response, gnutls_datum_t *ret_token, GError **error)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (response, &length);
  Span all = { data, data + length }, answer, status, code, token;

  if (length > AIR_TIMESTAMP_MAX_SIZE || length == 0 || !der_next (&all, TAG_SEQUENCE, &answer) || all.at != all.end
      || !der_next (&answer, TAG_SEQUENCE, &status) || !der_next (&status, TAG_INTEGER, &code)
      || code.end - code.at != 1)
    return malformed (error, "not a TimeStampResp (RFC 3161)");
  if (*code.at > 1)
    return malformed (error, "the authority did not grant it (status %u)", *code.at);
  ret_token->data = (guint8 *) answer.at;
  if (!der_next (&answer, TAG_SEQUENCE, &token) || answer.at != answer.end)
    return malformed (error, "it holds no token");
  ret_token->size = (unsigned int) (answer.at - ret_token->data);
  return TRUE;
}

static gboolean
read_info (AirTimestamp *self, const gnutls_datum_t *info, GError **error)
{
  Span all = { info->data, info->data + info->size }, root, version, policy, imprint, algorithm, oid, hash, serial,
       time, skipped, nonce;

  if (!der_next (&all, TAG_SEQUENCE, &root) || all.at != all.end || !der_next (&root, TAG_INTEGER, &version)
      || version.end - version.at != 1 || *version.at != 1 || !der_next (&root, TAG_OID, &policy)
      || (self->policy = der_oid_text (&policy)) == NULL || !der_next (&root, TAG_SEQUENCE, &imprint)
      || !der_next (&imprint, TAG_SEQUENCE, &algorithm) || !der_next (&algorithm, TAG_OID, &oid)
      || !der_next (&imprint, TAG_OCTETS, &hash) || imprint.at != imprint.end || !der_next (&root, TAG_INTEGER, &serial)
      || serial.at == serial.end || serial.end - serial.at > 64)
    return malformed (error, "not a TSTInfo of version 1");
  if (oid.end - oid.at != sizeof oid_sha256 || memcmp (oid.at, oid_sha256, sizeof oid_sha256) != 0
      || hash.end - hash.at != AIR_SHA256_SIZE)
    return malformed (error, "what it stamps is no SHA-256 digest");
  memcpy (self->imprint.bytes, hash.at, AIR_SHA256_SIZE);
  self->serial = der_integer_text (&serial);
  if (!der_next (&root, TAG_TIME, &time) || !der_time (&time, &self->time_us))
    return malformed (error, "its time is no GeneralizedTime");
  if (der_peek (&root, TAG_SEQUENCE) && !der_next (&root, TAG_SEQUENCE, &skipped)) /* accuracy */
    return malformed (error, "not a TSTInfo");
  if (der_peek (&root, 0x01) && !der_next (&root, 0x01, &skipped)) /* ordering */
    return malformed (error, "not a TSTInfo");
  if (der_peek (&root, TAG_INTEGER))
    {
      if (!der_next (&root, TAG_INTEGER, &nonce) || nonce.at == nonce.end || nonce.end - nonce.at > 64)
        return malformed (error, "its nonce is no number");
      self->nonce = der_integer_text (&nonce);
    }
  if (der_peek (&root, 0xa0) && !der_next (&root, 0xa0, &skipped)) /* the authority's name */
    return malformed (error, "not a TSTInfo");
  if (root.at != root.end) /* extensions: none is known, so none may be there */
    return malformed (error, "it has extensions this program does not know");
  return TRUE;
}

static AirTimestamp *
read_token (GBytes *response, gnutls_pkcs7_t *ret_pkcs7, GError **error)
{
  g_autoptr (AirTimestamp) self = g_new0 (AirTimestamp, 1);
  g_auto (gnutls_pkcs7_t) pkcs7 = NULL;
  gnutls_datum_t token, info = { NULL, 0 };
  const char *oid;
  gboolean read;

  if (!find_token (response, &token, error))
    return NULL;
  if (gnutls_pkcs7_init (&pkcs7) < 0 || gnutls_pkcs7_import (pkcs7, &token, GNUTLS_X509_FMT_DER) < 0
      || (oid = gnutls_pkcs7_get_embedded_data_oid (pkcs7)) == NULL || strcmp (oid, OID_TST_INFO) != 0
      || gnutls_pkcs7_get_embedded_data (pkcs7, 0, &info) < 0)
    {
      malformed (error, "its token is no signed TSTInfo");
      return NULL;
    }
  read = read_info (self, &info, error);
  gnutls_free (info.data);
  if (!read)
    return NULL;
  if (ret_pkcs7 != NULL)
    *ret_pkcs7 = g_steal_pointer (&pkcs7);
  return g_steal_pointer (&self);
}

/**
 * air_timestamp_parse:
 * @response: a DER TimeStampResp, as `openssl ts` reads and writes them
 * @error: return location
 *
 * What it says, without believing it. Fails with %AIR_LEDGER_ERROR_MALFORMED.
 *
 * Returns: (transfer full): the timestamp, not believed; or %NULL
 */
AirTimestamp *
air_timestamp_parse (GBytes *response, GError **error)
{
  return read_token (response, NULL, error);
}

/* --- believing ------------------------------------------------------------------------------ */

/**
 * air_timestamp_trust_new:
 * @pem: one certificate or several
 * @length: its bytes
 * @error: return location
 *
 * Fails with %AIR_LEDGER_ERROR_MALFORMED.
 *
 * Returns: (transfer full): the trust, or %NULL
 */
AirTimestampTrust *
air_timestamp_trust_new (const char *pem, gsize length, GError **error)
{
  gnutls_datum_t datum = { (guint8 *) pem, (unsigned int) length };
  gnutls_x509_crt_t *list = NULL;
  unsigned int n = 0;
  AirTimestampTrust *self;

  if (length > G_MAXINT || gnutls_x509_crt_list_import2 (&list, &n, &datum, GNUTLS_X509_FMT_PEM, 0) < 0
      || n > MAX_CERTIFICATES)
    {
      malformed (error, "the authorities are no certificates in PEM; give those of the authority or its issuer");
      return NULL;
    }
  self = g_new0 (AirTimestampTrust, 1);
  self->certificates = list;
  self->n = n;
  return self;
}

void
air_timestamp_trust_free (AirTimestampTrust *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n; i++)
    gnutls_x509_crt_deinit (self->certificates[i]);
  gnutls_free (self->certificates);
  g_free (self);
}

static gboolean
is_signer (gnutls_x509_crt_t certificate, const gnutls_pkcs7_signature_info_st *info)
{
  guint8 serial[64];
  size_t size = sizeof serial;
  gnutls_datum_t issuer = { NULL, 0 };
  gboolean is = FALSE;

  if (gnutls_x509_crt_get_serial (certificate, serial, &size) < 0
      || gnutls_x509_crt_get_raw_issuer_dn (certificate, &issuer) < 0)
    return FALSE;
  is = size == info->signer_serial.size && issuer.size == info->issuer_dn.size
       && memcmp (serial, info->signer_serial.data, size) == 0
       && memcmp (issuer.data, info->issuer_dn.data, issuer.size) == 0;
  gnutls_free (issuer.data);
  return is;
}

static gnutls_x509_crt_t
import (const gnutls_datum_t *raw)
{
  g_auto (gnutls_x509_crt_t) certificate = NULL;

  if (gnutls_x509_crt_init (&certificate) < 0 || gnutls_x509_crt_import (certificate, raw, GNUTLS_X509_FMT_DER) < 0)
    return NULL;
  return g_steal_pointer (&certificate);
}

/* FALSE: @certificate is another one than @*inout_signer under the same issuer and number. */
static gboolean
take_signer (gnutls_x509_crt_t take_certificate, gnutls_x509_crt_t *inout_signer)
{
  g_auto (gnutls_x509_crt_t) certificate = take_certificate;

  if (*inout_signer != NULL)
    return gnutls_x509_crt_equals (*inout_signer, certificate) != 0;
  *inout_signer = g_steal_pointer (&certificate);
  return TRUE;
}

/* Among the token's own certificates and those pinned: which it is, what follows must show. Were there two, one might
 * be looked at here and the other believed by who verifies the signature. */
static gnutls_x509_crt_t
find_signer (gnutls_pkcs7_t pkcs7,
             const gnutls_pkcs7_signature_info_st *info,
             const AirTimestampTrust *trust,
             GError **error)
{
  g_auto (gnutls_x509_crt_t) signer = NULL;
  int n = gnutls_pkcs7_get_crt_count (pkcs7);
  gboolean one = n <= MAX_CERTIFICATES;

  for (int i = 0; one && i < n; i++)
    {
      g_auto (gnutls_x509_crt_t) certificate = NULL;
      gnutls_datum_t raw = { NULL, 0 };

      if (gnutls_pkcs7_get_crt_raw2 (pkcs7, (unsigned int) i, &raw) < 0)
        continue;
      certificate = import (&raw);
      gnutls_free (raw.data);
      if (certificate != NULL && is_signer (certificate, info))
        one = take_signer (g_steal_pointer (&certificate), &signer);
    }
  for (guint i = 0; one && i < trust->n; i++)
    if (is_signer (trust->certificates[i], info))
      {
        gnutls_datum_t raw = { NULL, 0 };
        gnutls_x509_crt_t copy = NULL;

        if (gnutls_x509_crt_export2 (trust->certificates[i], GNUTLS_X509_FMT_DER, &raw) >= 0)
          copy = import (&raw);
        gnutls_free (raw.data);
        one = copy == NULL || take_signer (copy, &signer);
      }
  if (one && signer != NULL)
    return g_steal_pointer (&signer);
  refuse (error, one ? "it is by an authority whose certificate is neither in it nor pinned"
                     : "it holds two certificates under the signer's issuer and number, or too many");
  return NULL;
}

/* RFC 3161, 2.3: the key is for timestamps and nothing else, and the certificate says so critically. */
static gboolean
is_for_timestamps (gnutls_x509_crt_t certificate)
{
  char oid[64];
  size_t size = sizeof oid;
  unsigned int critical = 0;

  if (gnutls_x509_crt_get_key_purpose_oid (certificate, 0, oid, &size, &critical) < 0
      || strcmp (oid, GNUTLS_KP_TIME_STAMPING) != 0 || critical == 0)
    return FALSE;
  size = sizeof oid;
  return gnutls_x509_crt_get_key_purpose_oid (certificate, 1, oid, &size, &critical)
         == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
}

/* RFC 5816: which certificate signed is itself signed, by its digest. */
static gboolean
names_certificate (const gnutls_pkcs7_signature_info_st *info, gnutls_x509_crt_t certificate)
{
  gnutls_datum_t raw = { NULL, 0 };
  guint8 sha1[2 + 20] = { TAG_OCTETS, 20 }, sha256[2 + 32] = { TAG_OCTETS, 32 };
  gboolean named = FALSE;

  if (gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_DER, &raw) < 0)
    return FALSE;
  if (gnutls_hash_fast (GNUTLS_DIG_SHA1, raw.data, raw.size, sha1 + 2) >= 0
      && gnutls_hash_fast (GNUTLS_DIG_SHA256, raw.data, raw.size, sha256 + 2) >= 0)
    for (unsigned int i = 0; !named; i++)
      {
        gnutls_datum_t value = { NULL, 0 };
        char *oid = NULL;

        if (gnutls_pkcs7_get_attr (info->signed_attrs, i, &oid, &value, 0) < 0)
          break;
        if (strcmp (oid, OID_SIGNING_CERT_2) == 0)
          named = memmem (value.data, value.size, sha256, sizeof sha256) != NULL;
        else if (strcmp (oid, OID_SIGNING_CERT) == 0)
          named = memmem (value.data, value.size, sha1, sizeof sha1) != NULL;
        gnutls_free (value.data);
      }
  gnutls_free (raw.data);
  return named;
}

/* The signature, and the way from the signer to a pinned certificate. No clock: when certificates are valid is
 * judged at the token's own time. */
static gboolean
verify_signature (gnutls_pkcs7_t pkcs7, const AirTimestampTrust *trust)
{
  gnutls_x509_trust_list_t list = NULL;
  gnutls_typed_vdata_st purpose = { GNUTLS_DT_KEY_PURPOSE_OID, (guint8 *) GNUTLS_KP_TIME_STAMPING, 0 };
  int code = -1;

  if (gnutls_x509_trust_list_init (&list, 0) < 0)
    return FALSE;
  /* The list takes copies of its own only with deinit; ours stay ours. */
  if (gnutls_x509_trust_list_add_cas (list, trust->certificates, trust->n, 0) == (int) trust->n)
    code = gnutls_pkcs7_verify (pkcs7, list, &purpose, 1, 0, NULL,
                                GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS);
  gnutls_x509_trust_list_deinit (list, 0);
  return code >= 0;
}

static gboolean
judge (AirTimestamp *self,
       gnutls_pkcs7_t pkcs7,
       const gnutls_pkcs7_signature_info_st *info,
       const AirTimestampTrust *trust,
       GError **error)
{
  g_auto (gnutls_x509_crt_t) signer = find_signer (pkcs7, info, trust, error);
  gnutls_datum_t name = { NULL, 0 };
  gint64 seconds = self->time_us / G_USEC_PER_SEC;

  if (signer == NULL)
    return FALSE;
  if (!is_for_timestamps (signer))
    return refuse (error, "the signer's certificate is not for timestamps alone");
  if (!names_certificate (info, signer))
    return refuse (error, "what is signed does not name the signer's certificate");
  if (seconds < (gint64) gnutls_x509_crt_get_activation_time (signer)
      || seconds > (gint64) gnutls_x509_crt_get_expiration_time (signer))
    return refuse (error, "the signer's certificate was not valid at the time it says");
  if (!verify_signature (pkcs7, trust))
    return refuse (error, "it is not signed by one of the authorities pinned");
  if (gnutls_x509_crt_get_dn3 (signer, &name, 0) >= 0)
    self->authority = g_strndup ((const char *) name.data, name.size);
  gnutls_free (name.data);
  return TRUE;
}

/**
 * air_timestamp_open:
 * @response: a DER TimeStampResp
 * @trust: whose time counts
 * @error: return location
 *
 * Verifies RFC 3161 and CMS: signed by an authority of @trust whose certificate is for timestamps only and was
 * valid at that time. That it stamps what it should, the caller compares.
 * Fails with %AIR_LEDGER_ERROR_MALFORMED, or %AIR_LEDGER_ERROR_SIGNATURE.
 *
 * Returns: (transfer full): the timestamp, to be believed; or %NULL
 */
AirTimestamp *
air_timestamp_open (GBytes *response, const AirTimestampTrust *trust, GError **error)
{
  g_auto (gnutls_pkcs7_t) pkcs7 = NULL;
  g_autoptr (AirTimestamp) self = read_token (response, &pkcs7, error);
  gnutls_pkcs7_signature_info_st info;
  gboolean believed;

  if (self == NULL)
    return NULL;
  if (gnutls_pkcs7_get_signature_count (pkcs7) != 1 || gnutls_pkcs7_get_signature_info (pkcs7, 0, &info) < 0)
    {
      refuse (error, "it bears not exactly one signature");
      return NULL;
    }
  believed = judge (self, pkcs7, &info, trust, error);
  gnutls_pkcs7_signature_info_deinit (&info);
  return believed ? g_steal_pointer (&self) : NULL;
}
