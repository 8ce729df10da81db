/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-components"
#include "config.h"

#include "air-operation-private.h"
#include "cel/air-template.h"

/* Credentials are rendered here and nowhere else: no operation ever sees a secret. */
static gboolean
render_secret (const AirValue *auth,
               const char *name,
               const AirValue *bindings,
               const char *connector,
               char **ret_text,
               GError **error)
{
  AirValue *tree = air_member (auth, name);
  g_autoptr (AirTemplate) template = NULL;
  g_autoptr (AirValue) value = NULL;
  g_autoptr (GError) local = NULL;
  const char *text;

  if (tree == NULL)
    {
      g_set_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_DOCUMENT, "connector '%s': auth has no %s; add it",
                   connector, name);
      return FALSE;
    }
  template = air_template_compile (tree, NULL, &local);
  value = template != NULL ? air_template_render (template, bindings, &local) : NULL;
  text = value != NULL && air_value_get_kind (value) == AIR_VALUE_STRING ? air_value_get_string (value, NULL) : NULL;
  if (text == NULL || *text == '\0' || !air_http_header_value_is_valid (text))
    {
      /* Not the local message: it might tell of the secret. */
      g_set_error (
          error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_SECRET,
          "connector '%s': the secret for auth.%s is missing or no plain text; put it in the connector's secret file",
          connector, name);
      return FALSE;
    }
  *ret_text = g_strdup (text);
  return TRUE;
}

static gboolean
load_auth (AirConnector *self, const AirValue *auth, AirValue *secrets, GError **error)
{
  const char *kind = air_map_get_string (auth, "kind");
  g_autoptr (AirValue) bindings = air_map_new ();
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  air_map_set (bindings, "secret", secrets != NULL ? air_value_ref (secrets) : air_map_new ());
  if (g_strcmp0 (kind, "none") == 0)
    return TRUE;
  if (g_strcmp0 (kind, "bearer") == 0)
    {
      if (!render_secret (auth, "token", bindings, self->id, &first, error))
        return FALSE;
      self->auth_header = g_strdup ("Authorization");
      self->auth_value = g_strconcat ("Bearer ", first, NULL);
      return TRUE;
    }
  if (g_strcmp0 (kind, "basic") == 0)
    {
      g_autofree char *pair = NULL;
      g_autofree char *encoded = NULL;

      if (!render_secret (auth, "user", bindings, self->id, &first, error)
          || !render_secret (auth, "password", bindings, self->id, &second, error))
        return FALSE;
      pair = g_strconcat (first, ":", second, NULL);
      encoded = g_base64_encode ((const guchar *) pair, strlen (pair));
      self->auth_header = g_strdup ("Authorization");
      self->auth_value = g_strconcat ("Basic ", encoded, NULL);
      return TRUE;
    }
  if (g_strcmp0 (kind, "header-key") == 0)
    {
      const char *header = air_map_get_string (auth, "header");

      if (header == NULL || !air_http_header_name_is_valid (header))
        {
          g_set_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_DOCUMENT,
                       "connector '%s': auth.header is no header name", self->id);
          return FALSE;
        }
      self->auth_header = g_strdup (header);
      return render_secret (auth, "key", bindings, self->id, &self->auth_value, error);
    }
  g_set_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_DOCUMENT,
               "connector '%s': auth.kind '%s' is none of none, bearer, basic, header-key", self->id,
               kind != NULL ? kind : "");
  return FALSE;
}

AirConnector *
air_connector_new (const AirValue *document, const char *base_url, AirValue *secrets, GError **error)
{
  g_autoptr (AirConnector) self = g_new0 (AirConnector, 1);
  const char *id = air_map_get_string (document, "id");
  g_autoptr (AirValue) facts = NULL;
  g_autoptr (GUri) uri = NULL;
  gsize length;

  if (base_url == NULL)
    base_url = air_map_get_string (document, "base_url");
  self->id = g_strdup (id != NULL ? id : "");
  uri = base_url != NULL ? g_uri_parse (base_url, G_URI_FLAGS_ENCODED, NULL) : NULL;
  if (id == NULL || uri == NULL || g_uri_get_host (uri) == NULL || g_uri_get_query (uri) != NULL
      || g_uri_get_fragment (uri) != NULL || g_uri_get_userinfo (uri) != NULL)
    {
      g_set_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_DOCUMENT,
                   "connector '%s': base_url '%s' is not scheme://host[:port][/path]; mend it", self->id,
                   base_url != NULL ? base_url : "");
      return NULL;
    }
  self->base_url = g_strdup (base_url);
  for (length = strlen (self->base_url); length > 0 && self->base_url[length - 1] == '/'; length--)
    self->base_url[length - 1] = '\0';
  if (!load_auth (self, air_map_get_map (document, "auth"), secrets, error))
    return NULL;

  /* What operations may read as `connector`. */
  facts = air_map_copy (document);
  air_map_remove (facts, "auth");
  air_map_set_string (facts, "base_url", self->base_url);
  self->facts = g_steal_pointer (&facts);
  return g_steal_pointer (&self);
}

void
air_connector_free (AirConnector *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->facts, air_value_unref);
  g_free (self->id);
  g_free (self->base_url);
  g_free (self->auth_header);
  g_free (self->auth_value);
  g_free (self);
}
