/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "cel-test.h"

#define ROWS(rows) cel_test_rows (rows, G_N_ELEMENTS (rows), NULL, NULL)

static void
test_literals (void)
{
  static const CelTestRow rows[] = {
    { "42", "42" },
    { "-42", "-42" },
    { "0x2A", "42" },
    { "-0x8000000000000000", "-9223372036854775808" },
    { "9223372036854775807", "9223372036854775807" },
    { "-9223372036854775808", "-9223372036854775808" },
    { "9223372036854775808", "!SYNTAX" },
    { "-9223372036854775809", "!SYNTAX" },
    { "42u", "42u" },
    { "0xFFu", "255u" },
    { "18446744073709551615u", "18446744073709551615u" },
    { "18446744073709551616u", "!SYNTAX" },
    { "1.5", "1.5" },
    { ".5", "0.5" },
    { "1e3", "1000.0" },
    { "-2.5e-3", "-0.0025000000000000001" },
    { "true", "true" },
    { "null", "null" },
    { "'a'", "\"a\"" },
    { "\"it's\"", "\"it's\"" },
    { "'''x''x'''", "\"x''x\"" },
    { "\"\"\"a\nb\"\"\"", "\"a\\x0ab\"" },
    { "r'\\n'", "\"\\x5cn\"" },
    { "'\\n\\t\\\\\\'\\\"\\`\\?'", "\"\\x0a\\x09\\x5c'\\x22`?\"" },
    { "'\\x41\\u00e9\\U0001F600\\101'", "\"A\u00e9\U0001F600A\"" },
    { "'\\377'", "\"\u00ff\"" },
    { "b'abc'", "b\"616263\"" },
    { "b'\\377\\xfe'", "b\"fffe\"" },
    { "b'\u00ff'", "b\"c3bf\"" },
    { "br'\\n'", "b\"5c6e\"" },
    { "rb'\\n'", "b\"5c6e\"" },
    { "'\\ud83d'", "!SYNTAX" },
    { "'\\s'", "!SYNTAX" },
    { "'\\08'", "!SYNTAX" },
    { "'a", "!SYNTAX" },
    { "'a\nb'", "!SYNTAX" },
    { "[]", "[]" },
    { "[1, 'a', null,]", "[1, \"a\", null]" },
    { "{'a': 1, 2: 'b', true: 3u,}", "{\"a\": 1, 2: \"b\", true: 3u}" },
    { "{}", "{}" },
    { "{'a': 1, 'a': 2}", "!ARGUMENT" },
    { "{1: 1, 1u: 2}", "!ARGUMENT" },
    { "{1.5: 1}", "!TYPE" },
    { "{null: 1}", "!TYPE" },
    { "1 // a comment\n + 1", "2" },
  };

  ROWS (rows);
}

static void
test_syntax (void)
{
  static const CelTestRow rows[] = {
    { "", "!SYNTAX" },
    { "1 +", "!SYNTAX" },
    { "(1", "!SYNTAX" },
    { "1)", "!SYNTAX" },
    { "a..b", "!SYNTAX" },
    { "a = b", "!SYNTAX" },
    { "a & b", "!SYNTAX" },
    { "if", "!SYNTAX" },
    { "while(1)", "!SYNTAX" },
    { "{'a': 1}.package", "!NO_SUCH_KEY" },
    { "{'package': 1}.package", "1" },
    { "{'a-b': 1}.`a-b`", "1" },
    { "f(1,)", "!SYNTAX" },
    { "{1}", "!SYNTAX" },
    { "a ? b", "!SYNTAX" },
    { "1 2", "!SYNTAX" },
    { "12ab", "!SYNTAX" },
    { "0x", "!SYNTAX" },
    { "1e", "!SYNTAX" },
    { "#", "!SYNTAX" },
    { "has(a)", "!SYNTAX" },
    { "[1].all(x.y, true)", "!SYNTAX" },
    { "Foo{a: 1}", "!UNSUPPORTED" },
    { "google.protobuf.Int64Value{value: 1}", "!UNSUPPORTED" },
    { "a.?", "!SYNTAX" },
    { "size(?1)", "!SYNTAX" },
    { "[?1]", "!TYPE" },
    { "cel.bind(1, 2, 3)", "!SYNTAX" },
    { "[1].all(x, y.z, true)", "!SYNTAX" },
    { "nosuch(1)", "!UNDECLARED" },
    { "size(1, 2)", "!TYPE" },
    { "startsWith('a', 'b')", "!TYPE" },
    { "2 + 3 * 4 - 5 % 3", "12" },
    { "(2 + 3) * 4", "20" },
    { "10 - 3 - 2", "5" },
    { "!!true", "true" },
    { "--1", "1" },
    { "true ? 1 : false ? 2 : 3", "1" },
    { "false ? 1 : false ? 2 : 3", "3" },
    { "1 < 2 == true", "true" },
    { "false || true && false", "false" },
  };

  ROWS (rows);
}

static void
test_arithmetic (void)
{
  static const CelTestRow rows[] = {
    { "9223372036854775807 + 1", "!OVERFLOW" },
    { "-9223372036854775808 - 1", "!OVERFLOW" },
    { "9223372036854775807 * 2", "!OVERFLOW" },
    { "-(-9223372036854775808)", "!OVERFLOW" },
    { "-9223372036854775808 / -1", "!OVERFLOW" },
    { "-9223372036854775808 % -1", "!OVERFLOW" },
    { "1 / 0", "!DIVISION" },
    { "1 % 0", "!DIVISION" },
    { "1u / 0u", "!DIVISION" },
    { "7 / 2", "3" },
    { "-7 / 2", "-3" },
    { "-7 % 2", "-1" },
    { "0u - 1u", "!OVERFLOW" },
    { "18446744073709551615u + 1u", "!OVERFLOW" },
    { "18446744073709551615u * 2u", "!OVERFLOW" },
    { "-1u", "!TYPE" },
    { "1 + 1u", "!TYPE" },
    { "1 + 1.0", "!TYPE" },
    { "1.0 % 2.0", "!TYPE" },
    { "1.5 + 1.5", "3.0" },
    { "1.0 / 0.0", "inf" },
    { "'a' + 'b'", "\"ab\"" },
    { "b'a' + b'b'", "b\"6162\"" },
    { "[1] + [2]", "[1, 2]" },
    { "'a' + 1", "!TYPE" },
    { "{'a': 1} + {'b': 2}", "!TYPE" },
    { "timestamp('2026-01-01T00:00:00Z') + duration('1h')", "ts(1767229200000000)" },
    { "duration('1h') + timestamp('2026-01-01T00:00:00Z')", "ts(1767229200000000)" },
    { "timestamp('2026-01-01T01:00:00Z') - timestamp('2026-01-01T00:00:00Z')", "dur(3600000000)" },
    { "duration('1h') - duration('90m')", "dur(-1800000000)" },
    { "timestamp('9999-12-31T23:59:59Z') + duration('1s')", "!OVERFLOW" },
    { "timestamp('0001-01-01T00:00:00Z') - duration('1s')", "!OVERFLOW" },
    { "duration('1s') - timestamp('2026-01-01T00:00:00Z')", "!TYPE" },
  };

  ROWS (rows);
}

static void
test_relations (void)
{
  static const CelTestRow rows[] = {
    { "1 == 1u", "true" },
    { "1 == 1.0", "true" },
    { "1u == 1.5", "false" },
    { "1 == '1'", "false" },
    { "null == false", "false" },
    { "null == null", "true" },
    { "9007199254740993 == 9007199254740992.0", "false" },
    { "9223372036854774784 < 9223372036854775808.0", "true" },
    { "9223372036854775807 <= 9223372036854775808.0", "true" },
    { "18446744073709551615u > -1", "true" },
    { "-1 < 0u", "true" },
    { "1 < 1.5", "true" },
    { "2 > 1.5", "true" },
    { "-1 > -1.5", "true" },
    { "0.0 / 0.0 == 0.0 / 0.0", "false" },
    { "0.0 / 0.0 != 0.0 / 0.0", "true" },
    { "0.0 / 0.0 < 1", "false" },
    { "'a' < 'b'", "true" },
    { "'Z' < 'a'", "true" },
    { "'a' < 'aa'", "true" },
    { "'\U0001F600' > '\uffff'", "true" },
    { "b'a' < b'b'", "true" },
    { "false < true", "true" },
    { "1 < 'a'", "!TYPE" },
    { "[1] < [2]", "!TYPE" },
    { "[1, 2.0] == [1u, 2]", "true" },
    { "[1, [2]] == [1, [3]]", "false" },
    { "{'a': 1, 'b': 2} == {'b': 2.0, 'a': 1u}", "true" },
    { "{1: 'a'} == {1u: 'a'}", "true" },
    { "{'a': 1} == {'a': 1, 'b': 1}", "false" },
    { "[] == {}", "false" },
    { "1 in [1, 2]", "true" },
    { "1 in [1.0]", "true" },
    { "'1' in [1, 2]", "false" },
    { "'a' in {'a': null}", "true" },
    { "1.0 in {1: 'a'}", "true" },
    { "1 in 1", "!TYPE" },
    { "duration('60s') == duration('1m')", "true" },
    { "timestamp('2026-01-01T00:00:00Z') == timestamp('2026-01-01T02:00:00+02:00')", "true" },
    { "timestamp(0) < timestamp(1)", "true" },
  };

  ROWS (rows);
}

static void
test_logic (void)
{
  static const CelTestRow rows[] = {
    { "false && 1 / 0 == 1", "false" },
    { "1 / 0 == 1 && false", "false" },
    { "1 / 0 == 1 && true", "!DIVISION" },
    { "true || 1 / 0 == 1", "true" },
    { "1 / 0 == 1 || true", "true" },
    { "1 / 0 == 1 || false", "!DIVISION" },
    { "1 / 0 == 1 || {}.a || 2 > 1", "true" },
    { "'x' && false", "false" },
    { "'x' && true", "!TYPE" },
    { "true ? 1 : 1 / 0", "1" },
    { "1 / 0 == 1 ? 1 : 2", "!DIVISION" },
    { "'x' ? 1 : 2", "!TYPE" },
    { "!1", "!TYPE" },
    { "true && true && true && false", "false" },
  };

  ROWS (rows);
}

static void
test_access (void)
{
  static const CelTestRow rows[] = {
    { "[1, 2, 3][1]", "2" },
    { "[1, 2, 3][1u]", "2" },
    { "[1, 2, 3][1.0]", "2" },
    { "[1, 2, 3][1.5]", "!ARGUMENT" },
    { "[1][1]", "!NO_SUCH_KEY" },
    { "[1][-1]", "!NO_SUCH_KEY" },
    { "[1]['a']", "!TYPE" },
    { "{'a': {'b': 7}}.a.b", "7" },
    { "{'a': 1}['b']", "!NO_SUCH_KEY" },
    { "{'a': 1}.b", "!NO_SUCH_KEY" },
    { "{1: 'a'}[1u]", "\"a\"" },
    { "{1: 'a'}[2]", "!NO_SUCH_KEY" },
    { "{'a': null}.a.b", "!NO_SUCH_FIELD" },
    { "{'a': 1}.a.b", "!TYPE" },
    { "has({'a': 1}.a)", "true" },
    { "has({'a': null}.a)", "true" },
    { "has({'a': 1}.b)", "false" },
    { "has({'a': 1}.b.c)", "!NO_SUCH_KEY" },
    { "[1]['0'] == 1 || true", "true" },
  };

  ROWS (rows);
}

static void
test_macros (void)
{
  static const CelTestRow rows[] = {
    { "[1, 2, 3].all(x, x > 0)", "true" },
    { "[1, 2, 3].all(x, x > 1)", "false" },
    { "[].all(x, false)", "true" },
    { "[1, 0].all(x, 1 / x > 5)", "false" },
    { "[0, 1].all(x, 1 / x > 0)", "!DIVISION" },
    { "[0, 1].exists(x, 1 / x > 0)", "true" },
    { "[0].exists(x, 1 / x > 0)", "!DIVISION" },
    { "[].exists(x, true)", "false" },
    { "[1, 2, 2].exists_one(x, x == 2)", "false" },
    { "[1, 2].exists_one(x, x == 2)", "true" },
    { "[0, 1].exists_one(x, 1 / x == 1)", "!DIVISION" },
    { "[1, 2].map(x, x * x)", "[1, 4]" },
    { "[1, 2, 3].map(x, x > 1, x * 10)", "[20, 30]" },
    { "[1, 2, 3].filter(x, x % 2 == 1)", "[1, 3]" },
    { "{'a': 1, 'b': 2}.filter(k, k != 'a')", "[\"b\"]" },
    { "{'a': 1, 'b': 2}.all(k, size(k) == 1)", "true" },
    { "[[1, 2], [3]].map(x, x.map(y, y + size(x)))", "[[3, 4], [4]]" },
    { "[1].exists(x, [2].exists(y, y == x + 1))", "true" },
    { "[1].map(x, [2].map(x, x))", "[[2]]" },
    { "1.all(x, true)", "!TYPE" },
    { "[1].all(x, x)", "!TYPE" },
    { "[1].map(x, type(x))", "!TYPE" },
    { "[1, 2].map(x, true, x)", "[1, 2]" },
  };

  ROWS (rows);
}

static void
test_optionals (void)
{
  static const CelTestRow rows[] = {
    { "{'a': {'b': 1}}.?a.b.orValue(0)", "1" },
    { "{'a': {}}.?a.?b.orValue(0)", "0" },
    { "{'a': {}}.?a.b.hasValue()", "false" },
    { "[1, 2][?5].orValue(-1)", "-1" },
    { "[1, 2][?1].value()", "2" },
    { "{}.?a.value()", "!ARGUMENT" },
    { "{'a': 1}.?a", "!TYPE" },
    { "[{}.?a]", "!TYPE" },
    { "{'a': 1}.?a.b.hasValue()", "!TYPE" },
    { "{?'a': {'a': 1}.?a, ?'b': {}.?b}", "{\"a\": 1}" },
    { "[?{'a': 1}.?a, ?{}.?b, 3]", "[1, 3]" },
    { "optional.of(2).optMap(x, x * 3).value()", "6" },
    { "{'a': 5}.?a.optFlatMap(x, x > 9 ? optional.of(x) : optional.none()).orValue('none')", "\"none\"" },
    { "optional.none() == optional.none() && optional.of(1) == optional.of(1.0)", "true" },
    { "optional.ofNonZeroValue('').hasValue()", "false" },
  };

  ROWS (rows);
}

static void
test_extensions (void)
{
  static const CelTestRow rows[] = {
    { "cel.bind(x, 2 + 3, x * x)", "25" },
    { "cel.bind(x, [1, 2], x.map(y, cel.bind(z, y + 1, z * size(x))))", "[4, 6]" },
    { "[3, 4].transformList(i, v, v * 10 + i)", "[30, 41]" },
    { "[3, 4, 5].transformList(i, v, i != 1, v)", "[3, 5]" },
    { "{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v * 2)", "{\"b\": 4}" },
    { "{'a': 1}.exists(k, v, k == 'a' && v == 1) && [7].all(i, v, v - i == 7)", "true" },
    { "[1, 2, 3].existsOne(i, v, i + v == 3)", "true" },
    { "math.greatest(1, 2.5, 2u)", "2.5" },
    { "math.least([3, 1, 2])", "1" },
    { "math.least([])", "!ARGUMENT" },
    { "math.abs(-9223372036854775808)", "!OVERFLOW" },
    { "math.round(-2.5)", "-3.0" },
    { "math.bitShiftRight(-1, 60)", "15" },
    { "math.bitShiftLeft(1, -1)", "!ARGUMENT" },
    { "base64.encode(b'hello') + string(base64.decode('aGVsbG8'))", "\"aGVsbG8=hello\"" },
    { "base64.decode('a*')", "!ARGUMENT" },
    { "cidr('10.0.0.0/8').containsIP('10.1.2.3') && !cidr('10.0.0.0/8').containsCIDR('10.0.0.0/7')", "true" },
    { "string(cidr('192.168.7.9/20').masked())", "\"192.168.0.0/20\"" },
    { "ip('::ffff:1.2.3.4')", "!ARGUMENT" },
    { "ip('1.2.3.4')", "!TYPE" },
    { "ip('2001:DB8::1') == ip('2001:db8::1') && isIP('x') == false && isCIDR('1.2.3.0/24')", "true" },
    { "cidr('1.2.3.4/33')", "!ARGUMENT" },
  };

  ROWS (rows);
}

static void
test_conversions (void)
{
  static const CelTestRow rows[] = {
    { "int('-42')", "-42" },
    { "int('4.2')", "!ARGUMENT" },
    { "int('')", "!ARGUMENT" },
    { "int('9223372036854775808')", "!ARGUMENT" },
    { "int('-9223372036854775808')", "-9223372036854775808" },
    { "int(3.9)", "3" },
    { "int(-3.9)", "-3" },
    { "int(1e99)", "!OVERFLOW" },
    { "int(0.0 / 0.0)", "!OVERFLOW" },
    { "int(18446744073709551615u)", "!OVERFLOW" },
    { "int(timestamp('2026-01-01T00:00:00.9Z'))", "1767225600" },
    { "int(timestamp('1969-12-31T23:59:59.5Z'))", "-1" },
    { "int(true)", "!TYPE" },
    { "uint(-1)", "!OVERFLOW" },
    { "uint('42')", "42u" },
    { "uint(1.9)", "1u" },
    { "double('1.5e3')", "1500.0" },
    { "double(' 1')", "!ARGUMENT" },
    { "double('0x10')", "!ARGUMENT" },
    { "double(3)", "3.0" },
    { "string(1)", "\"1\"" },
    { "string(1u)", "\"1\"" },
    { "string(1.0)", "\"1\"" },
    { "string(123.456)", "\"123.456\"" },
    { "string(0.1 + 0.2)", "\"0.30000000000000004\"" },
    { "string(-0.0045)", "\"-0.0045\"" },
    { "string(0.00001)", "\"1e-05\"" },
    { "string(1e20)", "\"100000000000000000000\"" },
    { "string(1e21)", "\"1e+21\"" },
    { "string(1.25e30)", "\"1.25e+30\"" },
    { "string(true)", "\"true\"" },
    { "string(b'abc')", "\"abc\"" },
    { "string(b'\\xff')", "!ARGUMENT" },
    { "string(b'a\\000b').size()", "3" },
    { "string(null)", "!TYPE" },
    { "string(timestamp('2026-11-22T09:30:00.120Z'))", "\"2026-11-22T09:30:00.12Z\"" },
    { "string(duration('1h1.5s'))", "\"3601.5s\"" },
    { "bytes('\u00ff')", "b\"c3bf\"" },
    { "bool('true')", "true" },
    { "bool('F')", "false" },
    { "bool('yes')", "!ARGUMENT" },
    { "type(1) == int", "true" },
    { "type(1u) == uint && type('') == string && type(b'') == bytes && type([]) == list", "true" },
    { "type({}) == map && type(null) == null_type && type(1.0) == double && type(true) == bool", "true" },
    { "type(type(1)) == type", "true" },
    { "type(duration('1s')) == google.protobuf.Duration", "true" },
    { "type(1) == uint", "false" },
    { "type(1)", "\"int\"" },
    { "dyn(1) == 'a'", "false" },
  };

  ROWS (rows);
}

static void
test_strings (void)
{
  static const CelTestRow rows[] = {
    { "size('h\u00e9llo')", "5" },
    { "'a\\000b'.size()", "3" },
    { "size(b'\u00ff')", "2" },
    { "[1, 2].size()", "2" },
    { "size({'a': 1})", "1" },
    { "size(1)", "!TYPE" },
    { "'hello'.contains('ell')", "true" },
    { "'hello'.contains('')", "true" },
    { "'hello'.startsWith('he') && 'hello'.endsWith('lo')", "true" },
    { "'a'.startsWith('abc')", "false" },
    { "'h\u00e9llo'.charAt(1)", "\"\u00e9\"" },
    { "'tacocat'.charAt(7)", "\"\"" },
    { "'tacocat'.charAt(8)", "!ARGUMENT" },
    { "'tacocat'.charAt(-1)", "!ARGUMENT" },
    { "'tacocat'.indexOf('ac')", "1" },
    { "'tacocat'.indexOf('a', 3)", "5" },
    { "'tacocat'.indexOf('none')", "-1" },
    { "'ta\u00a9o\u00a9\u03b1T'.indexOf('\u00a9', 3)", "4" },
    { "'tacocat'.indexOf('a', 30)", "!ARGUMENT" },
    { "'tacocat'.lastIndexOf('at')", "5" },
    { "'tacocat'.lastIndexOf('a', 3)", "1" },
    { "'tacocat'.lastIndexOf('')", "7" },
    { "['a', 'b'].join()", "\"ab\"" },
    { "['a', 'b'].join('-')", "\"a-b\"" },
    { "[1].join()", "!TYPE" },
    { "'TacoC\u00c6T'.lowerAscii()", "\"tacoc\u00c6t\"" },
    { "'abc'.upperAscii()", "\"ABC\"" },
    { "'banana'.replace('a', 'o')", "\"bonono\"" },
    { "'banana'.replace('a', 'o', 1)", "\"bonana\"" },
    { "'banana'.replace('a', 'o', 0)", "\"banana\"" },
    { "'ab'.replace('', '_')", "\"_a_b_\"" },
    { "'a,b,c'.split(',')", "[\"a\", \"b\", \"c\"]" },
    { "'a,b,c'.split(',', 2)", "[\"a\", \"b,c\"]" },
    { "'a,b,c'.split(',', 0)", "[]" },
    { "'a,b,c'.split(',', 1)", "[\"a,b,c\"]" },
    { "'abc'.split('')", "[\"a\", \"b\", \"c\"]" },
    { "'tacocat'.substring(4)", "\"cat\"" },
    { "'tacocat'.substring(0, 4)", "\"taco\"" },
    { "'tacocat'.substring(4, 3)", "!ARGUMENT" },
    { "'tacocat'.substring(40)", "!ARGUMENT" },
    { "' \\t\\n\u2003text\u00a0 '.trim()", "\"text\"" },
    { "'h\u00e9'.reverse()", "\"\u00e9h\"" },
    { "strings.quote('a\"\\n')", "\"\\x22a\\x5c\\x22\\x5cn\\x22\"" },
    { "'%s is %d years, %.2f'.format(['Ana', 30, 1.5])", "\"Ana is 30 years, 1.50\"" },
    { "'%s %s %s'.format([[1, 'a', null], {'b': true, 'a': 1.5}, duration('90s')])",
      "\"[1, a, null] {a: 1.5, b: true} 90s\"" },
    { "'%x %X %b %o %e%%'.format([255, 'Ab', -5, 8u, 1234.5])", "\"ff 4162 -101 10 1.234500e+03%\"" },
    { "'%d'.format(['a'])", "!ARGUMENT" },
    { "'%s'.format([])", "!ARGUMENT" },
    { "'%q'.format([1])", "!ARGUMENT" },
    { "[1, 2, 3].sum()", "6" },
    { "[1.5, 1.5].sum()", "3.0" },
    { "[].sum()", "0" },
    { "[1.5].filter(x, x > 2.0).sum()", "0.0" },
    { "[1u].filter(x, x > 2u).sum()", "0u" },
    { "[duration('1s')].filter(x, false).sum() == duration('0s')", "true" },
    { "[9223372036854775807, 1].sum()", "!OVERFLOW" },
    { "[1, 'a'].sum()", "!TYPE" },
    { "['a'].sum()", "!TYPE" },
    { "[3, 1, 2].min()", "1" },
    { "['b', 'c', 'a'].max()", "\"c\"" },
    { "[].max()", "!ARGUMENT" },
  };

  ROWS (rows);
}

static void
test_matches (void)
{
  static const CelTestRow rows[] = {
    { "'hubba'.matches('ubb')", "true" },
    { "matches('', '^$')", "true" },
    { "'abc'.matches('^b')", "false" },
    { "'abc'.matches('^a.c$')", "true" },
    { "'a\\nc'.matches('^a.c$')", "false" },
    { "'a\\nc'.matches('(?s)^a.c$')", "true" },
    { "'x\\nabc'.matches('(?m)^abc$')", "true" },
    { "'ABC'.matches('(?i)^abc$')", "true" },
    { "'ABC'.matches('(?i:ab)c')", "false" },
    { "'aaa'.matches('^a{3}$')", "true" },
    { "'aaaa'.matches('^a{2,3}$')", "false" },
    { "'aaaa'.matches('^a{2,}$')", "true" },
    { "''.matches('^a{0}$')", "true" },
    { "'abab'.matches('^(ab)+$')", "true" },
    { "'abx'.matches('^(ab|cd)+$')", "false" },
    { "'abcdab'.matches('^(?:ab|cd|ef)*$')", "true" },
    { "'c'.matches('^(a|b|c)$')", "true" },
    { "'foo.bar'.matches('^\\\\w+\\\\.\\\\w+$')", "true" },
    { "'a-b'.matches('^[a-z-]+$')", "true" },
    { "'7'.matches('^[^\\\\d]$')", "false" },
    { "'x'.matches('^[[:alpha:]]$')", "true" },
    { "']'.matches('^[]]$')", "true" },
    { "'\u00e9'.matches('^.$')", "true" },
    { "'\u00c9'.matches('(?i)^\u00e9$')", "true" },
    { "'a b'.matches('\\\\bb\\\\b')", "true" },
    { "'ab'.matches('\\\\bb')", "false" },
    { "'2026-11-22'.matches('^(?P<y>\\\\d{4})-\\\\d{2}-\\\\d{2}$')", "true" },
    { "'a{'.matches('a{')", "true" },
    { "'aa'.matches('(a)\\\\1')", "!ARGUMENT" },
    { "'a'.matches('(?=a)')", "!ARGUMENT" },
    { "'a'.matches('(')", "!ARGUMENT" },
    { "'a'.matches('*')", "!ARGUMENT" },
    { "'a'.matches('a**')", "!ARGUMENT" },
    { "'a'.matches('[')", "!ARGUMENT" },
    { "'a'.matches('a{2000}')", "!ARGUMENT" },
    { "'a'.matches('(' + '*')", "!ARGUMENT" },
    { "['^a', 'b$'].exists(p, 'ab'.matches(p))", "true" },
  };
  /* What a backtracking engine would take forever for. */
  g_autofree char *many = g_strnfill (2000, 'a');
  g_autofree char *evil = g_strdup_printf ("'%sb'.matches('^(a+)+$')", many);
  const CelTestRow hard[] = { { evil, "false" } };
  gint64 before = g_get_monotonic_time ();

  ROWS (rows);
  ROWS (hard);
  g_assert_cmpint (g_get_monotonic_time () - before, <, 2 * G_USEC_PER_SEC);
}

static void
test_time (void)
{
  static const CelTestRow rows[] = {
    { "timestamp('2009-02-13T23:31:30Z')", "ts(1234567890000000)" },
    { "timestamp('2009-02-13T23:31:30.123456789Z')", "ts(1234567890123456)" },
    { "timestamp('1969-12-31T23:59:59Z')", "ts(-1000000)" },
    { "timestamp('0001-01-01T00:00:00Z')", "ts(-62135596800000000)" },
    { "timestamp('9999-12-31T23:59:59.999999Z')", "ts(253402300799999999)" },
    { "timestamp('0000-01-01T00:00:00Z')", "!ARGUMENT" },
    { "timestamp('2026-02-29T00:00:00Z')", "!ARGUMENT" },
    { "timestamp('2024-02-29T00:00:00Z').getDayOfYear()", "59" },
    { "timestamp('2026-01-01')", "!ARGUMENT" },
    { "timestamp('2026-01-01T00:00:00')", "!ARGUMENT" },
    { "timestamp(1234567890)", "ts(1234567890000000)" },
    { "timestamp(253402300800)", "!OVERFLOW" },
    { "string(timestamp('0001-01-01T00:00:00Z'))", "\"0001-01-01T00:00:00Z\"" },
    { "timestamp('2009-02-13T23:31:30Z').getFullYear()", "2009" },
    { "timestamp('2009-02-13T23:31:30Z').getMonth()", "1" },
    { "timestamp('2009-02-13T23:31:30Z').getDate()", "13" },
    { "timestamp('2009-02-13T23:31:30Z').getDayOfMonth()", "12" },
    { "timestamp('2009-02-13T23:31:30Z').getDayOfWeek()", "5" },
    { "timestamp('2009-02-13T23:31:30Z').getDayOfYear()", "43" },
    { "timestamp('2009-02-13T23:31:30Z').getHours()", "23" },
    { "timestamp('2009-02-13T23:31:30Z').getMinutes()", "31" },
    { "timestamp('2009-02-13T23:31:30.123Z').getMilliseconds()", "123" },
    { "timestamp('2009-02-13T23:31:30Z').getHours('+02:00')", "1" },
    { "timestamp('2009-02-13T23:31:30Z').getDate('02:00')", "14" },
    { "timestamp('2009-02-13T23:31:30Z').getMinutes('-09:30')", "1" },
    { "timestamp('2009-02-13T23:31:30Z').getHours('UTC')", "23" },
    { "timestamp('2009-02-13T23:31:30Z').getHours('Europe/Berlin')", "!ARGUMENT" },
    { "duration('1h1m1s')", "dur(3661000000)" },
    { "duration('-1.5s')", "dur(-1500000)" },
    { "duration('100ms')", "dur(100000)" },
    { "duration('1500us')", "dur(1500)" },
    { "duration('0')", "dur(0)" },
    { "duration('1')", "!ARGUMENT" },
    { "duration('')", "!ARGUMENT" },
    { "duration('1d')", "!ARGUMENT" },
    { "duration('320000000000s')", "!OVERFLOW" },
    { "duration('100m').getHours()", "1" },
    { "duration('100m').getMinutes()", "100" },
    { "duration('1.25s').getMilliseconds()", "250" },
    { "duration('3s').getSeconds()", "3" },
  };

  ROWS (rows);
}

static void
test_bindings (void)
{
  static const CelTestRow rows[] = {
    { "trigger.amount_minor <= 10000", "true" },
    { "trigger.items.map(i, i.price * i.n).sum()", "5000" },
    { "trigger.items.filter(i, i.n > 1)[0].sku", "\"b\"" },
    { "trigger['user'].mail.endsWith('@example.com')", "true" },
    { "has(trigger.nothing) ? trigger.nothing : 'none'", "\"none\"" },
    { "trigger.note == null", "true" },
    { "trigger.big", "9007199254740993" },
    { "x", "!UNDECLARED" },
    { "x == 1 || true", "true" },
    { "[1].exists(trigger, trigger == 1)", "true" },
    { "[1].exists(trigger, .trigger.amount_minor == 5000)", "true" },
    { "header['request-id']", "\"req_1\"" },
    { "trigger.items.all(i, i.sku in ['a', 'b'])", "true" },
    { "trigger", "{\"amount_minor\": 5000, \"items\": [{\"sku\": \"a\", \"price\": 1000, \"n\": 1}, "
                 "{\"sku\": \"b\", \"price\": 2000, \"n\": 2}], \"user\": {\"mail\": \"ana@example.com\"}, "
                 "\"note\": null, \"big\": 9007199254740993}" },
  };
  g_autoptr (AirValue) bindings = cel_test_json (
      "{\"trigger\": {\"amount_minor\": 5000, \"items\": [{\"sku\": \"a\", \"price\": 1000, \"n\": 1},"
      " {\"sku\": \"b\", \"price\": 2000, \"n\": 2}], \"user\": {\"mail\": \"ana@example.com\"}, \"note\": null,"
      " \"big\": 9007199254740993}, \"header\": {\"request-id\": \"req_1\"}}");

  cel_test_rows (rows, G_N_ELEMENTS (rows), NULL, bindings);
}

static void
assert_compile_error (const char *expression, int code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirCelProgram) program = air_cel_compile (expression, NULL, &error);

  g_assert_null (program);
  g_assert_error (error, AIR_CEL_ERROR, code);
}

static char *
repeated (const char *before, const char *middle, const char *after, guint n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append (text, before);
  g_string_append (text, middle);
  for (guint i = 0; i < n; i++)
    g_string_append (text, after);
  return g_string_free (text, FALSE);
}

static void
test_bounds (void)
{
  g_autofree char *parens = repeated ("(", "1", ")", 100);
  g_autofree char *deep_parens = repeated ("(", "1", ")", 5000);
  g_autofree char *deep_lists = repeated ("[", "", "]", 5000);
  g_autofree char *bangs = repeated ("!", "true", "", 5000);
  g_autofree char *chain = repeated ("true && ", "true", "", 4000);
  g_autofree char *sum = repeated ("1 + ", "1", "", 150);
  g_autofree char *deep_sum = repeated ("1 + ", "1", "", 5000);
  g_autofree char *selects = repeated ("", "a", ".b", 5000);
  g_autofree char *huge = repeated ("        ", "1", "", 10000);
  const CelTestRow rows[] = {
    { parens, "1" },
    { chain, "true" },
    { sum, "151" },
  };

  ROWS (rows);
  assert_compile_error (deep_parens, AIR_CEL_ERROR_DEPTH);
  assert_compile_error (deep_lists, AIR_CEL_ERROR_DEPTH);
  assert_compile_error (bangs, AIR_CEL_ERROR_DEPTH);
  assert_compile_error (deep_sum, AIR_CEL_ERROR_DEPTH);
  assert_compile_error (selects, AIR_CEL_ERROR_DEPTH);
  assert_compile_error (huge, AIR_CEL_ERROR_DEPTH);
  assert_compile_error ("'\xff'", AIR_CEL_ERROR_SYNTAX);
}

static void
test_cost (void)
{
  /* Each doubles: without a bound these need terabytes or years. */
  static const char *const bombs[] = {
    "[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, "
    "[1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, [1,2,3,4,5,6,7,8,9,10].all(f, a > 0))))))",
    "[1,2,3,4,5,6,7,8,9,10].map(a, [1,2,3,4,5,6,7,8,9,10].map(b, [1,2,3,4,5,6,7,8,9,10].map(c, "
    "[1,2,3,4,5,6,7,8,9,10].map(d, [1,2,3,4,5,6,7,8,9,10].map(e, [1,2,3,4,5,6,7,8,9,10].map(f, 'a'))))))",
    /* absorbed by nothing */
    "true || [1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, a > 0))",
    "[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, a > 0)) || true",
  };
  static const struct {
    guint64 limit;
    gboolean fits;
  } expected[] = { { 0, FALSE }, { 0, FALSE }, { 20, TRUE }, { 20, FALSE } };

  for (gsize i = 0; i < G_N_ELEMENTS (bombs); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AirCelProgram) program = air_cel_compile (bombs[i], NULL, &error);
      g_autoptr (AirValue) value = NULL;

      g_assert_no_error (error);
      value = air_cel_eval (program, NULL, expected[i].limit, &error);
      if (expected[i].fits)
        g_assert_no_error (error);
      else
        g_assert_error (error, AIR_CEL_ERROR, AIR_CEL_ERROR_COST);
    }
}

static void
test_messages (void)
{
  static const struct {
    const char *expression;
    const char *message;
  } rows[] = {
    { "1 + ", "column 5: expected an expression, found the end" },
    { "a.b ==", "column 7: expected an expression, found the end" },
    { "'\u00e9\u00e9' + )", "column 8: expected an expression, found ')'" },
    { "1 +\n  )", "line 2, column 3: expected an expression, found ')'" },
    { "a = 1", "column 3: '=' is no operator; compare with ==" },
    { "foo(1)", "column 1: there is no function foo()" },
    { "contains('a', 'b')", "column 1: contains() is called on a value; write value.contains(…)" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AirCelProgram) program = air_cel_compile (rows[i].expression, NULL, &error);

      g_assert_null (program);
      g_assert_cmpstr (error->message, ==, rows[i].message);
    }
}

typedef struct {
  const AirCelProgram *program;
  const AirValue *bindings;
} Shared;

static gpointer
evaluate_many (gpointer data)
{
  const Shared *shared = data;

  for (guint i = 0; i < 2000; i++)
    {
      gboolean value = FALSE;

      if (!air_cel_eval_bool (shared->program, shared->bindings, 0, &value, NULL) || !value)
        return GINT_TO_POINTER (1);
    }
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (AirValue) bindings = cel_test_json ("{\"a\": {\"l\": [1, 2, 3], \"s\": \"abc\"}}");
  g_autoptr (AirCelProgram) program =
      air_cel_compile ("a.l.map(x, x * 2).sum() == 12 && a.s.matches('^a.c$') && (a.s + 'd').size() == 4", NULL, NULL);
  Shared shared = { program, bindings };
  GThread *threads[4];

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("eval", evaluate_many, &shared);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_null (g_thread_join (threads[i]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/cel/literals", test_literals);
  g_test_add_func ("/cel/syntax", test_syntax);
  g_test_add_func ("/cel/arithmetic", test_arithmetic);
  g_test_add_func ("/cel/relations", test_relations);
  g_test_add_func ("/cel/logic", test_logic);
  g_test_add_func ("/cel/access", test_access);
  g_test_add_func ("/cel/macros", test_macros);
  g_test_add_func ("/cel/optionals", test_optionals);
  g_test_add_func ("/cel/extensions", test_extensions);
  g_test_add_func ("/cel/conversions", test_conversions);
  g_test_add_func ("/cel/strings", test_strings);
  g_test_add_func ("/cel/matches", test_matches);
  g_test_add_func ("/cel/time", test_time);
  g_test_add_func ("/cel/bindings", test_bindings);
  g_test_add_func ("/cel/bounds", test_bounds);
  g_test_add_func ("/cel/cost", test_cost);
  g_test_add_func ("/cel/messages", test_messages);
  g_test_add_func ("/cel/threads", test_threads);

  return g_test_run ();
}
