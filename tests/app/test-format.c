/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <locale.h>

#include "app/air-format.h"

#define assert_text(expression, expected)                                                                              \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_autofree char *text_ = (expression);                                                                             \
    g_assert_cmpstr (text_, ==, expected);                                                                             \
  }                                                                                                                    \
  G_STMT_END

static void
test_money (void)
{
  assert_text (air_format_money (45019, "usd"), "450.19\u00a0USD");
  assert_text (air_format_money (5, "eur"), "0.05\u00a0EUR");
  assert_text (air_format_money (-250, "eur"), "−2.50\u00a0EUR");
  assert_text (air_format_money (1200, "jpy"), "1200\u00a0JPY");
  assert_text (air_format_money (1234567, "kwd"), "1234.567\u00a0KWD");
  assert_text (air_format_money (100, NULL), "1.00");
}

/* What a person types as an amount: taken as it is meant, or not at all. */
static void
test_parse_amount (void)
{
  static const struct {
    const char *text;
    const char *currency;
    gint64 minor; /* -1: no amount */
  } cases[] = {
    { "450.19", "usd", 45019 },
    { "450,19", "usd", 45019 },
    { " 450 ", "usd", 45000 },
    { "450.5", "usd", 45050 },
    { "1200", "jpy", 1200 },
    { "1.234", "kwd", 1234 },
    { "12.5", "jpy", -1 },
    { "450.190", "usd", -1 },
    { "1,234.50", "usd", -1 }, /* a thousand, or one and a bit? */
    { "-5", "usd", -1 },
    { "a lot", "usd", -1 },
    { "", "usd", -1 },
    { ".", "usd", -1 },
    { "99999999999999999999", "usd", -1 },
    { "92233720368547758.07", "usd", G_MAXINT64 },
    { "92233720368547758.08", "usd", -1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gint64 minor = -1;

      g_assert_cmpint (air_format_parse_amount (cases[i].text, cases[i].currency, &minor), ==, cases[i].minor >= 0);
      g_assert_cmpint (minor, ==, cases[i].minor);
    }
}

static void
test_values (void)
{
  g_autoptr (AirValue) list = air_list_new (), map = air_map_new ();

  air_list_append (list, air_value_new_string ("7020"));
  air_list_append (list, air_value_new_int (7));
  assert_text (air_format_value (list), "7020, 7");
  air_list_append (list, air_value_new_string ("a, b"));
  assert_text (air_format_value (list), "[\"7020\",7,\"a, b\"]");
  air_map_set_bool (map, "all", TRUE);
  assert_text (air_format_value (map), "{\"all\":true}");
}

/* What an attacker writes into a reason or an address must not be able to look like something else. */
static void
test_untrusted (void)
{
  assert_text (air_format_untrusted ("plain <b>text</b>\nline"), "plain <b>text</b>\nline");
  assert_text (air_format_untrusted ("a\u202egnp.exe"), "a⟨U+202E⟩gnp.exe");
  assert_text (air_format_untrusted ("zero\u200bwidth\x07"), "zero⟨U+200B⟩width⟨U+0007⟩");
  assert_text (air_format_untrusted ("bad \xff byte"), "bad \ufffd byte");
}

static void
test_small (void)
{
  assert_text (air_format_person ("airails://demo/people/ana"), "ana");
  assert_text (air_format_person ("airails://demo/systems/shop"), "airails://demo/systems/shop");
  assert_text (air_format_digest ("sha256:5b1f0c9f3a7e4d2286a0c4e1f7b9d83520c6ea41978bd35f60e7a2c91d48b3f6"),
               "5b1f0c9f…1d48b3f6");
  assert_text (air_format_key ("amount_minor"), "Amount minor");
  assert_text (air_format_relative (90 * G_TIME_SPAN_SECOND, 0), "in 1 minute");
  assert_text (air_format_relative (0, 3 * G_TIME_SPAN_HOUR), "3 hours ago");
  assert_text (air_format_relative (5, 0), "now");
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/format/money", test_money);
  g_test_add_func ("/format/parse-amount", test_parse_amount);
  g_test_add_func ("/format/values", test_values);
  g_test_add_func ("/format/untrusted", test_untrusted);
  g_test_add_func ("/format/small", test_small);
  return g_test_run ();
}
