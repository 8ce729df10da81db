/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-client"

#include "config.h"

#include "client/air-client-profile.h"

#include <gio/gio.h>

#include "base/air-json.h"
#include "client/air-client.h"
#include "keystore/air-keystore.h"

struct _AirClientProfile {
  gatomicrefcount ref_count;
  char *name;
  char *url;
  char *ca;
  char *certificate;
  char *private_key;
  char *decision_key;
  char *ledger_key;
};

G_DEFINE_BOXED_TYPE (AirClientProfile, air_client_profile, air_client_profile_ref, air_client_profile_unref)

static gboolean
check_url (const char *url, GError **error)
{
  g_autoptr (GUri) uri = NULL;

  uri = g_uri_parse (url, G_URI_FLAGS_NONE, error);
  if (uri == NULL)
    {
      g_prefix_error (error, "profile: \"url\" \"%s\": ", url);
      return FALSE;
    }
  if (g_strcmp0 (g_uri_get_scheme (uri), "https") != 0 || g_uri_get_host (uri) == NULL)
    {
      g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_PROFILE,
                   "profile: \"url\" is \"%s\"; write it as https://HOST:PORT", url);
      return FALSE;
    }
  return TRUE;
}

/**
 * air_client_profile_new:
 * @name: (nullable): what a person calls this connection; the URL's host if %NULL
 * @url: https://HOST:PORT
 * @ca_pem: the certificate authority the server's certificate must come from, as PEM text
 * @certificate: path of our certificate
 * @private_key: path of its key
 * @decision_key: (nullable): path of the key decisions are signed with
 * @ledger_key: (nullable): the ledger's vkey, when it is pinned
 *
 * Returns: (transfer full): a profile, or %NULL with %AIR_CLIENT_ERROR_PROFILE
 */
AirClientProfile *
air_client_profile_new (const char *name,
                        const char *url,
                        const char *ca_pem,
                        const char *certificate,
                        const char *private_key,
                        const char *decision_key,
                        const char *ledger_key,
                        GError **error)
{
  g_autoptr (GUri) uri = NULL;
  AirClientProfile *self;

  g_return_val_if_fail (url != NULL && ca_pem != NULL, NULL);
  g_return_val_if_fail (certificate != NULL && private_key != NULL, NULL);

  if (!check_url (url, error))
    return NULL;
  if (strstr (ca_pem, "-----BEGIN CERTIFICATE-----") == NULL)
    {
      g_set_error_literal (
          error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_PROFILE,
          "profile: \"ca\" holds no PEM certificate; give the text or the path of the authority's certificate");
      return NULL;
    }
  uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);

  self = g_new0 (AirClientProfile, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->name = g_strdup (name != NULL ? name : g_uri_get_host (uri));
  self->url = g_strdup (url);
  while (g_str_has_suffix (self->url, "/"))
    self->url[strlen (self->url) - 1] = '\0';
  self->ca = g_strdup (ca_pem);
  self->certificate = g_strdup (certificate);
  self->private_key = g_strdup (private_key);
  self->decision_key = g_strdup (decision_key);
  self->ledger_key = g_strdup (ledger_key);
  return self;
}

static const char *
require (AirValue *document, const char *path, const char *key, GError **error)
{
  const char *text = air_map_get_string (document, key);

  if (text == NULL)
    g_set_error (
        error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_PROFILE,
        "%s: \"%s\" is missing; a profile has url, ca, certificate, private_key and, to decide gates, decision_key",
        path, key);
  return text;
}

static char *
resolve (const char *folder, const char *path)
{
  return path == NULL || g_path_is_absolute (path) ? g_strdup (path) : g_build_filename (folder, path, NULL);
}

/**
 * air_client_profile_load:
 * @path: a JSON file with url, ca, certificate, private_key and optionally name, decision_key, ledger_key
 *
 * Reads a profile. Paths in it are relative to the file's folder; "ca" is PEM text or a path.
 *
 * Returns: (transfer full): a profile, or %NULL with %AIR_CLIENT_ERROR_PROFILE, an #AirJsonError or a #GFileError
 */
AirClientProfile *
air_client_profile_load (const char *path, GError **error)
{
  static const char *const known[] = { "v",           "name",         "url",        "ca", "certificate",
                                       "private_key", "decision_key", "ledger_key", NULL };
  g_autoptr (AirValue) document = NULL;
  g_autofree char *folder = NULL, *certificate = NULL, *private_key = NULL, *decision_key = NULL, *ca = NULL;
  const char *url, *ca_text, *certificate_text, *key_text, *unknown;
  AirClientProfile *self;

  g_return_val_if_fail (path != NULL, NULL);

  document = air_json_load_file (path, error);
  if (document == NULL)
    return NULL;
  if (air_value_get_kind (document) != AIR_VALUE_MAP)
    {
      g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_PROFILE,
                   "%s: a profile is a JSON object; write {\"url\": …}", path);
      return NULL;
    }
  unknown = air_map_find_unknown (document, known);
  if (unknown != NULL)
    {
      g_set_error (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_PROFILE, "%s: a profile has no \"%s\"; remove it", path,
                   unknown);
      return NULL;
    }
  if ((url = require (document, path, "url", error)) == NULL
      || (ca_text = require (document, path, "ca", error)) == NULL
      || (certificate_text = require (document, path, "certificate", error)) == NULL
      || (key_text = require (document, path, "private_key", error)) == NULL)
    return NULL;

  folder = g_path_get_dirname (path);
  certificate = resolve (folder, certificate_text);
  private_key = resolve (folder, key_text);
  if (air_map_get_string (document, "decision_key") != NULL)
    decision_key = air_keystore_resolve (air_map_get_string (document, "decision_key"), folder);
  if (g_str_has_prefix (ca_text, "-----BEGIN"))
    ca = g_strdup (ca_text);
  else
    {
      g_autofree char *ca_path = resolve (folder, ca_text);

      if (!g_file_get_contents (ca_path, &ca, NULL, error))
        {
          g_prefix_error (error, "%s: \"ca\": ", path);
          return NULL;
        }
    }
  self = air_client_profile_new (air_map_get_string (document, "name"), url, ca, certificate, private_key, decision_key,
                                 air_map_get_string (document, "ledger_key"), error);
  if (self == NULL)
    g_prefix_error (error, "%s: ", path);
  return self;
}

AirClientProfile *
air_client_profile_ref (AirClientProfile *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
air_client_profile_unref (AirClientProfile *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->name);
  g_free (self->url);
  g_free (self->ca);
  g_free (self->certificate);
  g_free (self->private_key);
  g_free (self->decision_key);
  g_free (self->ledger_key);
  g_free (self);
}

/**
 * air_client_profile_get_name:
 * @self: a profile
 *
 * Returns: (transfer none): what a person calls it
 */
const char *
air_client_profile_get_name (AirClientProfile *self)
{
  return self->name;
}

/**
 * air_client_profile_get_url:
 * @self: a profile
 *
 * Returns: (transfer none): https://HOST:PORT, without a slash at its end
 */
const char *
air_client_profile_get_url (AirClientProfile *self)
{
  return self->url;
}

/**
 * air_client_profile_get_ca:
 * @self: a profile
 *
 * Returns: (transfer none): the authority's certificate, PEM text
 */
const char *
air_client_profile_get_ca (AirClientProfile *self)
{
  return self->ca;
}

/**
 * air_client_profile_get_certificate:
 * @self: a profile
 *
 * Returns: (transfer none): path of our certificate
 */
const char *
air_client_profile_get_certificate (AirClientProfile *self)
{
  return self->certificate;
}

/**
 * air_client_profile_get_private_key:
 * @self: a profile
 *
 * Returns: (transfer none): path or reference of its key
 */
const char *
air_client_profile_get_private_key (AirClientProfile *self)
{
  return self->private_key;
}

/**
 * air_client_profile_get_decision_key:
 * @self: a profile
 *
 * Returns: (transfer none) (nullable): path or reference of the key decisions are signed with
 */
const char *
air_client_profile_get_decision_key (AirClientProfile *self)
{
  return self->decision_key;
}

/**
 * air_client_profile_get_ledger_key:
 * @self: a profile
 *
 * Returns: (transfer none) (nullable): the ledger's vkey; %NULL: it is not pinned
 */
const char *
air_client_profile_get_ledger_key (AirClientProfile *self)
{
  return self->ledger_key;
}
