/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-performer.h"

#include <gio/gio.h>
#include <string.h>

#include "components/air-secret-file.h"
#include "components/air-transport.h"

#define CONNECTIONS_A_HOST 32

struct _AirOperations {
  GHashTable *connectors;   /* id → AirConnector */
  GHashTable *operations;   /* id → AirOperation */
  GHashTable *connector_of; /* operation id → connector id */
  AirEgress *egress;
  AirTransport *transport;
};

typedef struct {
  AirPerformed performed;
  gpointer user_data;
} Call;

static void
finished_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;

  call->performed (air_operation_run_finish (result), call->user_data);
}

static const char *
connector_of (gpointer performer, const char *operation)
{
  AirOperations *self = performer;

  return g_hash_table_lookup (self->connector_of, operation);
}

static void
perform (gpointer performer,
         const char *run,
         const AirEffect *effect,
         GCancellable *cancellable,
         AirPerformed performed,
         gpointer user_data)
{
  AirOperations *self = performer;
  const AirOperation *operation = g_hash_table_lookup (self->operations, effect->call.operation);
  Call *call;

  if (operation == NULL)
    {
      performed (air_outcome_new (AIR_OUTCOME_FATAL, 0, "the artifact holds no such operation"), user_data);
      return;
    }
  call = g_new0 (Call, 1);
  call->performed = performed;
  call->user_data = user_data;
  air_operation_run_async (operation, self->transport, self->egress, effect->call.purpose, effect->call.input,
                           effect->call.run, effect->call.timeout_ms, cancellable, finished_cb, call);
}

static const AirConnectorConfig *
find_config (const AirConfig *config, const char *id)
{
  for (guint i = 0; i < config->connectors->len; i++)
    if (strcmp (((AirConnectorConfig *) config->connectors->pdata[i])->id, id) == 0)
      return config->connectors->pdata[i];
  return NULL;
}

/* A refresh token that changes with each use is written back at once, or a restart would come with one that is worth
 * nothing. Where that fails this process goes on with what it has. */
static void
rotated_cb (const char *secret, const char *value, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!air_secret_file_set (user_data, secret, value, &error))
    g_warning ("the secret '%s' was renewed and could not be kept; mend %s before the next start: %s", secret,
               (const char *) user_data, error->message);
}

static gboolean
bind_connectors (AirOperations *self, AirPlan *plan, const AirConfig *config, GError **error)
{
  AirValue *documents = air_map_get_map (air_plan_get_document (plan), "connectors");

  for (gsize i = 0; documents != NULL && i < air_map_get_size (documents); i++)
    {
      const char *id = air_value_get_string (air_map_get_key_at (documents, i), NULL);
      const AirConnectorConfig *binding = find_config (config, id);
      g_autoptr (AirValue) secrets = NULL;
      AirConnector *connector;

      if (binding != NULL && binding->secret_file != NULL
          && (secrets = air_secret_file_load (binding->secret_file, error)) == NULL)
        {
          g_prefix_error (error, "the secret of connector '%s': ", id);
          return FALSE;
        }
      connector = air_connector_new (air_map_get_value_at (documents, i), binding != NULL ? binding->base_url : NULL,
                                     secrets, error);
      if (connector == NULL)
        {
          g_prefix_error (error, "connector '%s': ", id);
          return FALSE;
        }
      if (secrets != NULL)
        air_connector_set_rotated_func (connector, rotated_cb, g_strdup (binding->secret_file), g_free);
      g_hash_table_insert (self->connectors, g_strdup (id), connector);
    }
  return TRUE;
}

static gboolean
bind_operations (AirOperations *self, AirPlan *plan, GError **error)
{
  AirValue *documents = air_map_get_map (air_plan_get_document (plan), "operations");

  for (gsize i = 0; documents != NULL && i < air_map_get_size (documents); i++)
    {
      const char *id = air_value_get_string (air_map_get_key_at (documents, i), NULL);
      AirValue *document = air_map_get_value_at (documents, i);
      const char *name = air_map_get_string (document, "connector");
      const AirConnector *connector = name != NULL ? g_hash_table_lookup (self->connectors, name) : NULL;
      AirOperation *operation;

      if (connector == NULL)
        {
          g_set_error (error, AIR_CONFIG_ERROR, AIR_CONFIG_ERROR_INVALID,
                       "operation '%s' needs connector '%s', which the artifact does not hold; compile it anew", id,
                       name != NULL ? name : "");
          return FALSE;
        }
      operation = air_operation_new (document, connector, error);
      if (operation == NULL)
        {
          g_prefix_error (error, "operation '%s': ", id);
          return FALSE;
        }
      g_hash_table_insert (self->operations, g_strdup (id), operation);
      g_hash_table_insert (self->connector_of, g_strdup (id), g_strdup (name));
    }
  return TRUE;
}

/**
 * air_operations_new:
 * @plan: whose operations they are
 * @config: connectors, secrets and egress
 * @error: return location
 *
 * Reads the files of secrets.
 *
 * Returns: (transfer full): the operations, or %NULL with an %AIR_CONFIG_ERROR, %AIR_OPERATION_ERROR or %G_FILE_ERROR
 */
AirOperations *
air_operations_new (AirPlan *plan, const AirConfig *config, GError **error)
{
  g_autoptr (AirOperations) self = g_new0 (AirOperations, 1);

  self->connectors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) air_connector_free);
  self->operations = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) air_operation_free);
  self->connector_of = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->egress = air_egress_new ((const char *const *) config->egress, error);
  if (self->egress == NULL || !bind_connectors (self, plan, config, error) || !bind_operations (self, plan, error))
    return NULL;
  self->transport = air_http_transport_new (self->egress, CONNECTIONS_A_HOST);
  return g_steal_pointer (&self);
}

/**
 * air_operations_get_performer:
 * @self: operations; outlive the performer
 *
 * Returns: them as the host takes them
 */
AirPerformer
air_operations_get_performer (AirOperations *self)
{
  return (AirPerformer) { connector_of, perform, self };
}

void
air_operations_free (AirOperations *self)
{
  g_clear_object (&self->transport);
  g_hash_table_unref (self->operations);
  g_hash_table_unref (self->connectors);
  g_hash_table_unref (self->connector_of);
  g_clear_pointer (&self->egress, air_egress_free);
  g_free (self);
}
