/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-schema"

#include "config.h"

#include "air-schema-linear.hh"

#include <string>
#include <utility>
#include <vector>

#include "air-schema-private.h"

/* What a validation may take: so many steps, and so many more for each value of the instance. */
#define STEPS_BASE      20000
#define STEPS_PER_VALUE 200
#define MAX_DEPTH       1500
#define MAX_ISSUES      100

using jsoncons::json;
namespace jsonschema = jsoncons::jsonschema;

struct _AirJsoncons {
  jsonschema::json_schema<json> schema;
};

namespace {

struct unwritable {
  AirValueKind kind;
};

json
to_json (const AirValue *value, std::size_t &count)
{
  gsize length;
  const char *text;

  count++;
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
          list.push_back (to_json (air_list_get (value, i), count));
        return list;
      }
    case AIR_VALUE_MAP:
      {
        std::vector<std::pair<std::string, json> > members;
        json map (jsoncons::json_object_arg);

        members.reserve (air_map_get_size (value));
        for (gsize i = 0; i < air_map_get_size (value); i++)
          {
            const AirValue *key = air_map_get_key_at (value, i);

            if (air_value_get_kind (key) != AIR_VALUE_STRING)
              throw unwritable{ air_value_get_kind (key) };
            text = air_value_get_string (key, &length);
            members.emplace_back (std::string (text, length), to_json (air_map_get_value_at (value, i), count));
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
  } catch (const unwritable &e)
    {
      g_set_error (error, AIR_SCHEMA_ERROR, AIR_SCHEMA_ERROR_INSTANCE, "JSON has no %s; convert it to a string first",
                   air_value_kind_to_string (e.kind));
  } catch (const air::pattern_failure &e)
    {
      g_set_error (error, AIR_SCHEMA_ERROR, AIR_SCHEMA_ERROR_PATTERN, "%s: %s", e.place.c_str (), e.message.c_str ());
  } catch (const air::too_costly &e)
    {
      g_set_error (error, AIR_SCHEMA_ERROR, AIR_SCHEMA_ERROR_COST, "#: the check was given up: %s", e.message);
  } catch (const std::exception &e)
    {
      g_set_error (error, AIR_SCHEMA_ERROR, code, "#: %s; correct the schema", e.what ());
  } catch (...)
    {
      g_set_error_literal (error, AIR_SCHEMA_ERROR, AIR_SCHEMA_ERROR_FAILED, "#: the schema library failed");
  }
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
air_jsoncons_new (const AirValue *schema, AirSchemaDialect dialect, const AirValue *documents, GError **error)
{
  try
    {
      std::size_t count = 0;
      jsonschema::evaluation_options options;
      /* The only documents there are: nothing is ever fetched. */
      auto resolve = [documents, &count] (const jsoncons::uri &uri) -> json {
        const AirValue *found =
            documents != nullptr ? air_map_get (documents, uri.base ().string ().c_str ()) : nullptr;

        return found != nullptr ? to_json (found, count) : json::null ();
      };

      if (dialect == AIR_SCHEMA_DIALECT_DRAFT_7)
        options.default_version (jsonschema::schema_version::draft7 ());
      return new _AirJsoncons{ jsonschema::make_json_schema (to_json (schema, count), resolve, options) };
  } catch (...)
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
      std::size_t count = 0;
      json converted = to_json (instance, count);
      auto report = [issues] (const jsonschema::validation_message &message) -> jsonschema::walk_result {
        add_issue (issues, message);
        return issues->len < MAX_ISSUES ? jsonschema::walk_result::advance : jsonschema::walk_result::abort;
      };

      air::budget::current () = { STEPS_BASE + STEPS_PER_VALUE * count, MAX_DEPTH };
      self->schema.validate (converted, report);
      return TRUE;
  } catch (...)
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
