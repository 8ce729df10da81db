/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "demo"

#include "config.h"

#include <glib/gstdio.h>

#include "base/air-clock.h"
#include "base/air-json.h"
#include "demo-private.h"

/* The programs, and the people's connections: everything between keys and the first request. */

#define READY_MS   60000
#define RESTART_MS 500

/* --- the vendors ------------------------------------------------------------------------------- */

static gboolean
write_token (Demo *self, const char *vendor, char **ret_path, GError **error)
{
  g_autofree char *name = g_strconcat (vendor, ".token", NULL), *token = NULL;
  guint8 random[24];

  air_random_fill (air_random_system (), random, sizeof random);
  token = g_base64_encode (random, sizeof random);
  *ret_path = demo_path (self, name, NULL);
  return g_file_set_contents_full (*ret_path, token, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

static void
ended_cb (DemoProcess *process, const GError *error, gpointer user_data)
{
  demo_fail (user_data, error);
}

static void
vendor_ready (Demo *self, char **address, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;

  *address = demo_await_file_finish (result, &error);
  if (*address == NULL)
    demo_fail (self, error);
  else if (self->shop_address != NULL && self->payments_address != NULL)
    demo_next (self);
}

static void
shop_ready_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Demo *self = user_data;

  vendor_ready (self, &self->shop_address, result);
}

static void
payments_ready_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Demo *self = user_data;

  vendor_ready (self, &self->payments_address, result);
}

static DemoProcess *
start_shop (Demo *self, const char *address_file, GError **error)
{
  g_autofree char *token = NULL, *log = demo_path (self, "shop.log", NULL);
  const char *argv[] = { self->places.shop, "--orders",   self->data->orders_path, "--users", self->data->users_path,
                         "--address-file",  address_file, "--token-file",          NULL,      NULL };

  if (!write_token (self, "shop", &token, error))
    return NULL;
  argv[G_N_ELEMENTS (argv) - 2] = token;
  return demo_process_start ("the shop", argv, log, ended_cb, self, error);
}

static DemoProcess *
start_payments (Demo *self, const char *address_file, GError **error)
{
  g_autofree char *token = NULL, *log = demo_path (self, "payments.log", NULL);
  g_autofree char *drop = g_strdup_printf ("--drop=%d", self->options.drop);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) argv = NULL;
  AirValue *disputed =
      self->data->trouble != NULL ? air_map_get_list (self->data->trouble, "disputed_payment_methods") : NULL;

  if (!write_token (self, "stripe", &token, error))
    return NULL;
  g_strv_builder_add_many (builder, self->places.payments, "--orders", self->data->orders_path, "--address-file",
                           address_file, "--token-file", token, drop, NULL);
  if (self->options.trouble)
    g_strv_builder_add_many (builder, "--fail=4", "--repeat=4", "--delay=4", "--delay-ms=150", NULL);
  for (gsize i = 0; disputed != NULL && i < air_list_get_size (disputed); i++)
    g_strv_builder_add_many (builder, "--refuse-method", air_value_get_string (air_list_get (disputed, i), NULL), NULL);
  argv = g_strv_builder_end (builder);
  return demo_process_start ("the payment provider", (const char *const *) argv, log, ended_cb, self, error);
}

void
demo_stage_vendors (Demo *self)
{
  g_autofree char *shop_file = demo_path (self, "shop.address", NULL);
  g_autofree char *payments_file = demo_path (self, "payments.address", NULL);
  g_autoptr (GError) error = NULL;

  if ((self->shop = start_shop (self, shop_file, &error)) == NULL
      || (self->payments = start_payments (self, payments_file, &error)) == NULL)
    {
      demo_fail (self, error);
      return;
    }
  demo_await_file (shop_file, READY_MS, self->cancellable, shop_ready_cb, self);
  demo_await_file (payments_file, READY_MS, self->cancellable, payments_ready_cb, self);
}

/* --- the runtime ------------------------------------------------------------------------------- */

static void
add_connector (AirValue *connectors, AirValue *egress, const char *id, const char *address, const char *secret_file)
{
  g_autofree char *url = g_strconcat ("http://", address, NULL);
  AirValue *connector = air_map_new ();

  air_map_set_string (connector, "base_url", url);
  air_map_set_string (connector, "secret_file", secret_file);
  air_map_set (connectors, id, connector);
  air_list_append (egress, air_value_new_string (address));
}

char *
demo_state_path (Demo *self, const char *name)
{
  if (self->options.disk != NULL)
    return g_build_filename (self->options.disk, "state", name, NULL);
  return demo_path (self, "state", name, NULL);
}

/* After a kill the runtime listens where it did, as a restarted service does. */
static gboolean
write_config (Demo *self, const char *path, GError **error)
{
  g_autoptr (AirValue) config = air_map_new ();
  AirValue *connectors = air_map_new (), *egress = air_list_new ();
  g_autofree char *text = NULL, *state = demo_state_path (self, NULL);

  add_connector (connectors, egress, "shop", self->shop_address, "shop.token");
  add_connector (connectors, egress, "stripe", self->payments_address, "stripe.token");
  air_map_set_int (config, "v", 1);
  air_map_set_string (config, "artifact", self->artifact);
  air_map_set_string (config, "trust", "trust.json");
  air_map_set_string (config, "state", state);
  air_map_set_string (config, "listen", self->runtime_address != NULL ? self->runtime_address : "127.0.0.1:0");
  air_map_set_string (config, "certificate", "pki/runtime.pem");
  air_map_set_string (config, "private_key", "pki/runtime-key.pem");
  air_map_set_string (config, "origin", DEMO_ORIGIN);
  air_map_set_string (config, "ledger_key", "pki/ledger.pem");
  air_map_set (config, "connectors", connectors);
  air_map_set (config, "egress", egress);
  text = air_json_write_pretty (config, error);
  return text != NULL && g_file_set_contents (path, text, -1, error);
}

typedef struct {
  Demo *demo;
  void (*ready) (Demo *demo);
} Start;

static void
runtime_ready_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Start *start = user_data;
  Demo *self = start->demo;
  g_autoptr (GError) error = NULL;
  g_autofree char *address = demo_await_file_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (address != NULL && self->runtime_address != NULL && !g_str_equal (address, self->runtime_address))
    g_set_error (&error, DEMO_ERROR, DEMO_ERROR_PROCESS, "the runtime came back at %s, not at %s", address,
                 self->runtime_address);
  if (error != NULL)
    {
      demo_fail (self, error);
      return;
    }
  g_set_str (&self->runtime_address, address);
  start->ready (self);
}

static gboolean
restart_cb (gpointer user_data)
{
  Demo *self = user_data;

  self->restart = 0;
  demo_start_runtime (self, self->ready);
  return G_SOURCE_REMOVE;
}

/* A runtime that is started on a full disk says so and ends; whatever supervises it starts it again. */
static void
runtime_ended_cb (DemoProcess *process, const GError *error, gpointer user_data)
{
  Demo *self = user_data;

  if (self->disk == NULL || !demo_disk_was_full (self->disk, 2 * RESTART_MS))
    {
      demo_fail (self, error);
      return;
    }
  g_clear_pointer (&self->runtime, demo_process_stop);
  self->restart = g_timeout_add (RESTART_MS, restart_cb, self);
}

void
demo_start_runtime (Demo *self, void (*ready) (Demo *self))
{
  g_autofree char *config = demo_path (self, "runtime.json", NULL), *address = demo_state_path (self, "address");
  g_autofree char *name = g_strdup_printf ("runtime-%d.log", self->kills + 1), *log = demo_path (self, name, NULL);
  const char *argv[] = { self->places.airails_runtime, "--config", config, NULL };
  g_autoptr (GError) error = NULL;
  Start *start;

  g_unlink (address);
  if (!write_config (self, config, &error)
      || (self->runtime = demo_process_start ("the runtime", argv, log, runtime_ended_cb, self, &error)) == NULL)
    {
      demo_fail (self, error);
      return;
    }
  self->ready = ready;
  start = g_new0 (Start, 1);
  start->demo = self;
  start->ready = ready;
  demo_await_file (address, READY_MS, self->cancellable, runtime_ready_cb, start);
}

void
demo_stage_runtime (Demo *self)
{
  demo_start_runtime (self, demo_next);
}

/* --- people connect ---------------------------------------------------------------------------- */

static gboolean
write_profile (Demo *self, const DemoPerson *person, const char *path, GError **error)
{
  g_autoptr (AirValue) profile = air_map_new ();
  g_autofree char *url = g_strconcat ("https://", self->runtime_address, NULL), *text = NULL, *vkey = NULL;
  g_autofree char *certificate = g_strconcat ("pki/", person->id, ".pem", NULL);
  g_autofree char *private_key = g_strconcat ("pki/", person->id, "-key.pem", NULL);
  g_autofree char *decision_key = g_strconcat ("pki/", person->id, "-decision.pem", NULL);
  g_autofree char *vkey_path = demo_path (self, "pki", "ledger.vkey", NULL);

  if (!g_file_get_contents (vkey_path, &vkey, NULL, error))
    return FALSE;
  air_map_set_string (profile, "name", "Refunds and cancellations (demo)");
  air_map_set_string (profile, "url", url);
  air_map_set_string (profile, "ca", "pki/ca.pem");
  air_map_set_string (profile, "certificate", certificate);
  air_map_set_string (profile, "private_key", private_key);
  if (g_str_equal (person->role, "approver"))
    air_map_set_string (profile, "decision_key", decision_key);
  air_map_set_string (profile, "ledger_key", g_strchomp (vkey));
  text = air_json_write_pretty (profile, error);
  return text != NULL && g_file_set_contents (path, text, -1, error);
}

void
demo_stage_connect (Demo *self)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < DEMO_N_PEOPLE; i++)
    {
      g_autofree char *name = g_strconcat (demo_people[i].id, ".profile.json", NULL),
                      *path = demo_path (self, name, NULL);
      g_autoptr (AirClientProfile) profile = NULL;

      if (i == DEMO_DORA)
        continue;
      if (!write_profile (self, &demo_people[i], path, &error)
          || (profile = air_client_profile_load (path, &error)) == NULL
          || (self->clients[i] = air_client_new (profile, &error)) == NULL)
        {
          demo_fail (self, error);
          return;
        }
    }
  demo_next (self);
}
