/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-schema"

#include "config.h"

#include <jsoncons/json.hpp>
#include <jsoncons_ext/jsonschema/jsonschema.hpp>

#include <string>
#include <utility>
#include <vector>

#include "air-schema-private.h"

using jsoncons::json;
namespace jsonschema = jsoncons::jsonschema;

struct _AirJsoncons {
  jsonschema::json_schema<json> schema;
};

namespace
{

struct unwritable {
  AirValueKind kind;
};

json
to_json (const AirValue *value)
{
  gsize length;
  const char *text;

  switch (air_value_get_kind (value))
    {
    case AIR_VALUE_NULL:
      return json::null ();
    case AIR_VALUE_BOOL:
      return json (static_cast<bool> (air_value_get_bool (value)));
    case AIR_VALUE_INT:
      return json (static_cast<std::int64_t> (air_value_get_int (value)));
    case AIR_VALUE_UINT:
      return json (static_cast<std::uint64_t> (air_value_get_uint (value)));
    case AIR_VALUE_DOUBLE:
      return json (air_value_get_double (value));
    case AIR_VALUE_STRING:
      text = air_value_get_string (value, &length);
      return json (std::string (text, length));
    case AIR_VALUE_LIST:
      {
        json list (jsoncons::json_array_arg);

        list.reserve (air_list_get_size (value));
        for (gsize i = 0; i < air_list_get_size (value); i++)
          list.push_back (to_json (air_list_get (value, i)));
        return list;
      }
    case AIR_VALUE_MAP:
      {
        std::vector<std::pair<std::string, json>> members;
        json map (jsoncons::json_object_arg);

        members.reserve (air_map_get_size (value));
        for (gsize i = 0; i < air_map_get_size (value); i++)
          {
            const AirValue *key = air_map_get_key_at (value, i);

            if (air_value_get_kind (key) != AIR_VALUE_STRING)
              throw unwritable{ air_value_get_kind (key) };
            text = air_value_get_string (key, &length);
            members.emplace_back (std::string (text, length), to_json (air_map_get_value_at (value, i)));
          }
        map.insert (std::make_move_iterator (members.begin ()), std::make_move_iterator (members.end ()));
        return map;
      }
    default:
      throw unwritable{ air_value_get_kind (value) };
    }
}

/* Called within a catch block: the one place where exceptions become errors. */
void
set_error_from_exception (GError **error, AirSchemaError code)
{
  try
    {
      throw;
    }
  catch (const unwritable &e)
    {
      g_set_error (error, AIR_SCHEMA_ERROR, AIR_SCHEMA_ERROR_INSTANCE, "JSON has no %s; convert it to a string first",
                   air_value_kind_to_string (e.kind));
    }
  catch (const std::exception &e)
    {
      g_set_error (error, AIR_SCHEMA_ERROR, code, "#: %s; correct the schema", e.what ());
    }
  catch (...)
    {
      g_set_error_literal (error, AIR_SCHEMA_ERROR, AIR_SCHEMA_ERROR_FAILED, "#: the schema library failed");
    }
}

json
refuse_remote (const jsoncons::uri &)
{
  return json::null ();
}

void
add_issue (GPtrArray *issues, const jsonschema::validation_message &message)
{
  /* All parts of an "allOf" are demanded: what fails in one is a finding of its own. */
  if (message.keyword () == "allOf" && !message.details ().empty ())
    {
      for (const auto &detail : message.details ())
        add_issue (issues, detail);
      return;
    }

  /* "anyOf" and the like say little themselves; what they wrap says it. */
  std::string text = message.message ();

  for (const auto &detail : message.details ())
    {
      std::string place = detail.instance_location ().string ();

      text += text.empty () || text.back () == '.' ? " " : "; ";
      text += (place.empty () ? "" : place + ": ") + detail.message ();
    }

  AirSchemaIssue *issue = g_new0 (AirSchemaIssue, 1);
  issue->pointer = g_strdup (message.instance_location ().string ().c_str ());
  issue->keyword = g_strdup (message.keyword ().c_str ());
  issue->message = g_strdup (text.c_str ());
  g_ptr_array_add (issues, issue);
}

}

AirJsoncons *
air_jsoncons_new (const AirValue *schema, GError **error)
{
  try
    {
      return new _AirJsoncons{ jsonschema::make_json_schema (to_json (schema), refuse_remote) };
    }
  catch (...)
    {
      set_error_from_exception (error, AIR_SCHEMA_ERROR_REFERENCE);
      return nullptr;
    }
}

gboolean
air_jsoncons_validate (const AirJsoncons *self, const AirValue *instance, GPtrArray *issues, GError **error)
{
  try
    {
      auto report = [issues] (const jsonschema::validation_message &message) -> jsonschema::walk_result
      {
        add_issue (issues, message);
        return jsonschema::walk_result::advance;
      };

      self->schema.validate (to_json (instance), report);
      return TRUE;
    }
  catch (...)
    {
      set_error_from_exception (error, AIR_SCHEMA_ERROR_FAILED);
      return FALSE;
    }
}

void
air_jsoncons_free (AirJsoncons *self)
{
  delete self;
}
