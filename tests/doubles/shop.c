/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "shop"

#include "config.h"

#include "shop.h"

#include <string.h>

#include "base/air-json.h"
#include "shop-store.h"
#include "vendor-keys.h"

struct _Shop {
  ShopStore *store;
  VendorKeys *keys;
  char *token;
  guint requests;
};

typedef AirValue *(*ShopRead) (ShopStore *store, const char *id, GError **error);
typedef AirValue *(*ShopWrite) (ShopStore *store, const char *id, const AirValue *body, GError **error);

/* A route: @prefix ID @suffix. Members of the body: every name here must be there and of its kind;
 * those after a "?" may be left out; others are refused. */
typedef struct {
  const char *method;
  const char *prefix;
  const char *suffix;
  ShopRead read;
  ShopWrite write;
  const char *members; /* "reason:s item_ids:l ? amount_minor:i" */
} Route;

/* A NULL @token lets everyone in. */
Shop *
shop_new (AirValue *orders, AirValue *users, const char *token)
{
  Shop *self = g_new0 (Shop, 1);

  self->store = shop_store_new (orders, users);
  self->keys = vendor_keys_new ();
  self->token = g_strdup (token);
  return self;
}

void
shop_free (Shop *self)
{
  shop_store_free (self->store);
  vendor_keys_free (self->keys);
  g_free (self->token);
  g_free (self);
}

static VendorAnswer *refusal (guint status, const char *code, const char *format, ...) G_GNUC_PRINTF (3, 4);

static VendorAnswer *
refusal (guint status, const char *code, const char *format, ...)
{
  AirValue *body = air_map_new (), *details = air_map_new ();
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  air_map_set_string (details, "code", code);
  air_map_set_string (details, "message", message);
  air_map_set (body, "error", details);
  return vendor_answer_new (status, body);
}

static VendorAnswer *
refusal_of_error (const GError *error)
{
  switch (error->code)
    {
    case SHOP_ERROR_NOT_FOUND:
      return refusal (404, "not_found", "%s", error->message);
    case SHOP_ERROR_CONFLICT:
      return refusal (409, "conflict", "%s", error->message);
    default:
      return refusal (422, "invalid", "%s", error->message);
    }
}

static AirValue *
write_cancel (ShopStore *store, const char *id, const AirValue *body, GError **error)
{
  return shop_store_cancel (store, id, air_map_get_string (body, "reason"), error);
}

static AirValue *
write_reinstate (ShopStore *store, const char *id, const AirValue *body, GError **error)
{
  return shop_store_reinstate (store, id, error);
}

static AirValue *
write_return (ShopStore *store, const char *id, const AirValue *body, GError **error)
{
  AirValue *items = air_map_get_list (body, "item_ids");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) item_ids = NULL;

  for (gsize i = 0; i < air_list_get_size (items); i++)
    {
      AirValue *item = air_list_get (items, i);

      if (air_value_get_kind (item) != AIR_VALUE_STRING)
        {
          g_set_error_literal (error, SHOP_ERROR, SHOP_ERROR_INVALID, "every one of item_ids must be text");
          return NULL;
        }
      g_strv_builder_add (builder, air_value_get_string (item, NULL));
    }
  item_ids = g_strv_builder_end (builder);
  return shop_store_return (store, id, (const char *const *) item_ids, air_map_get_string (body, "payment_method_id"),
                            error);
}

static AirValue *
write_withdraw (ShopStore *store, const char *id, const AirValue *body, GError **error)
{
  return shop_store_withdraw (store, id, error);
}

static AirValue *
write_notification (ShopStore *store, const char *id, const AirValue *body, GError **error)
{
  static const char *const templates[] = { "refund-confirmed", "refund-refused", "refund-not-approved", NULL };

  if (!g_strv_contains (templates, air_map_get_string (body, "template")))
    {
      g_set_error (error, SHOP_ERROR, SHOP_ERROR_INVALID, "no template '%s'", air_map_get_string (body, "template"));
      return NULL;
    }
  return shop_store_notify (store, body, error);
}

/* Of two that fit, the first wins: longer suffixes stand first. */
static const Route routes[] = {
  { "GET", "/v1/customers/", "", shop_store_get_customer, NULL, NULL },
  { "POST", "/v1/orders/", "/return/withdraw", NULL, write_withdraw, "" },
  { "POST", "/v1/orders/", "/return", NULL, write_return, "item_ids:l payment_method_id:s" },
  { "POST", "/v1/orders/", "/cancel", NULL, write_cancel, "reason:s" },
  { "POST", "/v1/orders/", "/reinstate", NULL, write_reinstate, "" },
  { "GET", "/v1/orders/", "", shop_store_get_order, NULL, NULL },
  { "POST", "/v1/notifications", "", NULL, write_notification,
    "user_id:s template:s order_id:s ? amount_minor:i currency:s" },
};

static const Route *
find_route (const VendorRequest *request, char **ret_id)
{
  for (gsize i = 0; i < G_N_ELEMENTS (routes); i++)
    {
      const Route *route = &routes[i];
      gsize length;

      if (!g_str_equal (request->method, route->method) || !g_str_has_prefix (request->path, route->prefix)
          || !g_str_has_suffix (request->path, route->suffix))
        continue;
      length = strlen (request->path) - strlen (route->suffix);
      if (length < strlen (route->prefix))
        continue;
      *ret_id = g_strndup (request->path + strlen (route->prefix), length - strlen (route->prefix));
      if (g_str_has_suffix (route->prefix, "/") ? (**ret_id != '\0' && strchr (*ret_id, '/') == NULL)
                                                : **ret_id == '\0')
        return route;
      g_clear_pointer (ret_id, g_free);
    }
  return NULL;
}

static gboolean
is_of_kind (const AirValue *value, char kind)
{
  AirValueKind of = air_value_get_kind (value);

  return kind == 's' ? of == AIR_VALUE_STRING : kind == 'l' ? of == AIR_VALUE_LIST : of == AIR_VALUE_INT;
}

static AirValue *
read_body (const Route *route, const VendorRequest *request, VendorAnswer **ret_refusal)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) body = air_json_parse_bytes (request->body, &error);
  g_auto (GStrv) members = g_strsplit (route->members, " ", -1);
  gboolean optional = FALSE;
  gsize known = 0;

  if (body == NULL || air_value_get_kind (body) != AIR_VALUE_MAP)
    {
      *ret_refusal = refusal (400, "bad_request", "the body must be a JSON object: %s",
                              error != NULL ? error->message : "it is another value");
      return NULL;
    }
  for (gsize i = 0; members[i] != NULL; i++)
    {
      char *colon = strchr (members[i], ':');
      AirValue *value;

      if (colon == NULL)
        {
          optional = optional || g_str_equal (members[i], "?");
          continue;
        }
      *colon = '\0';
      value = air_map_get (body, members[i]);
      known += value != NULL;
      if (value == NULL ? !optional : !is_of_kind (value, colon[1]))
        {
          *ret_refusal = refusal (400, "bad_request", "'%s' is missing or of the wrong type", members[i]);
          return NULL;
        }
    }
  if (known != air_map_get_size (body))
    {
      *ret_refusal = refusal (400, "bad_request", "the body has members this call does not know");
      return NULL;
    }
  return g_steal_pointer (&body);
}

static VendorAnswer *
answer_of (AirValue *take_view, const GError *error)
{
  return take_view != NULL ? vendor_answer_new (200, take_view) : refusal_of_error (error);
}

static VendorAnswer *
serve_write (Shop *self, const Route *route, const VendorRequest *request, const char *id)
{
  const char *key = soup_message_headers_get_one (request->headers, "Idempotency-Key");
  g_autoptr (AirValue) body = NULL;
  g_autoptr (GError) error = NULL;
  VendorAnswer *answer = NULL;
  AirValue *view;

  if (key == NULL || *key == '\0' || strlen (key) > 255)
    return refusal (400, "bad_request", "needs an Idempotency-Key of 1 to 255 characters");
  switch (vendor_keys_look (self->keys, key, request, &answer))
    {
    case VENDOR_KEY_REPLAY:
      soup_message_headers_replace (answer->headers, "Idempotent-Replayed", "true");
      return answer;
    case VENDOR_KEY_MISMATCH:
      return refusal (409, "idempotency_mismatch", "the key was used for another request");
    default:
      break;
    }
  body = read_body (route, request, &answer);
  if (body == NULL)
    return answer;
  view = route->write (self->store, id, body, &error);
  answer = answer_of (view, error);
  vendor_keys_keep (self->keys, key, request, answer);
  return answer;
}

static VendorAnswer *
serve (Shop *self, const VendorRequest *request)
{
  g_autofree char *id = NULL;
  const Route *route = find_route (request, &id);
  g_autoptr (GError) error = NULL;
  AirValue *view;

  if (!vendor_request_has_token (request, self->token))
    return refusal (401, "unauthorized", "no or a wrong token");
  if (route == NULL)
    return refusal (404, "not_found", "nothing at %s %s", request->method, request->path);
  if (route->write != NULL)
    return serve_write (self, route, request, id);
  view = route->read (self->store, id, &error);
  return answer_of (view, error);
}

VendorAnswer *
shop_handle (const VendorRequest *request, gpointer user_data)
{
  Shop *self = user_data;
  g_autofree char *id = NULL;
  VendorAnswer *answer;

  if (g_str_equal (request->method, "GET") && g_str_equal (request->path, "/_control/state"))
    return vendor_answer_new (200, shop_store_show_changes (self->store));
  if (g_str_equal (request->method, "GET") && g_str_equal (request->path, "/_control/messages"))
    return vendor_answer_new (200, shop_store_list_messages (self->store));

  answer = serve (self, request);
  id = g_strdup_printf ("shop-%06u", ++self->requests);
  soup_message_headers_replace (answer->headers, "X-Request-Id", id);
  return answer;
}
