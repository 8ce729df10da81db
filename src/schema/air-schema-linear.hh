/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <jsoncons/json.hpp>
#include <jsoncons_ext/jsonschema/jsonschema.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "air-schema-pattern.h"

/*
 * Where jsoncons would take more than linear time or recurse without end, our own
 * specialisations of its templates for the one type we use stand in:
 *   - "pattern" and "patternProperties" run in RE2, not in std::regex, which backtracks
 *     and recurses for every character;
 *   - every step of a validation is counted and its depth bounded: references may lead
 *     back to themselves, and a schema of n lines may ask for 2^n steps;
 *   - "uniqueItems" sorts.
 */

namespace air
{

struct pattern_failure {
  std::string place, message;
};

struct too_costly {
  const char *message;
};

/* What one validation may still do. Validations do not nest, and each stays on its thread. */
struct budget {
  std::size_t steps;
  std::size_t depth;

  static budget &
  current ()
  {
    static thread_local budget b = { 0, 0 };

    return b;
  }
};

class step
{
public:
  step ()
  {
    budget &b = budget::current ();

    if (b.steps == 0)
      throw too_costly{ "it takes too many steps; let fewer references lead to the same schema" };
    if (b.depth == 0)
      throw too_costly{ "references lead too deep, or back to themselves; break the circle" };
    b.steps--;
    b.depth--;
  }

  ~step () { budget::current ().depth++; }
};

using pattern_ptr = std::unique_ptr<AirPattern, decltype (&air_pattern_free)>;

inline pattern_ptr
compile_pattern (const std::string &text, const std::string &place)
{
  char *message = nullptr;
  pattern_ptr pattern (text.find ('\0') == std::string::npos ? air_pattern_new (text.c_str (), &message) : nullptr,
                       air_pattern_free);

  if (pattern == nullptr)
    {
      std::string what = message != nullptr ? message : "holds a NUL; write \\0";

      g_free (message);
      throw pattern_failure{ place, "the pattern \"" + text.substr (0, 80) + "\": " + what };
    }
  return pattern;
}

}

namespace jsoncons
{
namespace jsonschema
{

template <>
inline walk_result
validator_base<json>::validate (const eval_context<json> &context,
                                const json &instance,
                                const jsonpointer::json_pointer &instance_location,
                                evaluation_results &results,
                                error_reporter &reporter,
                                json &patch) const
{
  air::step step;

  return do_validate (context, instance, instance_location, results, reporter, patch);
}

template <>
inline bool
unique_items_validator<json>::array_has_unique_items (const json &array)
{
  std::vector<const json *> items;

  items.reserve (array.size ());
  for (const auto &item : array.array_range ())
    items.push_back (&item);
  std::sort (items.begin (), items.end (), [] (const json *a, const json *b) { return *a < *b; });
  return std::adjacent_find (items.begin (), items.end (), [] (const json *a, const json *b) { return *a == *b; })
         == items.end ();
}

template <>
class pattern_validator<json> : public keyword_validator<json>
{
  std::string text_;
  air::pattern_ptr pattern_;

public:
  pattern_validator (const json &schema, const uri &schema_location, const std::string &custom_message,
                     const std::string &text)
      : keyword_validator<json> ("pattern", schema, schema_location, custom_message), text_ (text),
        pattern_ (air::compile_pattern (text, schema_location.string ()))
  {
  }

private:
  walk_result
  do_validate (const eval_context<json> &context, const json &instance,
               const jsonpointer::json_pointer &instance_location, evaluation_results &, error_reporter &reporter,
               json &) const final
  {
    if (!instance.is_string ())
      return walk_result::advance;

    auto text = instance.as_string_view ();

    if (air_pattern_search (pattern_.get (), text.data (), text.size ()))
      return walk_result::advance;

    eval_context<json> here (context, this->keyword_name ());
    std::string shown (text.substr (0, 200));

    return reporter.error (this->make_validation_message (
        here.eval_path (), instance_location, "String '" + shown + "' does not match pattern '" + text_ + "'."));
  }

  walk_result
  do_walk (const eval_context<json> &, const json &instance, const jsonpointer::json_pointer &instance_location,
           const json_schema_traits<json>::walk_reporter_type &reporter) const final
  {
    return reporter (this->keyword_name (), this->schema (), this->schema_location (), instance, instance_location);
  }
};

template <>
class pattern_properties_validator<json> : public keyword_validator<json>
{
public:
  using schema_validator_ptr_type = std::unique_ptr<schema_validator<json>>;
  using members_type = std::vector<std::pair<air::pattern_ptr, schema_validator_ptr_type>>;

private:
  members_type members_;

public:
  pattern_properties_validator (const json &schema, const uri &schema_location, const std::string &custom_message,
                                members_type &&members)
      : keyword_validator<json> ("patternProperties", schema, schema_location, custom_message),
        members_ (std::move (members))
  {
  }

  walk_result
  validate (const eval_context<json> &context, const json &instance,
            const jsonpointer::json_pointer &instance_location, evaluation_results &results, error_reporter &reporter,
            json &patch, std::unordered_set<std::string> &allowed_properties) const
  {
    if (!instance.is_object ())
      return walk_result::advance;

    eval_context<json> here (context, this->keyword_name ());

    for (const auto &property : instance.object_range ())
      for (const auto &member : members_)
        {
          if (!air_pattern_search (member.first.get (), property.key ().data (), property.key ().size ()))
            continue;

          eval_context<json> inside{ here, property.key (), evaluation_flags{} };
          std::size_t errors = reporter.error_count ();

          allowed_properties.insert (property.key ());
          if (member.second->validate (inside, property.value (), instance_location / property.key (), results,
                                       reporter, patch)
              == walk_result::abort)
            return walk_result::abort;
          if (errors == reporter.error_count () && context.require_evaluated_properties ())
            results.evaluated_properties.insert (property.key ());
        }
    return walk_result::advance;
  }

  walk_result
  walk (const eval_context<json> &, const json &instance, const jsonpointer::json_pointer &instance_location,
        const json_schema_traits<json>::walk_reporter_type &reporter, std::unordered_set<std::string> &) const
  {
    return reporter (this->keyword_name (), this->schema (), this->schema_location (), instance, instance_location);
  }

private:
  walk_result
  do_validate (const eval_context<json> &context, const json &instance,
               const jsonpointer::json_pointer &instance_location, evaluation_results &results,
               error_reporter &reporter, json &patch) const final
  {
    std::unordered_set<std::string> allowed;

    return validate (context, instance, instance_location, results, reporter, patch, allowed);
  }

  walk_result
  do_walk (const eval_context<json> &context, const json &instance,
           const jsonpointer::json_pointer &instance_location,
           const json_schema_traits<json>::walk_reporter_type &reporter) const final
  {
    std::unordered_set<std::string> allowed;

    return walk (context, instance, instance_location, reporter, allowed);
  }
};

template <>
inline std::unique_ptr<pattern_validator<json>>
keyword_validator_factory<json>::make_pattern_validator (const compilation_context<json> &context, const json &sch,
                                                         const json &parent)
{
  return jsoncons::make_unique<pattern_validator<json>> (parent, context.make_schema_location ("pattern"),
                                                         context.get_custom_message ("pattern"),
                                                         sch.as<std::string> ());
}

template <>
inline std::unique_ptr<pattern_properties_validator<json>>
keyword_validator_factory<json>::make_pattern_properties_validator (const compilation_context<json> &context,
                                                                    const json &sch, const json &parent,
                                                                    anchor_uri_map_type &anchors)
{
  pattern_properties_validator<json>::members_type members;
  uri place = context.make_schema_location ("patternProperties");

  for (const auto &property : sch.object_range ())
    members.emplace_back (air::compile_pattern (property.key (), place.string ()),
                          factory_->make_cross_draft_schema_validator (context, property.value (), {}, anchors));
  return jsoncons::make_unique<pattern_properties_validator<json>> (
      parent, context.get_base_uri (), context.get_custom_message ("patternProperties"), std::move (members));
}

}
}
