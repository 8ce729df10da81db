/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "demo"

#include "config.h"

#include "demo-data.h"

#include <string.h>

#include "base/air-file.h"
#include "base/air-json.h"
#include "vendor-orders.h"

G_DEFINE_QUARK (demo-error-quark, demo_error)

static void
request_free (gpointer data)
{
  DemoRequest *request = data;

  air_value_unref (request->data);
  g_free (request->run);
  g_free (request->state);
  g_clear_pointer (&request->answer, air_value_unref);
  g_free (request);
}

/* One JSON object a line, about a request each. */
static GPtrArray *
load_lines (const char *path, GError **error)
{
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GBytes) bytes = NULL;
  char *text;
  gsize length;

  if (!air_file_load (path, &text, &length, error))
    return NULL;
  bytes = g_bytes_new_take (text, length);
  list = air_json_parse_lines (bytes, path, error);
  for (guint i = 0; list != NULL && i < list->len; i++)
    if (air_map_get_string (list->pdata[i], "request_id") == NULL)
      {
        g_set_error (error, DEMO_ERROR, DEMO_ERROR_INPUT, "%s: object %u has no request_id", path, i + 1);
        return NULL;
      }
  return g_steal_pointer (&list);
}

static gboolean
take_requests (DemoData *self, GPtrArray *lines, GError **error)
{
  g_autoptr (GHashTable) by_id = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < lines->len; i++)
    {
      AirValue *data = lines->pdata[i];
      DemoRequest *request = g_hash_table_lookup (by_id, air_map_get_string (data, "request_id"));

      if (request == NULL)
        {
          request = g_new0 (DemoRequest, 1);
          request->data = air_value_ref (data);
          request->id = air_map_get_string (data, "request_id");
          request->order_id = air_map_get_string (data, "order_id");
          g_ptr_array_add (self->requests, request);
          g_hash_table_insert (by_id, (gpointer) request->id, request);
          if (request->order_id == NULL || air_map_get_string (data, "kind") == NULL)
            {
              g_set_error (error, DEMO_ERROR, DEMO_ERROR_INPUT, "%s: request %s has no order_id or no kind",
                           self->requests_path, request->id);
              return FALSE;
            }
        }
      g_ptr_array_add (self->deliveries, request);
    }
  return TRUE;
}

static char *
beside (const char *path, const char *name)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return g_build_filename (folder, name, NULL);
}

/* "requests-train.jsonl" goes with "expected-train.jsonl"; NULL when there is no such file. */
static char *
companion (const char *requests_path, const char *stem, const char *suffix)
{
  g_autofree char *base = g_path_get_basename (requests_path), *name = NULL, *path = NULL;

  if (!g_str_has_prefix (base, "requests") || !g_str_has_suffix (base, ".jsonl"))
    return NULL;
  base[strlen (base) - strlen (".jsonl")] = '\0';
  name = g_strconcat (stem, base + strlen ("requests"), suffix, NULL);
  path = beside (requests_path, name);
  return g_file_test (path, G_FILE_TEST_EXISTS) ? g_steal_pointer (&path) : NULL;
}

static gboolean
take_expected (DemoData *self, const char *path, GError **error)
{
  self->expected = load_lines (path, error);
  if (self->expected == NULL)
    return FALSE;
  if (self->expected->len != self->requests->len)
    {
      g_set_error (error, DEMO_ERROR, DEMO_ERROR_INPUT, "%s tells %u outcomes for the %u requests of %s", path,
                   self->expected->len, self->requests->len, self->requests_path);
      return FALSE;
    }
  for (guint i = 0; i < self->requests->len; i++)
    {
      const DemoRequest *request = self->requests->pdata[i];

      if (g_strcmp0 (air_map_get_string (self->expected->pdata[i], "request_id"), request->id) != 0)
        {
          g_set_error (error, DEMO_ERROR, DEMO_ERROR_INPUT, "%s: object %u is not about %s, which stands there in %s",
                       path, i + 1, request->id, self->requests_path);
          return FALSE;
        }
    }
  return TRUE;
}

/* Fails with DEMO_ERROR_INPUT, VENDOR_ERROR, AIR_JSON_ERROR or G_FILE_ERROR. */
DemoData *
demo_data_load (const char *requests_path, const char *expected_path, const char *final_state_path, GError **error)
{
  g_autoptr (DemoData) self = g_new0 (DemoData, 1);
  g_autoptr (GPtrArray) lines = NULL;
  g_autofree char *trouble_path = beside (requests_path, "trouble.json");
  g_autofree char *expected =
      expected_path != NULL ? g_strdup (expected_path) : companion (requests_path, "expected", ".jsonl");
  g_autofree char *state =
      final_state_path != NULL ? g_strdup (final_state_path) : companion (requests_path, "final-state", ".json");

  self->requests_path = g_strdup (requests_path);
  self->orders_path = beside (requests_path, "orders.json");
  self->users_path = beside (requests_path, "users.json");
  self->requests = g_ptr_array_new_with_free_func (request_free);
  self->deliveries = g_ptr_array_new ();
  self->by_run = g_hash_table_new (g_str_hash, g_str_equal);

  if ((lines = load_lines (requests_path, error)) == NULL || !take_requests (self, lines, error)
      || (self->orders = vendor_orders_load (self->orders_path, error)) == NULL
      || (self->users = vendor_users_load (self->users_path, error)) == NULL)
    return NULL;
  if (g_file_test (trouble_path, G_FILE_TEST_EXISTS))
    {
      self->trouble = air_json_load_file (trouble_path, error);
      if (self->trouble == NULL)
        return NULL;
    }
  if (expected != NULL && !take_expected (self, expected, error))
    return NULL;
  if (state != NULL && (self->final_state = air_json_load_file (state, error)) == NULL)
    {
      g_prefix_error (error, "%s: ", state);
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
demo_data_free (DemoData *self)
{
  g_free (self->requests_path);
  g_free (self->orders_path);
  g_free (self->users_path);
  g_clear_pointer (&self->by_run, g_hash_table_unref);
  g_clear_pointer (&self->deliveries, g_ptr_array_unref);
  g_clear_pointer (&self->requests, g_ptr_array_unref);
  g_clear_pointer (&self->orders, air_value_unref);
  g_clear_pointer (&self->users, air_value_unref);
  g_clear_pointer (&self->trouble, air_value_unref);
  g_clear_pointer (&self->expected, g_ptr_array_unref);
  g_clear_pointer (&self->final_state, air_value_unref);
  g_free (self);
}

void
demo_data_set_run (DemoData *self, DemoRequest *request, const char *run)
{
  if (request->run != NULL)
    return;
  request->run = g_strdup (run);
  g_hash_table_insert (self->by_run, request->run, request);
}

/* Whether the approvers of the synthetic shop do not like this order. */
gboolean
demo_data_is_watched (const DemoData *self, const char *order_id)
{
  AirValue *watched = self->trouble != NULL ? air_map_get_list (self->trouble, "watched_orders") : NULL;

  for (gsize i = 0; watched != NULL && i < air_list_get_size (watched); i++)
    if (g_strcmp0 (air_value_get_string (air_list_get (watched, i), NULL), order_id) == 0)
      return TRUE;
  return FALSE;
}

char *
demo_data_payment_intent (const DemoData *self, const AirValue *request)
{
  const char *order_id = air_map_get_string (request, "order_id"), *to;
  AirValue *order = air_map_get (self->orders, order_id), *history, *user, *method;

  if (order == NULL)
    return NULL;
  history = air_map_get_list (order, "payment_history");
  to = g_strcmp0 (air_map_get_string (request, "kind"), "return") == 0
           ? air_map_get_string (request, "payment_method_id")
           : air_map_get_string (air_list_get (history, 0), "payment_method_id");
  user = air_map_get (self->users, air_map_get_string (order, "user_id"));
  method = user != NULL && to != NULL ? air_map_get (air_map_get (user, "payment_methods"), to) : NULL;
  if (method == NULL || g_strcmp0 (air_map_get_string (method, "source"), "gift_card") == 0)
    return NULL;
  return vendor_payment_intent (order_id, 0);
}
