/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-schema"

#include "config.h"

#include <string.h>

#include "air-schema-pattern.h"
#include "air-schema-sample-private.h"

#define MAX_TEXT   4096 /* characters a sample's text has at most, whatever the schema allows */
#define MAX_TRIES  60
#define ANY_LENGTH G_MAXINT64

typedef struct {
  gint64 min, max;
  const char *format;
  const char *label;
  GPtrArray *patterns; /* AirPattern */
} Wanted;

/* --- characters -------------------------------------------------------------------- */

static gunichar
pick_range (AirSampler *sampler, const AirPatternNode *set)
{
  const AirPatternRange *range =
      &g_array_index (set->ranges, AirPatternRange, air_sampler_below (sampler, set->ranges->len));
  gunichar c = range->first + air_sampler_below (sampler, (guint64) range->last - range->first + 1);

  return c;
}

static gboolean
is_usable (const AirPatternNode *set, gunichar c)
{
  return c != 0 && g_unichar_validate (c) && air_pattern_set_has (set, c);
}

/* 0 when the set holds no character that a text can have. */
static gunichar
pick_character (AirSampler *sampler, const AirPatternNode *set)
{
  gunichar letters[128], others[128];
  guint n_letters = 0, n_others = 0;

  for (gunichar c = ' '; c < 0x7f; c++)
    if (air_pattern_set_has (set, c))
      {
        if (g_ascii_isalnum (c))
          letters[n_letters++] = c;
        else
          others[n_others++] = c;
      }
  if (air_sampler_edge (sampler) && air_sampler_chance (sampler, 30))
    n_letters = n_others = 0;
  if (n_letters > 0 && (n_others == 0 || air_sampler_chance (sampler, 90)))
    return letters[air_sampler_below (sampler, n_letters)];
  if (n_others > 0)
    return others[air_sampler_below (sampler, n_others)];
  for (guint i = 0; i < 20 && !set->negated && set->ranges->len > 0; i++)
    {
      gunichar c = pick_range (sampler, set);

      if (is_usable (set, c))
        return c;
    }
  for (guint i = 0; i < 200; i++)
    {
      gunichar c = 0xa0 + air_sampler_below (sampler, 0x2fff);

      if (is_usable (set, c))
        return c;
    }
  for (gunichar c = 1; c < 0x3000; c++)
    if (is_usable (set, c))
      return c;
  return 0;
}

/* --- patterns ------------------------------------------------------------------------- */

static gboolean
write_match (AirSampler *sampler, const AirPatternNode *node, guint stretch, GString *out)
{
  guint count;

  if (out->len > 4 * MAX_TEXT)
    return FALSE;
  switch (node->op)
    {
    case AIR_PATTERN_ASSERTION:
      return TRUE; /* the whole text is searched in the end */
    case AIR_PATTERN_SET:
      {
        gunichar c = pick_character (sampler, node);

        if (c != 0)
          g_string_append_unichar (out, c);
        return c != 0;
      }
    case AIR_PATTERN_SEQUENCE:
      for (guint i = 0; i < node->children->len; i++)
        if (!write_match (sampler, g_ptr_array_index (node->children, i), stretch, out))
          return FALSE;
      return TRUE;
    case AIR_PATTERN_CHOICE:
      return write_match (sampler, g_ptr_array_index (node->children, air_sampler_below (sampler, node->children->len)),
                          stretch, out);
    case AIR_PATTERN_REPEAT:
      count = node->min + air_sampler_below (sampler, (guint64) MIN (node->max - node->min, stretch) + 1);
      if (air_sampler_edge (sampler))
        count = air_sampler_chance (sampler, 50) ? node->min : node->min + MIN (node->max - node->min, stretch);
      for (guint i = 0; i < count; i++)
        if (!write_match (sampler, g_ptr_array_index (node->children, 0), stretch, out))
          return FALSE;
      return TRUE;
    }
  g_assert_not_reached ();
}

static gboolean
is_wanted (const Wanted *wanted, const char *text)
{
  glong length = g_utf8_strlen (text, -1);

  if (length < wanted->min || length > wanted->max)
    return FALSE;
  for (guint i = 0; i < wanted->patterns->len; i++)
    if (!air_pattern_search (g_ptr_array_index (wanted->patterns, i), text, strlen (text)))
      return FALSE;
  return TRUE;
}

static char *
text_of_pattern (AirSampler *sampler, const Wanted *wanted)
{
  for (guint try = 0; try < MAX_TRIES; try++)
    {
      const AirPattern *pattern =
          g_ptr_array_index (wanted->patterns, air_sampler_below (sampler, wanted->patterns->len));
      g_autoptr (GString) out = g_string_new (NULL);
      /* Short ones first, then by turns short for a maximum and long for a minimum. */
      guint stretch = try < 6 ? 8 : try % 2 == 0 ? 1 : MAX (8, MIN (2 * wanted->min, MAX_TEXT));

      if (write_match (sampler, air_pattern_get_root (pattern), stretch, out) && is_wanted (wanted, out->str))
        return g_string_free (g_steal_pointer (&out), FALSE);
    }
  return NULL;
}

/* --- words ------------------------------------------------------------------------------ */

static const char *const words[] = {
  "alder",  "amber", "anvil", "basin", "birch", "bread",  "cedar", "chalk",   "cloud",   "coral",   "delta",   "ember",
  "fern",   "field", "flint", "glass", "grain", "hazel",  "inlet", "ivory",   "juniper", "kettle",  "lantern", "maple",
  "meadow", "north", "oak",   "olive", "pearl", "quartz", "river", "saffron", "slate",   "thistle", "umber",   "willow",
};

static const char *
pick (AirSampler *sampler, const char *const *list, guint n)
{
  return list[air_sampler_below (sampler, n)];
}

static const char *
word (AirSampler *sampler)
{
  return pick (sampler, words, G_N_ELEMENTS (words));
}

/* Text of exactly @length characters. */
static char *
plain_text (AirSampler *sampler, gint64 length)
{
  g_autoptr (GString) out = g_string_new (NULL);

  while ((gint64) out->len < length)
    {
      if (out->len > 0)
        g_string_append_c (out, ' ');
      g_string_append (out, word (sampler));
    }
  g_string_truncate (out, length);
  if (length > 0 && out->str[length - 1] == ' ')
    out->str[length - 1] = 's';
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static char *
odd_text (AirSampler *sampler, gint64 length)
{
  static const char *const odd[] = { "é", "漢", "😀", "\"", "\\",      "\n",     "\t",     "<",      "&",
                                     "'", " ",  "ß",  "İ",  "e\u0301", "\u202e", "\u00a0", "\ufeff", "0",
                                     "-", "$",  "{",  "}",  "%",       "/",      "a",      "Z" };
  g_autoptr (GString) out = g_string_new (NULL);

  for (gint64 i = 0; i < length;)
    {
      const char *piece = pick (sampler, odd, G_N_ELEMENTS (odd));
      glong n = g_utf8_strlen (piece, -1);

      if (i + n > length)
        continue;
      g_string_append (out, piece);
      i += n;
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static char *
free_text (AirSampler *sampler, const Wanted *wanted)
{
  gint64 max = MAX (wanted->min, MIN (wanted->max, MAX_TEXT)), length;

  if (wanted->min > 16 * MAX_TEXT || wanted->min > wanted->max)
    return NULL;
  if (sampler->style == AIR_SAMPLE_SMALLEST && sampler->attempt < 30)
    return plain_text (sampler, wanted->min);
  if (air_sampler_edge (sampler))
    {
      length = air_sampler_chance (sampler, 50) ? wanted->min : MIN (max, wanted->min + 256);
      if (wanted->max <= MAX_TEXT && air_sampler_chance (sampler, 50))
        length = wanted->max;
      return air_sampler_chance (sampler, 50) ? odd_text (sampler, length) : plain_text (sampler, length);
    }
  length = MAX (wanted->min, 3) + air_sampler_below (sampler, 20);
  return plain_text (sampler, MIN (length, max));
}

/* --- formats ------------------------------------------------------------------------------ */

static char *
date (AirSampler *sampler)
{
  return g_strdup_printf ("20%02u-%02u-%02u", 20 + (guint) air_sampler_below (sampler, 15),
                          1 + (guint) air_sampler_below (sampler, 12), 1 + (guint) air_sampler_below (sampler, 28));
}

static char *
time_of_day (AirSampler *sampler)
{
  return g_strdup_printf ("%02u:%02u:%02uZ", (guint) air_sampler_below (sampler, 24),
                          (guint) air_sampler_below (sampler, 60), (guint) air_sampler_below (sampler, 60));
}

static char *
uuid (AirSampler *sampler)
{
  guint64 a = air_sampler_next (sampler), b = air_sampler_next (sampler);

  return g_strdup_printf ("%08x-%04x-4%03x-%04x-%012" G_GINT64_MODIFIER "x", (guint) (a >> 32),
                          (guint) (a >> 16) & 0xffff, (guint) a & 0xfff, (guint) (b >> 48 & 0x3fff) | 0x8000,
                          b & G_GUINT64_CONSTANT (0xffffffffffff));
}

char *
air_sampler_format (AirSampler *sampler, const char *format)
{
  static const struct {
    const char *format;
    const char *values[5];
  } edges[] = {
    { "date-time",
      { "1970-01-01T00:00:00Z", "2024-02-29T23:59:59.999Z", "9999-12-31T23:59:59Z", "2026-03-29T02:30:00+02:00" } },
    { "date", { "1970-01-01", "2024-02-29", "9999-12-31" } },
    { "time", { "00:00:00Z", "23:59:59.999Z", "12:00:00-11:30" } },
    { "duration", { "PT0S", "P1Y2M3DT4H5M6S", "P4W" } },
    { "email", { "a@b.example", "first.last+tag@sub.example.com", "x_-1@a-b.example" } },
    { "hostname", { "a", "localhost", "xn--bcher-kva.example" } },
    { "ipv4", { "0.0.0.0", "255.255.255.255", "127.0.0.1" } },
    { "ipv6", { "::", "::1", "2001:db8::ffff:192.0.2.1" } },
    { "uri", { "a:b", "https://user@host.example:8443/p?q=1#f", "urn:uuid:00000000-0000-0000-0000-000000000000" } },
    { "uuid", { "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff" } },
  };
  const char *plain = g_str_has_prefix (format, "idn-") ? format + 4 : strcmp (format, "iri") == 0 ? "uri" : format;

  if (air_sampler_edge (sampler))
    for (guint i = 0; i < G_N_ELEMENTS (edges); i++)
      if (strcmp (edges[i].format, plain) == 0)
        return g_strdup (pick (sampler, edges[i].values, g_strv_length ((char **) edges[i].values)));
  if (strcmp (plain, "date-time") == 0)
    {
      g_autofree char *day = date (sampler), *hour = time_of_day (sampler);

      return g_strconcat (day, "T", hour, NULL);
    }
  if (strcmp (plain, "date") == 0)
    return date (sampler);
  if (strcmp (plain, "time") == 0)
    return time_of_day (sampler);
  if (strcmp (plain, "duration") == 0)
    return g_strdup_printf ("P%uDT%uH", (guint) air_sampler_below (sampler, 30),
                            1 + (guint) air_sampler_below (sampler, 23));
  if (strcmp (plain, "email") == 0)
    return g_strdup_printf ("%s.%s%u@example.com", word (sampler), word (sampler),
                            (guint) air_sampler_below (sampler, 100));
  if (strcmp (plain, "hostname") == 0)
    return g_strdup_printf ("%s.example.com", word (sampler));
  if (strcmp (plain, "ipv4") == 0)
    return g_strdup_printf ("192.0.2.%u", 1 + (guint) air_sampler_below (sampler, 254));
  if (strcmp (plain, "ipv6") == 0)
    return g_strdup_printf ("2001:db8::%x", 1 + (guint) air_sampler_below (sampler, 0xfffe));
  if (strcmp (plain, "uri") == 0)
    return g_strdup_printf ("https://example.com/%s/%u", word (sampler), (guint) air_sampler_below (sampler, 10000));
  if (strcmp (plain, "uri-reference") == 0 || strcmp (plain, "iri-reference") == 0)
    return g_strdup_printf ("/%s/%s", word (sampler), word (sampler));
  if (strcmp (plain, "uri-template") == 0)
    return g_strdup_printf ("/%s/{id}", word (sampler));
  if (strcmp (plain, "uuid") == 0)
    return uuid (sampler);
  if (strcmp (plain, "json-pointer") == 0)
    return g_strdup_printf ("/%s/%u", word (sampler), (guint) air_sampler_below (sampler, 10));
  if (strcmp (plain, "relative-json-pointer") == 0)
    return g_strdup_printf ("%u/%s", (guint) air_sampler_below (sampler, 3), word (sampler));
  if (strcmp (plain, "regex") == 0)
    return g_strdup_printf ("^%s[0-9]*$", word (sampler));
  return NULL;
}

/* What a label tells of a text that no format describes. */
static char *
text_of_label (AirSampler *sampler, const char *label)
{
  if (g_str_has_prefix (label, "pii.email"))
    return air_sampler_format (sampler, "email");
  if (g_str_has_prefix (label, "pii.name"))
    {
      g_autofree char *first = g_strdup (word (sampler)), *last = g_strdup (word (sampler));

      first[0] = g_ascii_toupper (first[0]);
      last[0] = g_ascii_toupper (last[0]);
      return g_strdup_printf ("%s %s", first, last);
    }
  if (g_str_has_prefix (label, "pii.phone"))
    return g_strdup_printf ("+1555010%04u", (guint) air_sampler_below (sampler, 10000));
  if (g_str_has_prefix (label, "pii.address"))
    return g_strdup_printf ("%u %s street", 1 + (guint) air_sampler_below (sampler, 200), word (sampler));
  return NULL;
}

/* --- all of it ------------------------------------------------------------------------------ */

static const char *
read_label (const AirValue *schema)
{
  const AirValue *label = air_map_get (schema, "x-label");

  if (label != NULL && air_value_get_kind (label) == AIR_VALUE_LIST && air_list_get_size (label) > 0)
    label = air_list_get (label, 0);
  return label != NULL && air_value_get_kind (label) == AIR_VALUE_STRING ? air_value_get_string (label, NULL) : NULL;
}

static void
read_wanted (const GPtrArray *schemas, Wanted *ret)
{
  for (guint i = 0; i < schemas->len; i++)
    {
      const AirValue *schema = g_ptr_array_index (schemas, i);
      const char *pattern = air_map_get_string (schema, "pattern");
      g_autofree char *message = NULL;
      AirPattern *compiled;

      ret->min = MAX (ret->min, air_map_get_int (schema, "minLength", 0));
      ret->max = MIN (ret->max, air_map_get_int (schema, "maxLength", ANY_LENGTH));
      if (ret->format == NULL)
        ret->format = air_map_get_string (schema, "format");
      if (ret->label == NULL)
        ret->label = read_label (schema);
      compiled = pattern != NULL ? air_pattern_new (pattern, &message) : NULL;
      if (compiled != NULL)
        g_ptr_array_add (ret->patterns, compiled);
    }
}

AirValue *
air_sampler_text (AirSampler *self, const GPtrArray *schemas)
{
  g_autoptr (GPtrArray) patterns = g_ptr_array_new_with_free_func ((GDestroyNotify) air_pattern_free);
  Wanted wanted = { .max = ANY_LENGTH, .patterns = patterns };
  g_autofree char *text = NULL;

  read_wanted (schemas, &wanted);
  for (guint i = 0; i < 8 && (wanted.format != NULL || wanted.label != NULL); i++)
    {
      g_free (text);
      text = wanted.format != NULL ? air_sampler_format (self, wanted.format) : text_of_label (self, wanted.label);
      if (text != NULL && is_wanted (&wanted, text))
        return air_value_new_string (text);
    }
  g_clear_pointer (&text, g_free);
  text = patterns->len > 0 ? text_of_pattern (self, &wanted) : free_text (self, &wanted);
  return text != NULL ? air_value_new_string (text) : NULL;
}
