/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-format.h"

#include <glib/gi18n.h>
#include <locale.h>

#include "base/air-json.h"

static int
decimals_of (const char *currency)
{
  static const char *const none[] = { "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
                                      "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF", NULL };
  static const char *const three[] = { "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND", NULL };

  return g_strv_contains (none, currency) ? 0 : g_strv_contains (three, currency) ? 3 : 2;
}

static gint64
unit_of (int decimals)
{
  return decimals == 0 ? 1 : decimals == 3 ? 1000 : 100;
}

/**
 * air_format_amount:
 * @minor: minor units, as the currency has them (ISO 4217)
 * @currency: (nullable): its code
 *
 * Returns: (transfer full): as air_format_money() without the currency
 */
char *
air_format_amount (gint64 minor, const char *currency)
{
  g_autofree char *code = g_ascii_strup (currency != NULL ? currency : "", -1);
  int decimals = decimals_of (code);
  guint64 amount = minor < 0 ? -(guint64) minor : (guint64) minor, unit = (guint64) unit_of (decimals);
  const char *sign = minor < 0 ? "−" : "", *point = localeconv ()->decimal_point;

  if (decimals == 0)
    return g_strdup_printf ("%s%'" G_GUINT64_FORMAT, sign, amount);
  return g_strdup_printf ("%s%'" G_GUINT64_FORMAT "%s%0*" G_GUINT64_FORMAT, sign, amount / unit, point, decimals,
                          amount % unit);
}

/**
 * air_format_money:
 * @minor: minor units, as the currency has them (ISO 4217)
 * @currency: (nullable): its code
 *
 * Returns: (transfer full): "450.00 USD"
 */
char *
air_format_money (gint64 minor, const char *currency)
{
  g_autofree char *number = air_format_amount (minor, currency);
  g_autofree char *code = g_ascii_strup (currency != NULL ? currency : "", -1);

  /* Translators: an amount of money, say "450.00 USD"; the space does not break */
  return code[0] != '\0' ? g_strdup_printf (C_ ("amount of money", "%s\u00a0%s"), number, code)
                         : g_steal_pointer (&number);
}

/**
 * air_format_parse_amount:
 * @text: what a person typed
 * @currency: (nullable): its code
 * @ret_minor: (out): minor units
 *
 * Digits, and once a point or comma with as many digits behind it as the currency has at most. A separator of
 * thousands is not taken: it could be meant as the other one.
 *
 * Returns: %FALSE, and @ret_minor untouched, when it is no amount of that currency
 */
gboolean
air_format_parse_amount (const char *text, const char *currency, gint64 *ret_minor)
{
  g_autofree char *code = g_ascii_strup (currency != NULL ? currency : "", -1);
  g_autofree char *plain = g_strstrip (g_strdup (text));
  int decimals = decimals_of (code), behind = 0;
  gboolean point = FALSE, digits = FALSE;
  gint64 minor = 0;

  for (const char *p = plain; *p != '\0'; p++)
    {
      if ((*p == '.' || *p == ',') && !point && decimals > 0)
        {
          point = TRUE;
          continue;
        }
      if (!g_ascii_isdigit (*p) || (point && ++behind > decimals) || minor > (G_MAXINT64 - (*p - '0')) / 10)
        return FALSE;
      minor = minor * 10 + (*p - '0');
      digits = TRUE;
    }
  for (; behind < decimals; behind++)
    {
      if (minor > G_MAXINT64 / 10)
        return FALSE;
      minor *= 10;
    }
  if (digits)
    *ret_minor = minor;
  return digits;
}

/**
 * air_format_count:
 * @count: a whole number
 *
 * Returns: (transfer full): as the locale groups it; apart from the words around it, which are translated
 */
char *
air_format_count (guint64 count)
{
  return g_strdup_printf ("%'" G_GUINT64_FORMAT, count);
}

/**
 * air_format_time:
 * @unix_us: microseconds since the Unix epoch
 *
 * Returns: (transfer full): in the local time zone, with its name: "22 Nov 2026, 13:05:00 CET"
 */
char *
air_format_time (gint64 unix_us)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local_usec (unix_us);

  /* Translators: a date and time with its zone, see g_date_time_format() */
  return time != NULL ? g_date_time_format (time, C_ ("date and time", "%-e %b %Y, %H:%M:%S %Z")) : g_strdup ("");
}

static char *
count_units (gint64 us)
{
  gint64 seconds = us / G_USEC_PER_SEC, minutes = seconds / 60, hours = minutes / 60, days = hours / 24;

  if (days > 1)
    return g_strdup_printf (ngettext ("%d day", "%d days", (gulong) days), (int) days);
  if (hours > 1)
    return g_strdup_printf (ngettext ("%d hour", "%d hours", (gulong) hours), (int) hours);
  if (minutes > 0)
    return g_strdup_printf (ngettext ("%d minute", "%d minutes", (gulong) minutes), (int) minutes);
  return g_strdup_printf (ngettext ("%d second", "%d seconds", (gulong) seconds), (int) seconds);
}

/**
 * air_format_relative:
 * @unix_us: microseconds since the Unix epoch
 * @now_us: microseconds since the Unix epoch
 *
 * Returns: (transfer full): "in 23 hours", "4 minutes ago"
 */
char *
air_format_relative (gint64 unix_us, gint64 now_us)
{
  gint64 difference = unix_us - now_us;
  g_autofree char *units = count_units (ABS (difference));

  if (ABS (difference) < 2 * G_USEC_PER_SEC)
    return g_strdup (C_ ("relative time", "now"));
  /* Translators: %s is a span of time, say "23 hours" */
  return difference > 0 ? g_strdup_printf (C_ ("relative time", "in %s"), units)
                        : g_strdup_printf (C_ ("relative time", "%s ago"), units);
}

/**
 * air_format_person:
 * @uri: (nullable): who it is
 *
 * Returns: (transfer full): "…/people/ana" is "ana"; anything else stays
 */
char *
air_format_person (const char *uri)
{
  const char *people = uri != NULL ? strstr (uri, "/people/") : NULL;

  if (uri == NULL)
    return g_strdup ("");
  return people != NULL && people[8] != '\0' ? g_strdup (people + 8) : g_strdup (uri);
}

/**
 * air_format_digest:
 * @digest: (nullable): hexadecimal, with or without "sha256:"
 *
 * Returns: (transfer full): its first and last characters, enough to compare by eye: "5b1f0c9f…1d48b3f6"
 */
char *
air_format_digest (const char *digest)
{
  const char *hex = digest != NULL && g_str_has_prefix (digest, "sha256:") ? digest + 7 : digest;
  gsize length = hex != NULL ? strlen (hex) : 0;

  return length > 20 ? g_strdup_printf ("%.8s…%s", hex, hex + length - 8) : g_strdup (hex != NULL ? hex : "");
}

static gboolean
is_misleading (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT: /* bidirectional marks, zero-width characters */
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return c != '\n';
    default:
      return FALSE;
    }
}

/**
 * air_format_untrusted:
 * @text: whatever others wrote
 *
 * Returns: (transfer full): the same made plain: control, bidirectional and invisible characters become visible
 */
char *
air_format_untrusted (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *out = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (is_misleading (c))
        g_string_append_printf (out, "⟨U+%04X⟩", c);
      else
        g_string_append_unichar (out, c);
    }
  return g_string_free (out, FALSE);
}

static gboolean
is_plain (const AirValue *value)
{
  AirValueKind kind = air_value_get_kind (value);

  return kind == AIR_VALUE_STRING || kind == AIR_VALUE_INT || kind == AIR_VALUE_BOOL;
}

/* "7020, 7018": only where every item is told in one word; NULL else. */
static char *
join (const AirValue *list)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < air_list_get_size (list); i++)
    {
      const AirValue *item = air_list_get (list, i);
      g_autofree char *word = is_plain (item) ? air_format_value (item) : NULL;

      if (word == NULL || strchr (word, ',') != NULL)
        {
          g_string_free (text, TRUE);
          return NULL;
        }
      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", word);
    }
  return g_string_free (text, FALSE);
}

/**
 * air_format_value:
 * @value: any value
 *
 * Returns: (transfer full): for a person: text without quotes, the rest as JSON; text that could mislead is shown
 *   escaped
 */
char *
air_format_value (const AirValue *value)
{
  g_autofree char *json = NULL, *words = NULL;

  switch (air_value_get_kind (value))
    {
    case AIR_VALUE_STRING:
      return air_format_untrusted (air_value_get_string (value, NULL));
    case AIR_VALUE_NULL:
      return g_strdup ("—");
    case AIR_VALUE_BOOL:
      return g_strdup (air_value_get_bool (value) ? C_ ("value", "yes") : C_ ("value", "no"));
    default:
      words = air_value_get_kind (value) == AIR_VALUE_LIST && air_list_get_size (value) > 0 ? join (value) : NULL;
      if (words != NULL)
        return g_steal_pointer (&words);
      json = air_jcs_write (value, NULL, NULL);
      return json != NULL ? air_format_untrusted (json) : g_strdup ("?");
    }
}

/**
 * air_format_key:
 * @key: "amount_minor"
 *
 * Returns: (transfer full): "Amount minor"
 */
char *
air_format_key (const char *key)
{
  GString *text = g_string_new (key);

  for (gsize i = 0; i < text->len; i++)
    if (text->str[i] == '_' || text->str[i] == '-')
      text->str[i] = ' ';
  if (text->len > 0)
    text->str[0] = g_ascii_toupper (text->str[0]);
  return g_string_free (text, FALSE);
}
