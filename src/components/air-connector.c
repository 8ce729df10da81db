/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-components"
#include "config.h"

#include <string.h>

#include "air-operation-private.h"
#include "cel/air-template.h"

/**
 * air_connector_new:
 * @document: the connector's document
 * @base_url: (nullable): overrides the document's
 * @secrets: (nullable) (transfer none): map of name to text
 * @error: return location
 *
 * Returns: (transfer full): the connector, or %NULL with %AIR_OPERATION_ERROR_DOCUMENT or %AIR_OPERATION_ERROR_SECRET
 */
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
  self->auth = air_auth_new (air_map_get_map (document, "auth"), secrets, self->id, error);
  if (self->auth == NULL)
    return NULL;
  g_queue_init (&self->waiting);

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
  g_clear_pointer (&self->auth, air_auth_free);
  g_free (self->token);
  g_free (self->refresh_token);
  if (self->rotated_destroy != NULL)
    self->rotated_destroy (self->rotated_data);
  g_free (self);
}

/**
 * air_connector_set_rotated_func:
 * @self: a connector
 * @func: (nullable): told of each refresh token that takes the place of the one before
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data
 *
 * One function; a second call replaces it.
 */
void
air_connector_set_rotated_func (AirConnector *self,
                                AirConnectorRotatedFunc func,
                                gpointer user_data,
                                GDestroyNotify destroy)
{
  if (self->rotated_destroy != NULL)
    self->rotated_destroy (self->rotated_data);
  self->rotated = func;
  self->rotated_data = user_data;
  self->rotated_destroy = destroy;
}

static void
reference_cb (const char *path, gpointer user_data)
{
  if (g_str_has_prefix (path, "secret."))
    air_map_set_string (user_data, path + strlen ("secret."), "invented");
}

static void
expression_cb (const char *pointer, const AirCelProgram *program, gboolean optional, gpointer user_data)
{
  air_cel_program_foreach_reference (program, reference_cb, user_data);
}

AirValue *
air_connector_invent_secrets (const AirValue *document)
{
  AirValue *auth = air_map_get_map (document, "auth"), *secrets = air_map_new ();
  g_autoptr (AirTemplate) template = auth != NULL ? air_template_compile (auth, NULL, NULL) : NULL;

  if (template != NULL)
    air_template_foreach_expression (template, expression_cb, secrets);
  return secrets;
}
