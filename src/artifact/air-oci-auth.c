/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-artifact"

#include "config.h"

#include <string.h>

#include "air-artifact.h"
#include "air-oci-auth.h"
#include "base/air-hash.h"
#include "base/air-json.h"

#define MAX_TOKEN 65536

/* --- challenges -------------------------------------------------------------------- */

static const char *
skip_space (const char *p)
{
  while (*p == ' ' || *p == '\t')
    p++;
  return p;
}

static gboolean
is_token (char c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("!#$%&'*+-.^_`|~", c) != NULL);
}

static char *
take_token (const char **p)
{
  const char *start = *p;

  while (is_token (**p))
    (*p)++;
  return *p > start ? g_ascii_strdown (start, *p - start) : NULL;
}

/* A token, or text in quotes. */
static char *
take_value (const char **p)
{
  GString *text;

  if (**p != '"')
    {
      const char *start = *p;

      while (**p != '\0' && **p != ',' && **p != ' ')
        (*p)++;
      return g_strndup (start, *p - start);
    }
  text = g_string_new (NULL);
  for ((*p)++; **p != '\0' && **p != '"'; (*p)++)
    {
      if (**p == '\\' && (*p)[1] != '\0')
        (*p)++;
      g_string_append_c (text, **p);
    }
  if (**p == '\0')
    {
      g_string_free (text, TRUE);
      return NULL;
    }
  (*p)++;
  return g_string_free (text, FALSE);
}

/**
 * air_oci_challenge_parse:
 * @header: (nullable): the header's value, from anybody
 *
 * Returns: (transfer full) (nullable): the challenge, when it is basic or bearer; %NULL when it is not or cannot be
 *   read
 */
AirOciChallenge *
air_oci_challenge_parse (const char *header)
{
  g_autoptr (AirOciChallenge) self = g_new0 (AirOciChallenge, 1);
  const char *p;

  if (header == NULL)
    return NULL;
  p = skip_space (header);
  self->scheme = take_token (&p);
  self->parameters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (g_strcmp0 (self->scheme, "basic") != 0 && g_strcmp0 (self->scheme, "bearer") != 0)
    return NULL;
  for (;;)
    {
      g_autofree char *name = NULL;
      char *value;

      p = skip_space (p);
      while (*p == ',')
        p = skip_space (p + 1);
      if (*p == '\0')
        break;
      name = take_token (&p);
      p = skip_space (p);
      /* What has no "=" begins the next challenge: the first is the one. */
      if (name == NULL || *p != '=')
        break;
      p = skip_space (p + 1);
      value = take_value (&p);
      if (value == NULL)
        return NULL;
      g_hash_table_replace (self->parameters, g_steal_pointer (&name), value);
    }
  return g_steal_pointer (&self);
}

/**
 * air_oci_challenge_get:
 * @self: a challenge
 * @name: in lower case
 *
 * Returns: (transfer none) (nullable): the parameter's value
 */
const char *
air_oci_challenge_get (const AirOciChallenge *self, const char *name)
{
  return g_hash_table_lookup (self->parameters, name);
}

/**
 * air_oci_challenge_get_url:
 * @self: a challenge
 *
 * Returns: (transfer full) (nullable): where to ask for a token: realm?service=…&scope=…; %NULL when it has no realm
 *   that is an http(s) address
 */
char *
air_oci_challenge_get_url (const AirOciChallenge *self)
{
  static const char *const names[] = { "service", "scope" };
  const char *realm = air_oci_challenge_get (self, "realm");
  g_autoptr (GUri) uri = realm != NULL ? g_uri_parse (realm, G_URI_FLAGS_ENCODED, NULL) : NULL;
  const char *scheme = uri != NULL ? g_uri_get_scheme (uri) : NULL;
  g_autoptr (GString) url = NULL;

  if (uri == NULL || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0'
      || (g_strcmp0 (scheme, "https") != 0 && g_strcmp0 (scheme, "http") != 0) || g_uri_get_userinfo (uri) != NULL)
    return NULL;
  url = g_string_new (realm);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *value = air_oci_challenge_get (self, names[i]);
      g_autofree char *escaped = NULL;

      if (value == NULL)
        continue;
      escaped = g_uri_escape_string (value, NULL, FALSE);
      g_string_append_printf (url, "%c%s=%s", strchr (url->str, '?') != NULL ? '&' : '?', names[i], escaped);
    }
  return g_string_free (g_steal_pointer (&url), FALSE);
}

void
air_oci_challenge_free (AirOciChallenge *self)
{
  if (self == NULL)
    return;
  g_free (self->scheme);
  g_clear_pointer (&self->parameters, g_hash_table_unref);
  g_free (self);
}

/* What may stand in a header. */
static gboolean
is_bearer_token (const char *text)
{
  gsize length;

  for (length = 0; text[length] != '\0'; length++)
    if ((guchar) text[length] <= 0x20 || (guchar) text[length] >= 0x7f || length > MAX_TOKEN)
      return FALSE;
  return length > 0;
}

/**
 * air_oci_token_parse:
 * @body: what a token server answered: {"token"} or {"access_token"}
 *
 * Returns: (transfer full): the token, or %NULL with %AIR_ARTIFACT_ERROR_ACCESS when none is there that can go into a
 *   header
 */
char *
air_oci_token_parse (GBytes *body, GError **error)
{
  g_autoptr (AirValue) answer = air_json_parse_bytes (body, NULL);
  const char *token = NULL;

  if (answer != NULL && air_value_get_kind (answer) == AIR_VALUE_MAP)
    {
      token = air_map_get_string (answer, "token");
      if (token == NULL)
        token = air_map_get_string (answer, "access_token");
    }
  if (token == NULL || !is_bearer_token (token))
    {
      g_set_error_literal (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_ACCESS,
                           "the registry's token server gave no token; check the credentials");
      return NULL;
    }
  return g_strdup (token);
}

/* --- credentials --------------------------------------------------------------------- */

static char *
default_path (void)
{
  const char *named = g_getenv ("REGISTRY_AUTH_FILE"), *docker = g_getenv ("DOCKER_CONFIG");
  g_autofree char *containers = g_build_filename (g_get_user_runtime_dir (), "containers", "auth.json", NULL);

  if (named != NULL)
    return g_strdup (named);
  if (g_file_test (containers, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&containers);
  if (docker != NULL)
    return g_build_filename (docker, "config.json", NULL);
  return g_build_filename (g_get_home_dir (), ".docker", "config.json", NULL);
}

/**
 * air_oci_credentials_find:
 * @path: (nullable): a file as docker, podman, skopeo and oras write it: {"auths":{host:{"auth":…}}}; %NULL: where
 *   they keep it
 * @authority: the registry's host, and port where it has one
 *
 * Returns: (transfer full) (nullable): "Basic …"; %NULL without an error when nothing is there for this host; %NULL
 *   with %AIR_ARTIFACT_ERROR_ACCESS or an %AIR_JSON_ERROR when the file is not what it should be
 */
char *
air_oci_credentials_find (const char *path, const char *authority, GError **error)
{
  g_autofree char *found = path != NULL ? g_strdup (path) : default_path ();
  g_autofree char *https = g_strconcat ("https://", authority, NULL);
  const char *const names[] = { authority, https };
  g_autoptr (AirValue) document = NULL;
  const AirValue *auths;

  if (path == NULL && !g_file_test (found, G_FILE_TEST_EXISTS))
    return NULL;
  document = air_json_load_file (found, error);
  if (document == NULL)
    return NULL;
  auths = air_value_get_kind (document) == AIR_VALUE_MAP ? air_map_get_map (document, "auths") : NULL;
  for (guint i = 0; auths != NULL && i < G_N_ELEMENTS (names); i++)
    {
      const char *pair = air_map_get_string (air_map_get_map (auths, names[i]), "auth");
      g_autofree guint8 *decoded = NULL;
      gsize length;

      if (pair == NULL)
        continue;
      decoded = air_base64_decode (pair, strlen (pair), &length);
      if (decoded == NULL || memchr (decoded, ':', length) == NULL)
        {
          g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_ACCESS,
                       "%s: /auths/%s/auth is not \"user:password\" in base64; log in again", found, names[i]);
          return NULL;
        }
      return g_strconcat ("Basic ", pair, NULL);
    }
  return NULL;
}
