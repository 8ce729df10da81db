/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <string.h>

#include "cel/air-cel-private.h"

/*
 * Timestamps and durations count microseconds. Time zones are UTC or fixed
 * offsets: names such as "Europe/Berlin" need a database on disk that changes
 * with the machine, and the same expression must say the same everywhere.
 */

#define T(x)  AIR_CEL_TYPE_##x
#define DAY_S 86400

typedef struct {
  gint64 year;
  guint month; /* from 1 */
  guint day;   /* from 1 */
  guint day_of_year;
  guint day_of_week; /* Sunday is 0 */
  guint hour, minute, second, microsecond;
} Civil;

static gint64
floor_div (gint64 a, gint64 b)
{
  return a / b - (a % b < 0 ? 1 : 0);
}

static gboolean
is_leap (gint64 year)
{
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static guint
month_length (gint64 year, guint month)
{
  static const guint8 lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

  return month == 2 && is_leap (year) ? 29 : lengths[month - 1];
}

/* Days from the Epoch to the first of January of a year of the proleptic Gregorian calendar. */
static gint64
days_to_year (gint64 year)
{
  gint64 before = year - 1;

  return before * 365 + floor_div (before, 4) - floor_div (before, 100) + floor_div (before, 400) - 719162;
}

static void
civil_from_us (gint64 us, Civil *ret)
{
  gint64 seconds = floor_div (us, G_USEC_PER_SEC);
  gint64 days = floor_div (seconds, DAY_S);
  gint64 rest = seconds - days * DAY_S;
  gint64 year = 1970 + floor_div (days * 400, 146097);
  guint day;

  while (days_to_year (year) > days)
    year--;
  while (days_to_year (year + 1) <= days)
    year++;
  day = (guint) (days - days_to_year (year));
  ret->year = year;
  ret->day_of_year = day;
  for (ret->month = 1; day >= month_length (year, ret->month); ret->month++)
    day -= month_length (year, ret->month);
  ret->day = day + 1;
  ret->day_of_week = (guint) (((days + 4) % 7 + 7) % 7);
  ret->hour = (guint) (rest / 3600);
  ret->minute = (guint) (rest / 60 % 60);
  ret->second = (guint) (rest % 60);
  ret->microsecond = (guint) (us - seconds * G_USEC_PER_SEC);
}

char *
air_cel_timestamp_to_string (gint64 us)
{
  g_autoptr (GString) text = g_string_new (NULL);
  Civil c;

  civil_from_us (us, &c);
  g_string_append_printf (text, "%04d-%02u-%02uT%02u:%02u:%02u", (int) c.year, c.month, c.day, c.hour, c.minute,
                          c.second);
  if (c.microsecond != 0)
    {
      g_string_append_printf (text, ".%06u", c.microsecond);
      while (text->str[text->len - 1] == '0')
        g_string_truncate (text, text->len - 1);
    }
  g_string_append_c (text, 'Z');
  return g_strdup (text->str);
}

/* --- reading --------------------------------------------------------------------------- */

static gboolean
read_digits (const char **p, const char *end, guint n, guint *ret_value)
{
  guint value = 0;

  for (guint i = 0; i < n; i++, (*p)++)
    {
      if (*p >= end || !g_ascii_isdigit (**p))
        return FALSE;
      value = value * 10 + (guint) (**p - '0');
    }
  *ret_value = value;
  return TRUE;
}

static gboolean
read_char (const char **p, const char *end, const char *any_of)
{
  if (*p >= end || **p == '\0' || strchr (any_of, **p) == NULL)
    return FALSE;
  (*p)++;
  return TRUE;
}

/* RFC 3339; digits past the microsecond are cut off. */
gboolean
air_cel_timestamp_parse (const char *text, gsize length, gint64 *ret_us)
{
  const char *p = text, *end = text + length;
  guint year, month, day, hour, minute, second, us = 0, offset_h = 0, offset_m = 0, scale = 100000;
  int sign = 0;
  gint64 days, total;

  if (!read_digits (&p, end, 4, &year) || !read_char (&p, end, "-") || !read_digits (&p, end, 2, &month)
      || !read_char (&p, end, "-") || !read_digits (&p, end, 2, &day) || !read_char (&p, end, "Tt")
      || !read_digits (&p, end, 2, &hour) || !read_char (&p, end, ":") || !read_digits (&p, end, 2, &minute)
      || !read_char (&p, end, ":") || !read_digits (&p, end, 2, &second))
    return FALSE;
  if (p < end && *p == '.')
    {
      p++;
      if (p >= end || !g_ascii_isdigit (*p))
        return FALSE;
      for (; p < end && g_ascii_isdigit (*p); p++, scale /= 10)
        us += (guint) (*p - '0') * scale;
    }
  if (p < end && (*p == '+' || *p == '-'))
    {
      sign = *p++ == '-' ? -1 : 1;
      if (!read_digits (&p, end, 2, &offset_h) || !read_char (&p, end, ":") || !read_digits (&p, end, 2, &offset_m))
        return FALSE;
    }
  else if (!read_char (&p, end, "Zz"))
    return FALSE;
  if (p != end || year < 1 || month < 1 || month > 12 || day < 1 || day > month_length (year, month) || hour > 23
      || minute > 59 || second > 59 || offset_h > 23 || offset_m > 59)
    return FALSE;
  days = days_to_year (year) + day - 1;
  for (guint m = 1; m < month; m++)
    days += month_length (year, m);
  total = (days * DAY_S + hour * 3600 + minute * 60 + second - sign * (gint64) (offset_h * 3600 + offset_m * 60))
              * G_USEC_PER_SEC
          + us;
  if (total < CEL_MIN_TIMESTAMP_US || total > CEL_MAX_TIMESTAMP_US)
    return FALSE;
  *ret_us = total;
  return TRUE;
}

char *
air_cel_duration_to_string (gint64 us)
{
  g_autoptr (GString) text = g_string_new (us < 0 ? "-" : NULL);
  guint64 magnitude = us < 0 ? 0 - (guint64) us : (guint64) us;

  g_string_append_printf (text, "%" G_GUINT64_FORMAT, magnitude / G_USEC_PER_SEC);
  if (magnitude % G_USEC_PER_SEC != 0)
    {
      g_string_append_printf (text, ".%06u", (guint) (magnitude % G_USEC_PER_SEC));
      while (text->str[text->len - 1] == '0')
        g_string_truncate (text, text->len - 1);
    }
  g_string_append_c (text, 's');
  return g_strdup (text->str);
}

/* In nanoseconds, so that "1.5us" and "100ns" add up before they are cut. */
static guint64
unit_ns (const char **p, const char *end)
{
  static const struct {
    const char *name;
    guint64 ns;
  } units[] = {
    { "ns", 1 },         { "us", 1000 },       { "µs", 1000 },         { "ms", 1000000 },
    { "s", 1000000000 }, { "m", 60000000000 }, { "h", 3600000000000 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    {
      gsize n = strlen (units[i].name);

      if ((gsize) (end - *p) >= n && memcmp (*p, units[i].name, n) == 0)
        {
          *p += n;
          return units[i].ns;
        }
    }
  return 0;
}

/* "-1h30m", "1.5s", "0". */
gboolean
air_cel_duration_parse (const char *text, gsize length, gint64 *ret_us, gboolean *ret_overflow)
{
  const char *p = text, *end = text + length;
  gboolean negative = FALSE;
  __int128 total = 0;

  *ret_overflow = FALSE;
  if (p < end && (*p == '-' || *p == '+'))
    negative = *p++ == '-';
  if (end - p == 1 && *p == '0')
    {
      *ret_us = 0;
      return TRUE;
    }
  if (p == end || length > 100)
    return FALSE;
  while (p < end)
    {
      unsigned __int128 whole = 0, fraction = 0, scale = 1;
      gboolean any = FALSE;
      guint64 ns;

      for (; p < end && g_ascii_isdigit (*p); p++, any = TRUE)
        whole = MIN (whole * 10 + (guint) (*p - '0'), (unsigned __int128) G_MAXUINT64);
      if (p < end && *p == '.')
        for (p++; p < end && g_ascii_isdigit (*p); p++, any = TRUE)
          if (scale < 1000000000000000)
            {
              fraction = fraction * 10 + (guint) (*p - '0');
              scale *= 10;
            }
      if (!any)
        return FALSE;
      ns = unit_ns (&p, end);
      if (ns == 0)
        return FALSE;
      total += (__int128) (whole * ns + fraction * ns / scale);
    }
  total /= 1000;
  if (total > CEL_MAX_DURATION_US)
    {
      *ret_overflow = TRUE;
      return FALSE;
    }
  *ret_us = negative ? -(gint64) total : (gint64) total;
  return TRUE;
}

/* --- accessors ------------------------------------------------------------------------------ */

static gboolean
parse_offset (const AirCelVal *zone, gint64 *ret_us)
{
  const char *p = zone->s.p, *end = zone->s.p + zone->s.n;
  guint hours, minutes;
  int sign = 1;

  if ((zone->s.n == 3 && memcmp (p, "UTC", 3) == 0) || zone->s.n == 0)
    {
      *ret_us = 0;
      return TRUE;
    }
  if (*p == '+' || *p == '-')
    sign = *p++ == '-' ? -1 : 1;
  if (!read_digits (&p, end, 2, &hours) || !read_char (&p, end, ":") || !read_digits (&p, end, 2, &minutes) || p != end
      || hours > 23 || minutes > 59)
    return FALSE;
  *ret_us = sign * (gint64) (hours * 3600 + minutes * 60) * G_USEC_PER_SEC;
  return TRUE;
}

static gint64
timestamp_part (const char *name, gint64 us)
{
  Civil c;

  civil_from_us (us, &c);
  if (strcmp (name, "getFullYear") == 0)
    return c.year;
  if (strcmp (name, "getMonth") == 0)
    return c.month - 1;
  if (strcmp (name, "getDate") == 0)
    return c.day;
  if (strcmp (name, "getDayOfMonth") == 0)
    return c.day - 1;
  if (strcmp (name, "getDayOfWeek") == 0)
    return c.day_of_week;
  if (strcmp (name, "getDayOfYear") == 0)
    return c.day_of_year;
  if (strcmp (name, "getHours") == 0)
    return c.hour;
  if (strcmp (name, "getMinutes") == 0)
    return c.minute;
  if (strcmp (name, "getSeconds") == 0)
    return c.second;
  return c.microsecond / 1000;
}

static gboolean
do_timestamp_part (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  gint64 offset = 0;

  if (node->n_args == 2 && !parse_offset (&args[1], &offset))
    return air_cel_fail (frame, node, AIR_CEL_ERROR_ARGUMENT,
                         "'%.*s' is no time zone here; write UTC or a fixed offset such as +02:00",
                         (int) MIN (args[1].s.n, 40), args[1].s.p);
  air_cel_val_set_int (ret, timestamp_part (node->name, args[0].i + offset));
  return TRUE;
}

static gboolean
do_duration_part (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  gint64 us = args[0].i;

  if (strcmp (node->name, "getHours") == 0)
    us /= G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC;
  else if (strcmp (node->name, "getMinutes") == 0)
    us /= G_GINT64_CONSTANT (60) * G_USEC_PER_SEC;
  else if (strcmp (node->name, "getSeconds") == 0)
    us /= G_USEC_PER_SEC;
  else
    us = us % G_USEC_PER_SEC / 1000;
  air_cel_val_set_int (ret, us);
  return TRUE;
}

#define PART(name)                                                                                                     \
  { name, TRUE, 1, { T (TIMESTAMP) }, T (INT), do_timestamp_part },                                                    \
  {                                                                                                                    \
    name, TRUE, 2, { T (TIMESTAMP), T (STRING) }, T (INT), do_timestamp_part                                           \
  }

const AirCelFunction air_cel_time_functions[] = {
  PART ("getFullYear"),
  PART ("getMonth"),
  PART ("getDate"),
  PART ("getDayOfMonth"),
  PART ("getDayOfWeek"),
  PART ("getDayOfYear"),
  PART ("getHours"),
  PART ("getMinutes"),
  PART ("getSeconds"),
  PART ("getMilliseconds"),
  { "getHours", TRUE, 1, { T (DURATION) }, T (INT), do_duration_part },
  { "getMinutes", TRUE, 1, { T (DURATION) }, T (INT), do_duration_part },
  { "getSeconds", TRUE, 1, { T (DURATION) }, T (INT), do_duration_part },
  { "getMilliseconds", TRUE, 1, { T (DURATION) }, T (INT), do_duration_part },
  { NULL },
};
