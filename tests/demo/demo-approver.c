/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "demo"

#include "config.h"

#include "demo-approver.h"

#include <string.h>

#include "client/air-client-requests.h"

#define LOOK_MS       80
#define MAX_IN_FLIGHT 6

struct _DemoApprover {
  AirClient *client;
  AirPrivateKey *key;
  guint number;
  guint n;
  DemoData *data;
  DemoListener listener;
  GCancellable *cancellable;
  GHashTable *taken; /* set of gate ids decided or under way */
  guint timeout;
  guint in_flight;
  gboolean looking;
  guint waiting;
  guint approved;
  guint denied;
};

typedef struct {
  DemoApprover *approver;
  char *id;
  gboolean deny;
  GCancellable *cancellable;
} Case;

static void
case_free (Case *self)
{
  g_free (self->id);
  g_object_unref (self->cancellable);
  g_free (self);
}

/* Somebody else's decision closed the gate while this one was on its way. */
static gboolean
came_too_late (const GError *error)
{
  return g_error_matches (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_CONFLICT)
         || g_error_matches (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_NOT_FOUND);
}

/* TRUE when there is nothing more to do about this case; takes care of @error. */
static gboolean
put_down (Case *self, const GError *error)
{
  DemoApprover *approver = self->approver;

  if (g_cancellable_is_cancelled (self->cancellable))
    {
      case_free (self);
      return TRUE;
    }
  if (error == NULL)
    return FALSE;
  approver->in_flight--;
  if (demo_error_is_passing (error))
    g_hash_table_remove (approver->taken, self->id);
  else if (!came_too_late (error))
    {
      g_autoptr (GError) told = g_error_copy (error);

      g_prefix_error (&told, "gate %s: ", self->id);
      approver->listener.failed (told, approver->listener.user_data);
    }
  case_free (self);
  return TRUE;
}

static void
decided_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Case *self = user_data;
  DemoApprover *approver = self->approver;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) answer = air_client_decide_finish (AIR_CLIENT (source), result, &error);

  if (put_down (self, error))
    return;
  approver->in_flight--;
  if (self->deny)
    approver->denied++;
  else
    approver->approved++;
  approver->listener.changed (approver->listener.user_data);
  case_free (self);
}

static gboolean
is_disliked (DemoApprover *self, AirGate *gate)
{
  AirValue *action = air_gate_get_action (gate);

  for (gsize i = 0; i < air_list_get_size (action); i++)
    {
      AirValue *input = air_map_get_map (air_list_get (action, i), "input");
      const char *order_id = input != NULL ? air_map_get_string (input, "order_id") : NULL;

      if (order_id != NULL && demo_data_is_watched (self->data, order_id))
        return TRUE;
    }
  return FALSE;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Case *self = user_data;
  DemoApprover *approver = self->approver;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirGate) gate = air_client_get_gate_finish (AIR_CLIENT (source), result, &error);

  if (put_down (self, error))
    return;
  self->deny = is_disliked (approver, gate);
  air_client_decide_async (approver->client, gate, self->deny ? "deny" : "approve",
                           self->deny ? "This order is on the list of orders to look into first"
                                      : "Checked the order and the amount",
                           approver->key, approver->cancellable, decided_cb, self);
}

static void
take (DemoApprover *self, const char *id)
{
  g_auto (GStrv) parts = g_strsplit (id, "/", 2);
  Case *new_case;

  g_hash_table_add (self->taken, g_strdup (id));
  new_case = g_new0 (Case, 1);
  new_case->approver = self;
  new_case->id = g_strdup (id);
  new_case->cancellable = g_object_ref (self->cancellable);
  self->in_flight++;
  air_client_get_gate_async (self->client, parts[0], parts[1], self->cancellable, read_cb, new_case);
}

static gboolean
is_mine (DemoApprover *self, const AirValue *item, const char *id)
{
  return air_map_get_int (item, "quorum", 1) > 1 || g_str_hash (id) % self->n == self->number;
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Case *look = user_data;
  DemoApprover *self = look->approver;
  gboolean gone = g_cancellable_is_cancelled (look->cancellable);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) page = air_client_get_finish (AIR_CLIENT (source), result, &error);
  AirValue *items;

  case_free (look);
  if (gone)
    return;
  self->looking = FALSE;
  if (error != NULL && !demo_error_is_passing (error))
    self->listener.failed (error, self->listener.user_data);
  items = page != NULL ? air_map_get_list (page, "items") : NULL;
  if (items == NULL)
    return;
  self->waiting = air_list_get_size (items);
  for (gsize i = 0; i < air_list_get_size (items) && self->in_flight < MAX_IN_FLIGHT; i++)
    {
      AirValue *item = air_list_get (items, i);
      const char *id = air_map_get_string (item, "gate");

      if (id != NULL && strchr (id, '/') != NULL && !g_hash_table_contains (self->taken, id)
          && is_mine (self, item, id))
        take (self, id);
    }
}

static gboolean
look_cb (gpointer user_data)
{
  DemoApprover *self = user_data;
  Case *look;

  if (self->looking || self->in_flight >= MAX_IN_FLIGHT)
    return G_SOURCE_CONTINUE;
  self->looking = TRUE;
  look = g_new0 (Case, 1);
  look->approver = self;
  look->cancellable = g_object_ref (self->cancellable);
  air_client_get_async (self->client, "/v1/gates?state=waiting&limit=200", self->cancellable, looked_cb, look);
  return G_SOURCE_CONTINUE;
}

DemoApprover *
demo_approver_new (AirClient *client,
                   AirPrivateKey *key,
                   guint number,
                   guint n,
                   DemoData *data,
                   const DemoListener *listener)
{
  DemoApprover *self = g_new0 (DemoApprover, 1);

  self->client = g_object_ref (client);
  self->key = air_private_key_ref (key);
  self->number = number;
  self->n = n;
  self->data = data;
  self->listener = *listener;
  self->cancellable = g_cancellable_new ();
  self->taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
demo_approver_free (DemoApprover *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->timeout, g_source_remove);
  g_object_unref (self->cancellable);
  g_object_unref (self->client);
  air_private_key_unref (self->key);
  g_hash_table_unref (self->taken);
  g_free (self);
}

void
demo_approver_start (DemoApprover *self)
{
  self->timeout = g_timeout_add (LOOK_MS, look_cb, self);
}

guint
demo_approver_get_approved (DemoApprover *self)
{
  return self->approved;
}

guint
demo_approver_get_denied (DemoApprover *self)
{
  return self->denied;
}

guint
demo_approver_get_waiting (DemoApprover *self)
{
  return self->waiting;
}
