/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "demo"

#include "config.h"

#include "demo-words.h"

#include <string.h>

#include "base/air-hash.h"
#include "base/air-json.h"
#include "demo-data.h"
#include "ledger/air-entry.h"
#include "ledger/air-zip.h"

typedef struct {
  guint64 index;
  AirValue *leaf;
  AirValue *opened; /* disclosed name → value */
} Line;

static void
line_free (gpointer data)
{
  Line *line = data;

  air_value_unref (line->leaf);
  air_value_unref (line->opened);
  g_free (line);
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  const Line *left = *(const Line *const *) a, *right = *(const Line *const *) b;

  return left->index < right->index ? -1 : left->index > right->index;
}

/* A disclosure is base64url of [salt, name, value]; airailsctl verify checks them against the entries, not we. */
static AirValue *
open_disclosures (const AirValue *disclosures, guint64 index)
{
  g_autofree char *key = g_strdup_printf ("%" G_GUINT64_FORMAT, index);
  AirValue *by_index = disclosures != NULL ? air_map_get_map (disclosures, "disclosures") : NULL;
  AirValue *list = by_index != NULL ? air_map_get_list (by_index, key) : NULL, *opened = air_map_new ();

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      const char *text = air_value_get_string (air_list_get (list, i), NULL);
      gsize length;
      g_autofree guint8 *json = air_base64url_decode (text, strlen (text), &length);
      g_autoptr (AirValue) parts = json != NULL ? air_json_parse ((const char *) json, length, NULL) : NULL;

      if (parts != NULL && air_list_get_size (parts) == 3)
        air_map_set (opened, air_value_get_string (air_list_get (parts, 1), NULL),
                     air_value_ref (air_list_get (parts, 2)));
    }
  return opened;
}

static GPtrArray *
read_lines (GPtrArray *files, const char *run, GError **error)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (line_free);
  g_autoptr (AirValue) disclosures = NULL;

  for (guint i = 0; i < files->len; i++)
    {
      const AirFile *file = files->pdata[i];

      if (g_str_equal (file->name, "disclosures.json")
          && (disclosures = air_json_parse_bytes (file->data, error)) == NULL)
        return NULL;
    }
  for (guint i = 0; i < files->len; i++)
    {
      const AirFile *file = files->pdata[i];
      g_autoptr (AirValue) leaf = NULL;
      Line *line;

      if (!g_str_has_prefix (file->name, "entries/"))
        continue;
      leaf = air_json_parse_bytes (file->data, error);
      if (leaf == NULL)
        return NULL;
      if (g_strcmp0 (air_map_get_string (leaf, "instance"), run) != 0)
        continue;
      line = g_new0 (Line, 1);
      line->index = g_ascii_strtoull (file->name + strlen ("entries/"), NULL, 10);
      line->opened = open_disclosures (disclosures, line->index);
      line->leaf = g_steal_pointer (&leaf);
      g_ptr_array_add (lines, line);
    }
  if (lines->len == 0)
    {
      g_set_error (error, DEMO_ERROR, DEMO_ERROR_ANSWER, "the bundle holds no entry of run %s", run);
      return NULL;
    }
  g_ptr_array_sort (lines, compare_lines);
  return g_steal_pointer (&lines);
}

static const char *
text_of (const AirValue *map, const char *member)
{
  const char *text = air_map_get_string (map, member);

  return text != NULL ? text : "?";
}

static const char *
last_part (const char *uri)
{
  const char *slash = strrchr (uri, '/');

  return slash != NULL ? slash + 1 : uri;
}

static char *
list_of (const AirValue *list, const char *member)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      AirValue *item = air_list_get (list, i);
      const char *word = member != NULL ? air_map_get_string (item, member) : air_value_get_string (item, NULL);

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", word != NULL ? word : "?");
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* What an entry says, or NULL when it would bore. */
static char *
tell (const Line *line)
{
  const AirValue *leaf = line->leaf, *opened = line->opened;
  const char *type = text_of (leaf, "type");

  if (g_str_equal (type, AIR_ENTRY_TRIGGER_RECEIVED))
    {
      AirValue *input = air_map_get_map (opened, "input");

      return g_strdup_printf ("%s sent in: %s, order %s, customer %s", last_part (text_of (leaf, "actor")),
                              input != NULL ? text_of (input, "kind") : "?",
                              input != NULL ? text_of (input, "order_id") : "?", text_of (opened, "requester"));
    }
  if (g_str_equal (type, AIR_ENTRY_POLICY_EVALUATED))
    {
      g_autofree char *rules = list_of (air_map_get_list (leaf, "rules"), NULL);
      AirValue *why = air_map_get (opened, "why");
      g_autofree char *words = why == NULL ? NULL
                               : air_value_get_kind (why) == AIR_VALUE_STRING
                                   ? g_strdup (air_value_get_string (why, NULL))
                               : air_value_get_kind (why) == AIR_VALUE_LIST ? list_of (why, NULL)
                                                                            : NULL;

      return g_strdup_printf ("table %s decided by rule %s%s%s", text_of (leaf, "table"), rules,
                              words != NULL ? ": " : "", words != NULL ? words : "");
    }
  if (g_str_equal (type, AIR_ENTRY_HUMAN_GATE_REQUESTED))
    {
      g_autofree char *actions = list_of (air_map_get_list (opened, "action"), "title");

      return g_strdup_printf ("%" G_GINT64_FORMAT " people in the role of %s must agree to exactly this: %s",
                              air_map_get_int (leaf, "quorum", 0), text_of (leaf, "role"), actions);
    }
  if (g_str_equal (type, AIR_ENTRY_HUMAN_GATE_DECISIONED))
    return g_strdup_printf ("%s: %s, signed with the key %.12s… (“%s”); the gate is %s",
                            last_part (text_of (leaf, "actor")), text_of (leaf, "decision"), text_of (leaf, "key"),
                            text_of (opened, "reason"), text_of (leaf, "outcome"));
  if (g_str_equal (type, AIR_ENTRY_TOOL_ACTION_STARTED))
    return g_strdup_printf ("about to do %s (%s, attempt %" G_GINT64_FORMAT ")", text_of (leaf, "operation"),
                            text_of (leaf, "purpose"), air_map_get_int (leaf, "attempt", 1));
  if (g_str_equal (type, AIR_ENTRY_TOOL_ACTION_EXECUTED))
    {
      AirValue *output = air_map_get_map (opened, "output");
      const char *refund = output != NULL ? air_map_get_string (output, "refund_id") : NULL;

      return g_strdup_printf ("%s: %s%s%s", text_of (leaf, "node"), text_of (leaf, "outcome"),
                              refund != NULL ? ", refund " : "", refund != NULL ? refund : "");
    }
  if (g_str_equal (type, AIR_ENTRY_WORKFLOW_COMPLETED) || g_str_equal (type, AIR_ENTRY_WORKFLOW_FAILED))
    return g_strdup_printf ("closed as %s, after %" G_GINT64_FORMAT " entries", text_of (leaf, "outcome"),
                            air_map_get_int (leaf, "count", 0));
  return NULL;
}

char *
demo_words_of_bundle (GPtrArray *files, const char *run, guint64 *ret_last, GError **error)
{
  g_autoptr (GPtrArray) lines = read_lines (files, run, error);
  g_autoptr (GString) words = g_string_new (NULL);

  if (lines == NULL)
    return NULL;
  for (guint i = 0; i < lines->len; i++)
    {
      const Line *line = lines->pdata[i];
      g_autofree char *told = tell (line);
      const char *time = text_of (line->leaf, "time");

      if (told != NULL)
        g_string_append_printf (words, "    %6" G_GUINT64_FORMAT "  %.12s  %s\n", line->index,
                                strlen (time) > 11 ? time + 11 : time, told);
      *ret_last = line->index;
    }
  return g_string_free (g_steal_pointer (&words), FALSE);
}
