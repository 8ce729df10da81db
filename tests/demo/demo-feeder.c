/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "demo"

#include "config.h"

#include "demo-feeder.h"

#include "base/air-clock.h"
#include "base/air-json.h"

#define MAX_IN_FLIGHT 8
#define TRY_AGAIN_MS  50

struct _DemoFeeder {
  AirClient *client;
  DemoData *data;
  DemoListener listener;
  GCancellable *cancellable;
  GHashTable *busy_orders; /* set of order ids (borrowed) with a delivery under way */
  guint next;
  guint in_flight;
  DemoFeederCounts counts;
};

typedef struct {
  DemoFeeder *feeder;
  DemoRequest *request;
  GBytes *body;
  GCancellable *cancellable;
} Delivery;

static void post (Delivery *delivery);

static void
delivery_free (Delivery *delivery)
{
  g_bytes_unref (delivery->body);
  g_object_unref (delivery->cancellable);
  g_free (delivery);
}

static GBytes *
make_event (const DemoRequest *request)
{
  g_autoptr (AirValue) event = air_map_new ();
  g_autofree char *time = air_time_format (air_clock_now_us (air_clock_system ()));

  air_map_set_string (event, "specversion", "1.0");
  air_map_set_string (event, "id", request->id);
  air_map_set_string (event, "source", "https://shop.example.com/refund-requests");
  air_map_set_string (event, "type", "shop.refund.requested");
  air_map_set_string (event, "time", time);
  air_map_set_string (event, "datacontenttype", "application/json");
  air_map_set (event, "data", air_value_ref (request->data));
  return air_jcs_write_bytes (event, NULL);
}

static void
pump (DemoFeeder *self)
{
  while (self->next < self->data->deliveries->len && self->in_flight < MAX_IN_FLIGHT)
    {
      DemoRequest *request = self->data->deliveries->pdata[self->next];
      Delivery *delivery;

      if (g_hash_table_contains (self->busy_orders, request->order_id))
        return;
      g_hash_table_add (self->busy_orders, (gpointer) request->order_id);
      delivery = g_new0 (Delivery, 1);
      delivery->feeder = self;
      delivery->request = request;
      delivery->body = make_event (request);
      delivery->cancellable = g_object_ref (self->cancellable);
      self->next++;
      self->in_flight++;
      post (delivery);
    }
}

static gboolean
again_cb (gpointer user_data)
{
  Delivery *delivery = user_data;

  if (g_cancellable_is_cancelled (delivery->cancellable))
    {
      delivery_free (delivery);
      return G_SOURCE_REMOVE;
    }
  delivery->feeder->counts.repeated++;
  post (delivery);
  return G_SOURCE_REMOVE;
}

static void
posted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Delivery *delivery = user_data;
  DemoFeeder *self = delivery->feeder;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) answer = air_client_post_finish (AIR_CLIENT (source), result, &error);
  const char *run = answer != NULL ? air_map_get_string (answer, "run") : NULL;

  if (g_cancellable_is_cancelled (delivery->cancellable))
    {
      delivery_free (delivery);
      return;
    }
  if (error != NULL && demo_error_is_passing (error))
    {
      g_timeout_add (TRY_AGAIN_MS, again_cb, delivery);
      return;
    }
  if (error == NULL && (run == NULL || (delivery->request->run != NULL && !g_str_equal (run, delivery->request->run))))
    g_set_error (&error, DEMO_ERROR, DEMO_ERROR_ANSWER, "%s was run %s before and is run %s now", delivery->request->id,
                 delivery->request->run, run);
  if (error != NULL)
    {
      g_prefix_error (&error, "request %s: ", delivery->request->id);
      self->listener.failed (error, self->listener.user_data);
      delivery_free (delivery);
      return;
    }

  demo_data_set_run (self->data, delivery->request, run);
  self->counts.acknowledged++;
  self->counts.duplicates += air_map_get_bool (answer, "duplicate", FALSE);
  self->in_flight--;
  g_hash_table_remove (self->busy_orders, delivery->request->order_id);
  delivery_free (delivery);
  pump (self);
  self->listener.changed (self->listener.user_data);
}

static void
post (Delivery *delivery)
{
  air_client_post_async (delivery->feeder->client, "/v1/triggers/request", "application/cloudevents+json",
                         delivery->body, delivery->cancellable, posted_cb, delivery);
}

/* @client is an operator's; @data must outlive the feeder. */
DemoFeeder *
demo_feeder_new (AirClient *client, DemoData *data, const DemoListener *listener)
{
  DemoFeeder *self = g_new0 (DemoFeeder, 1);

  self->client = g_object_ref (client);
  self->data = data;
  self->listener = *listener;
  self->cancellable = g_cancellable_new ();
  self->busy_orders = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

void
demo_feeder_free (DemoFeeder *self)
{
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_object_unref (self->client);
  g_hash_table_unref (self->busy_orders);
  g_free (self);
}

void
demo_feeder_start (DemoFeeder *self)
{
  pump (self);
}

gboolean
demo_feeder_is_done (DemoFeeder *self)
{
  return self->counts.acknowledged == self->data->deliveries->len;
}

const DemoFeederCounts *
demo_feeder_get_counts (DemoFeeder *self)
{
  return &self->counts;
}
