"""What a real Spark is asked: tables of edge values, and expressions over them in PySpark's words.

Read here and by ask_spark.py, which runs where only pyspark is installed; so this module imports nothing of ours.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

NAN, INF = float("nan"), float("inf")
LONG_MAX, LONG_MIN, INT_MAX, INT_MIN = 2**63 - 1, -(2**63), 2**31 - 1, -(2**31)

# name: {column: (Spark's type, values)}; every table also has k, the number of the row
TABLES = {
    "numbers": {
        "i": ("int", [0, 1, -1, 7, -7, INT_MAX, INT_MIN, 25, None]),
        "j": ("int", [0, 2, 0, 3, 3, 2, -1, 10, 1]),
        "b": ("bigint", [0, 1, -1, 7, -7, LONG_MAX, LONG_MIN, 12345678901, None]),
        "t": ("tinyint", [0, 1, -1, 7, -7, 127, -128, 3, None]),
        "h": ("smallint", [0, 1, -1, 7, -7, 32767, -32768, 3, None]),
        "d": ("double", [0.0, -0.0, 1.5, -2.5, NAN, INF, -INF, 1e20, None]),
        "e": ("double", [0.0, 1.0, 0.0, 2.0, 1.0, NAN, 0.5, -3.0, 1.0]),
        "f": ("float", [0.0, -0.0, 1.5, -2.5, NAN, INF, 0.1, 1e10, None]),
        "p": ("decimal(10,2)", [*map(Decimal, ("0.00", "1.25", "-1.25", "2.50", "-2.50", "99999999.99", "0.05", "3.14")), None]),
        "q": ("decimal(10,2)", [*map(Decimal, ("0.00", "2.00", "0.00", "3.00", "-3.00", "0.07", "1.00", "7.00")), Decimal("1.00")]),
        "r": ("decimal(38,10)", [*map(Decimal, ("0", "1.5", "-1.5", "2.5", "1234567890123456789012345678.1234567891", "0.5", "3", "1")), None]),
        "z": ("boolean", [True, False, None, True, False, None, True, False, None]),
    },
    "halves": {
        "d": ("double", [0.5, 1.5, 2.5, -0.5, -1.5, 1.005, 2.675, 1.15, -1.45, 1234.565, 0.1, 5.015, 1e15, 123456789.125]),
        "i": ("int", [5, 15, 25, -5, -15, 49, 50, 51, -45, 1249, 1250, 0, 7, 999]),
    },
    "texts": {
        "s": ("string", ["", "a", "abc", "ABC", "Hello World", "héllo", "a😀b", "straße", "  pad ", "a,b,,c,", "x1y22z", "\t\n", "İı", None]),
        "u": ("string", ["", "b", "b", "B", "o", "l", "😀", "ß", " ", ",", "1", "\t", "i", "a"]),
        "n": ("int", [0, 1, -1, 2, -2, 3, 5, -5, 10, -10, 100, INT_MAX, INT_MIN, None]),
        "m": ("int", [0, 1, 2, 3, 4, -1, 2, 2, 100, 1, 2, 1, 1, 1]),
    },
    "words": {
        "s": ("string", ["1", " 2 ", "-3", "+4", "1.9", "1e3", "", "abc", "true", "T", "no", "0", "NaN", "Infinity", "-inf", "2147483648",
            "9223372036854775808", ".5", "5.", "0x1F", "1_000", "١", "1.5D", "1L", None]),
        "t": ("string", ["2020-01-31", "2020-2-9", "2020-02-30", "2020", "2020-05", "20200131", " 2020-01-01 ", "0001-01-01", "9999-12-31", "1969-12-31",
            "2020-01-31T10:11:12", "2020-01-31 10:11:12.123456", "2020-01-31 10:11:12Z", "2020-01-31 10:11:12+02:00", "2020-01-31 25:00:00",
            "31/01/2020", "", "x", "2020-01-31 10:11", "10:11:12", "2020-02-29", "2019-02-29", "-2020-01-01", "12020-01-01", None]),
        "p": ("string", ["01/02/2020", "1/2/2020", "31/12/1969", "29/02/2019", "29/02/2020", "", "x", "01/02/20", "01/02/2020 ", "99/99/9999"] + [None] * 15),
    },
    "moments": {
        "a": ("date", [date(2020, 2, 29), date(2019, 2, 28), date(1969, 12, 31), date(1, 1, 1), date(9999, 12, 31), date(1900, 1, 1), date(2021, 1, 3), date(1582, 10, 15), None]),
        "c": ("date", [date(2019, 2, 28), date(2020, 2, 29), date(1970, 1, 1), date(1970, 1, 31), date(2000, 1, 1), date(2020, 3, 31), date(2021, 1, 31), date(1582, 10, 4), date(2020, 1, 1)]),
        "ts": ("timestamp", [datetime(2020, 2, 29, 23, 59, 59, 999999, UTC), datetime(1969, 12, 31, 23, 59, 59, 500000, UTC), datetime(1970, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC),
            datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2020, 3, 29, 1, 30, tzinfo=UTC), datetime(2021, 1, 3, 12, tzinfo=UTC), datetime(2000, 1, 1, 0, 0, 1, tzinfo=UTC), None]),
        "tn": ("timestamp_ntz", [datetime(2020, 2, 29, 23, 59, 59, 999999), datetime(1969, 12, 31, 23, 59, 59, 500000), datetime(1970, 1, 1), datetime(1, 1, 1),
            datetime(9999, 12, 31, 23, 59, 59), datetime(2020, 3, 29, 1, 30), datetime(2021, 1, 3, 12), datetime(2000, 1, 1, 0, 0, 1), None]),
        "n": ("int", [0, 1, -1, 12, -12, 31, 1, 400, 1]),
    },
    "arrays": {
        "l": ("array<int>", [[3, 1, None, 2], [], None, [1, 1, None, None], [5], [None], [1, 2, 3, 4, 5]]),
        "m": ("array<int>", [[1, 9], [1], [2], [None, 1], None, [None], [2, 4]]),
        "w": ("array<string>", [["a", "b", None], [], None, ["", "é"], ["x"], [None], ["b", "a", "B"]]),
        "f": ("array<double>", [[NAN, 1.0, None], [0.0, -0.0], None, [INF, NAN, NAN], [], [None], [2.0, -1.0]]),
        "n": ("array<array<int>>", [[[1], [2, 3]], [[1], None], None, [], [[], [1]], [None], [[None], [2]]]),
        "i": ("int", [1, 2, -1, 0, 3, -4, None]),
        "j": ("int", [2, 0, 1, 1, -1, 2, 3]),
        "mp": ("map<string,int>", [{"a": 1}, {}, None, {"b": None}, {"a": 2, "b": 3}, {"": 0}, {"x": 9}]),
    },
    "groups": {
        "g": ("int", [1, 1, 1, 2, 2, 3, 4, 4, 5, 5, 5, None]),
        "i": ("int", [1, None, 3, 7, 7, 5, None, None, -1, 4, 4, 2]),
        "b": ("bigint", [1, 2, 10, 7, 7, 5, None, None, LONG_MAX, 1, 0, 2]),
        "d": ("double", [1.0, NAN, 3.0, 0.0, -0.0, 2.5, None, None, INF, -INF, 1.0, NAN]),
        "e": ("double", [2.0, 1.0, 7.0, 1.0, 2.0, 1.0, 1.0, None, 3.0, 1.0, 2.0, 5.0]),
        "p": ("decimal(10,2)", [Decimal("1.10"), None, Decimal("2.25"), Decimal("0.01"), Decimal("0.02"), Decimal("9.99"), None, None, Decimal("99999999.99"), Decimal("1.00"), Decimal("-1.00"), Decimal("3.00")]),
        "s": ("string", ["b", None, "a", "x", "x", "é", None, None, "B", "b", "", "z"]),
        "t": ("boolean", [True, None, False, True, True, False, None, None, False, True, True, None]),
        "a": ("date", [date(2020, 1, 1), None, date(1969, 1, 1), date(2021, 1, 1), date(2021, 1, 1), None, None, None, date(1, 1, 1), date(9999, 12, 31), date(2000, 2, 29), None]),
    },
}  # fmt: skip


def _each(template: str, columns: str) -> list[str]:
    return [template.replace("@", column) for column in columns.split()]


def _one(names: str, columns: str) -> list[str]:
    """Functions of one column over several columns."""
    return [f"F.{name}('{column}')" for name in names.split() for column in columns.split()]


ROWS = {
    "numbers": [
        *(f"col('{a}') {o} col('{b}')" for o in ("+", "-", "*", "/", "%") for a, b in
          (("i", "j"), ("b", "j"), ("t", "h"), ("d", "e"), ("f", "e"), ("f", "f"), ("p", "q"), ("p", "j"), ("p", "e"), ("i", "e"), ("h", "i"), ("b", "f"))),
        *(f"col('r') {o} col('q')" for o in ("+", "-", "*", "/", "%")),
        *_each("expr('@ div j')", "i b t p"), *_each("expr('@ % j')", "i b d p"), *_each("expr('@ / 0')", "i d p"),
        *(f"col('{a}') {o} col('{b}')" for o in ("==", "!=", "<", "<=", ">", ">=") for a, b in (("i", "j"), ("d", "e"), ("p", "q"), ("i", "d"), ("p", "e"), ("b", "d"), ("f", "d"))),
        "col('d') == float('nan')", "col('d') > 1e300", "col('d').isin(1.5, float('nan'))", "col('i').isin(1, None)", "~col('i').isin(1, None)", "col('i').between(0, 7)",
        "col('d').between(0.0, float('nan'))", "col('d').eqNullSafe(float('nan'))", "col('i').eqNullSafe(None)", "col('i') == '7'", "col('d') == '1.5'", "col('i') + '1'", "col('p') + 1", "col('p') * 2",
        "col('p') + 1.5", "col('i') + 1", "col('t') + 1", "1 / col('i')", "-col('i')", "-col('t')", "-col('p')", "-col('d')", "col('i') ** 2", "2 ** col('j')", "col('d') ** col('e')",
        "col('z') & (col('i') > 0)", "col('z') | (col('i') > 0)", "~col('z')", "col('z') == True", "expr('i & j')", "expr('i | j')", "expr('i ^ j')", "expr('~i')",
        *_one("abs", "i b t d f p"), *_one("ceil floor", "i b d f p r"), *_one("sqrt exp ln log10 log2 sin cos tan acos asin atan degrees radians isnan isnull isnotnull", "d"),
        *_one("sqrt exp isnan acos asin ln log degrees", "i p"), "F.log('d')", "F.log(2.0, 'd')", "F.log(10.0, 'b')", "F.log(1.0, 'd')", "F.log(-1.0, 'd')", "F.atan2('d', 'e')", "F.pow('d', 'e')", "F.pow('i', 'j')", "F.pow('d', lit(0.5))",
        *_one("round", "i d f p r"), "F.round('p', 1)", "F.round('p', 3)", "F.round('i', -1)", "F.round('d', -1)", "F.round('b', -2)", "F.round('r', 2)",
        "F.greatest('d', 'e')", "F.least('d', 'e')", "F.greatest('i', 'd')", "F.greatest('i', 'j', 'b')", "F.least('i', 'p')", "F.coalesce('i', 'b')", "F.coalesce('d', lit(0))", "F.coalesce('i', lit(None))", "F.coalesce('p', 'd')",
        "F.nvl('i', 'j')", "F.ifnull('d', 'e')", "F.nullif('i', 'j')", "F.nullif('d', 'd')", "F.isnull('i')", "F.isnotnull('d')",
        "when(col('i') > 0, 1).otherwise(2.5)", "when(col('i') > 0, 'a')", "when(col('z'), col('i')).when(col('i') == 0, col('b')).otherwise(col('p'))", "when(col('i') > 0, lit(None)).otherwise(1)",
        *(f"col('{a}').cast('{t}')" for a in ("i", "b", "d", "f", "p", "r", "t") for t in ("string", "int", "bigint", "double", "float", "decimal(10,2)", "decimal(3,1)", "boolean", "tinyint", "smallint")),
        *(f"col('z').cast('{t}')" for t in ("string", "int", "double", "decimal(3,1)")), *(f"col('{a}').try_cast('{t}')" for a in ("d", "b", "p") for t in ("int", "tinyint", "decimal(3,1)")),
        "col('b').cast('timestamp')", "F.abs(lit(-5))", "lit(1.5)", "lit(2**40)", "expr('1.5')", "expr('1e0')", "expr('-9223372036854775807')", "F.array('i', 'b')", "F.array('i', 'd')", "F.array()", "F.struct('i', 'd')", "F.struct('i', 'd')['d']",
        "F.sequence('j', lit(3))", "F.sequence('i', 'i')", "F.sequence(lit(5), lit(1), lit(-2))", "F.sequence(lit(1), lit(10), lit(4))", "F.sequence(lit(1), lit(5), lit(-1))", "F.sequence('t', lit(3))", "F.make_date('i', 'j', 'j')", "F.make_date(lit(2020), 'j', lit(29))",
        "F.isnan(lit(None))", "F.concat('i', 'd')", "F.concat('p', lit('x'))", "F.concat_ws('-', 'i', 'z')", "F.length('i')", "F.md5(col('i').cast('string'))", "F.repeat(col('i').cast('string'), 2)",
    ],
    "halves": ["F.round('d')", "F.round('d', 1)", "F.round('d', 2)", "F.round('i', -1)", "F.round('i', -2)", "F.round('d', -1)", "F.ceil('d')", "F.floor('d')", "col('d').cast('int')", "col('d').cast('decimal(10,2)')", "col('d').cast('decimal(10,0)')", "col('d').cast('string')",
               "expr('CAST(d AS DECIMAL(20,3))')"],
    "texts": [
        *_one("upper lower initcap trim ltrim rtrim reverse length ascii md5", "s"), "F.trim('s', lit('ab'))", "F.sha2('s', 256)", "F.sha2('s', 0)", "F.sha2('s', 512)", "F.sha2('s', 224)", "F.sha2('s', 384)",
        "F.concat('s', 'u')", "F.concat('s', lit(None))", "F.concat_ws('-', 's', 'u')", "F.concat_ws('-', 's', lit(None), 'u')", "F.concat_ws('-')", "F.concat_ws(',', F.array('s', 'u'), 's')", "expr('s || u')",
        "F.substring('s', 0, 2)", "F.substring('s', 2, 2)", "F.substring('s', -2, 1)", "F.substring('s', -5, 3)", "F.substring('s', 1, 0)", "F.substring('s', 2, -1)", "F.substring('s', 'n', 'm')", "F.substring('s', -100, 200)", "col('s').substr(1, 2)", "col('s').substr(0, 2)", "expr('substr(s, 2)')", "expr('substring(s, -2)')", "expr('substr(s, 0)')",
        "F.left('s', 'n')", "F.right('s', 'n')", "F.left('s', lit(2))", "F.right('s', lit(2))", "F.repeat('s', 2)", "F.repeat('s', 0)", "F.repeat('s', -1)", "F.repeat('s', 'm')",
        "F.lpad('s', 5, 'xy')", "F.rpad('s', 5, 'xy')", "F.lpad('s', 2, 'x')", "F.rpad('s', 2, 'x')", "F.lpad('s', 0, 'x')", "F.lpad('s', -1, 'x')", "F.rpad('s', -1, 'x')", "F.lpad('s', 5, '')", "F.rpad('s', 5, '')", "F.lpad('s', 4, '😀')",
        "F.instr('s', 'b')", "F.instr('s', '')", "F.instr('s', '😀')", "expr('locate(u, s)')", "F.translate('s', 'abc', 'xy')", "F.translate('s', 'aa', 'xy')", "F.translate('s', '', 'x')", "F.translate('s', 'l😀', '😀')", "F.replace('s', 'u', lit('_'))", "F.replace('s', lit(''), lit('x'))", "F.replace('s', lit('a'))",
        "F.levenshtein('s', 'u')", "F.contains('s', 'u')", "F.startswith('s', 'u')", "F.endswith('s', 'u')", "col('s').contains('')", "col('s').startswith('a')", "col('s').endswith('c')", "col('s').contains(col('u'))",
        "col('s').like('a%')", "col('s').like('_bc')", "col('s').like('%b_')", "col('s').ilike('A%')", "col('s').like('')", "col('s').like('%😀%')", "expr(\"s like 'a/%' escape '/'\")", r"col('s').like('a\\b')", r"col('s').like('\\%')",
        "col('s').rlike('b')", "col('s').rlike('^a.*')", "col('s').rlike('')", r"col('s').rlike('\\d+')", r"col('s').rlike('\\s')", "col('s').rlike('c$')", "col('s').rlike('(?i)ABC')", "col('s').rlike('[a-c]{2,}')", "col('s').rlike('a(?=b)')", r"col('s').rlike('\\w+$')",
        "F.regexp_replace('s', '(a)', '<$1>')", "F.regexp_replace('s', '[a-z]', '_')", "F.regexp_replace('s', 'l+', '')", r"F.regexp_replace('s', '\\d', '\\$')", "F.regexp_replace('s', 'x*', '-')", "F.regexp_replace('s', '', '-')", "F.regexp_replace('s', '(l)(o)', '$2$1')", "F.regexp_replace('s', '.', '.')", "F.regexp_replace('s', '^a', 'X')", "F.regexp_replace('s', 'c$', 'X')",
        "F.regexp_extract('s', '([a-z])([a-z])', 2)", "F.regexp_extract('s', '([a-z])([a-z])', 0)", r"F.regexp_extract('s', '(\\d+)', 1)", "F.regexp_extract('s', '(x)?(b)', 1)", "F.regexp_extract('s', 'a', 1)", "F.regexp_extract('s', '(a)', 3)",
        "F.split('s', ',')", "F.split('s', ',', 2)", "F.split('s', ',', 1)", "F.split('s', ',', 0)", "F.split('s', ',', -1)", "F.split('s', '[0-9]+')", "F.split('s', '')", "F.split('s', 'l')", "F.split('s', ' ')", r"F.split('s', '\\.')", "F.split('s', '😀')", r"F.split('s', '\\s+')", "F.split('s', '[0-9]', 2)",
        "col('s') == col('u')", "col('s') < col('u')", "col('s') > 'a'", "F.greatest('s', 'u')", "F.least('s', 'u')", "col('s').isin('a', 'ABC')", "F.array('s', 'u')", "F.nullif('s', 'u')", "F.coalesce('s', 'u')", "F.coalesce('s', 'n')", "when(col('n') > 0, col('s')).otherwise('none')",
        "col('s').cast('binary')", "F.md5(col('s').cast('binary'))", "col('s').isNull()", "expr(\"'it''s'\")", r"""expr("'a\\nb'")""", "F.array_join(F.split('s', ','), '+')", "F.reverse(F.split('s', ','))", "F.size(F.split('s', ','))", "F.element_at(F.split('s', ','), 2)", "F.split('s', ',')[1]",
    ],
    "words": [
        *(f"col('s').{c}('{t}')" for c in ("cast", "try_cast") for t in ("int", "bigint", "double", "float", "decimal(10,2)", "boolean", "tinyint", "string")),
        *(f"col('t').{c}('{t}')" for c in ("cast", "try_cast") for t in ("date", "timestamp", "timestamp_ntz")),
        "F.to_date('t')", "F.to_timestamp('t')", "F.to_date('p', 'dd/MM/yyyy')", "F.to_date('p', 'd/M/yyyy')", "F.to_timestamp('p', 'dd/MM/yyyy')", "F.to_timestamp('t', 'yyyy-MM-dd')", "F.to_timestamp('t', \"yyyy-MM-dd'T'HH:mm:ss\")", "F.to_timestamp('t', 'yyyy-MM-dd HH:mm:ss.SSSSSS')", "F.to_date('t', 'yyyy-MM-dd')", "F.to_date('t', 'yyyyMMdd')", "F.to_date('t', 'yyyy')", "F.to_date('p', 'dd/MM/yy')", "F.to_timestamp('t', 'HH:mm:ss')", "F.to_date('t', 'YYYY-MM-dd')",
        "F.year('t')", "F.isnan('s')", "F.initcap('s')",
    ],
    "moments": [
        *_one("year quarter month dayofmonth dayofweek dayofyear weekofyear last_day", "a ts tn"), *_one("hour minute second", "ts tn"), "F.hour('a')", "expr('weekday(a)')",
        "F.date_add('a', 'n')", "F.date_sub('a', 'n')", "F.date_add('a', 1)", "F.date_add('ts', 1)", "F.add_months('a', 'n')", "F.add_months('a', 1)", "F.add_months('c', -1)", "F.add_months('ts', 1)", "F.datediff('a', 'c')", "F.datediff('ts', 'c')", "F.months_between('a', 'c')", "F.months_between('c', 'a', False)", "F.months_between('ts', 'c')", "F.months_between('ts', 'ts')",
        *(f"F.date_trunc('{u}', '{c}')" for u in ("year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond", "decade", "mm", "nonsense") for c in ("ts", "tn")), "F.date_trunc('month', 'a')", "expr(\"trunc(a, 'month')\")", "expr(\"trunc(a, 'week')\")",
        *(f"F.date_format('{c}', '{p}')" for c in ("ts", "tn", "a") for p in ("yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.SSS", "yy/M/d h:m:s a", "EEE EEEE MMM MMMM", "D DDD", "Q")),
        *(f"F.date_format('ts', \"{p}\")" for p in ("y", "yyyyMMdd", "SSSSSS", "S", "'quoted' yyyy", "yyyy''MM", "hh:mm a", "HH%mm", "YYYY", "w", "e", "u", "XXX", "z", "qqq", "QQQ", "G", "kk", "E", "dd.MM.yyyy", "")),
        *(f"col('{a}').cast('{t}')" for a in ("a", "ts", "tn") for t in ("string", "date", "timestamp", "timestamp_ntz", "int", "bigint", "double")),
        "F.to_date('ts')", "F.to_date('tn')", "F.to_timestamp('a')", "F.to_timestamp('tn')", "F.to_date('a', 'yyyy')", "col('a') == col('c')", "col('a') < col('ts')", "col('tn') == col('a')", "col('ts') > col('tn')", "col('a') > '2000-01-01'", "col('ts') >= '2020-01-01 00:00:00'", "col('a') == 'x'", "F.greatest('a', 'c')", "F.coalesce('a', 'c')", "F.coalesce('a', 'ts')",
        "expr('a + interval 1 month')", "expr('ts + interval 1 day')", "expr('ts - interval 2 hours')", "expr('a + 1')", "expr('a - 1')", "col('a') - col('c')", "col('ts') - col('ts')", "F.concat('a', lit('|'), 'ts')", "F.concat('tn', lit('|'))",
    ],
    "arrays": [
        *_one("array_distinct array_max array_min array_sort sort_array size reverse explode", "l w f") , *_one("array_distinct sort_array size flatten array_max", "n"), "F.sort_array('l', False)", "F.sort_array('f', False)", "F.sort_array('w', False)", "F.size('mp')",
        *(f"F.array_contains('l', {v})" for v in ("1", "9", "None", "lit(1)", "col('i')", "1.0", "'x'")), "F.array_contains('f', float('nan'))", "F.array_contains('f', 0.0)", "F.array_contains('w', 'a')", "F.array_contains('w', '')",
        "F.array_position('l', 1)", "F.array_position('l', 9)", "F.array_position('l', None)", "F.array_position('f', float('nan'))", "F.array_position('w', 'a')", "F.array_position('l', col('i'))",
        *(f"F.{n}('{a}', '{b}')" for n in ("array_union", "array_except", "array_intersect") for a, b in (("l", "m"), ("m", "l"), ("f", "f"), ("w", "w"), ("l", "l"), ("n", "n"), ("l", "f"))), "expr('arrays_overlap(l, m)')", "expr('arrays_overlap(w, w)')",
        "F.array_join('w', '-')", "F.array_join('w', '-', '?')", "F.array_join('l', '-')", "F.array_join('w', '')", "F.concat('l', 'm')", "F.concat('l', 'l', 'm')", "F.concat('w', 'w')", "F.concat('l', 'f')",
        "F.slice('l', 2, 2)", "F.slice('l', 1, 10)", "F.slice('l', -2, 2)", "F.slice('l', -10, 3)", "F.slice('l', 0, 1)", "F.slice('l', 2, -1)", "F.slice('l', 10, 1)", "F.slice('l', 'i', 'j')", "F.slice('l', 1, 0)", "F.slice('w', 2, 1)",
        "F.element_at('l', 1)", "F.element_at('l', -1)", "F.element_at('l', 0)", "F.element_at('l', 9)", "F.element_at('l', col('i'))", "F.element_at('mp', 'a')", "F.element_at('mp', lit('b'))", "col('l')[0]", "col('l')[-1]", "col('l')[9]", "col('l')[col('i')]", "col('mp')['a']", "col('mp')['zz']", "expr('l[1]')", "expr('get(l, 1)')", "expr('map_keys(mp)')", "expr('map_values(mp)')",
        "F.transform('l', lambda x: x + 1)", "F.transform('l', lambda x, i: x * i)", "F.transform('w', lambda x: F.upper(x))", "F.transform('n', lambda x: F.size(x))", "F.transform('n', lambda x: F.transform(x, lambda y: y * 2))", "F.transform('l', lambda x: x + col('i'))", "F.filter('l', lambda x: x > 1)", "F.filter('l', lambda x: x.isNull())", "F.filter('f', lambda x: F.isnan(x))", "F.transform('l', lambda x: x / 0)", "F.filter('l', lambda x, i: i > 0)",
        "col('l') == col('m')", "col('l') < col('m')", "col('l').cast('array<string>')", "col('w').cast('array<int>')", "col('l').cast('array<double>')", "col('l').cast('string')", "F.coalesce('l', 'm')", "F.array('l', 'm')", "F.flatten(F.array('l', 'm'))", "F.concat_ws(',', 'w')", "F.greatest('l', 'm')", "F.array_sort('l', lambda a, b: a - b)", "F.size(lit(None))", "F.sequence('i', 'j')", "F.array_distinct(F.array('i', 'j', 'i'))", "F.repeat('l', 2)",
    ],
}  # fmt: skip

AGGREGATES = {
    "groups": [
        *_one("count sum avg mean min max median mode stddev stddev_samp stddev_pop variance var_samp var_pop skewness kurtosis collect_list count_distinct sum_distinct approx_count_distinct", "i e p"),
        *_one("min max avg sum median stddev skewness mode collect_list collect_set count_distinct first last", "d"), *_one("sum avg max", "b"), *_one("min max count collect_list count_distinct mode first last any_value", "s a t"), *_one("bool_and bool_or count_if", "t"),
        *(f"F.{f}('{c}', True)" for f in ("first", "last", "any_value") for c in ("i", "s", "d")), "F.count('*')", "F.count_distinct('i', 's')", "F.countDistinct('d')", "F.sumDistinct('i')", "F.corr('i', 'e')", "F.covar_pop('i', 'e')", "F.covar_samp('i', 'e')", "F.corr('d', 'e')", "F.corr('e', 'e')",
        "F.max_by('s', 'i')", "F.min_by('s', 'i')", "F.max_by('s', 'e')", "F.min_by('i', 'b')", "F.max_by('i', 's')", "F.percentile('i', 0.5)", "F.percentile('e', 0.25)", "F.percentile('i', lit(0.9))", "F.percentile('d', 0.5)", "F.percentile_approx('i', 0.5)", "F.percentile_approx('e', 0.25)", "F.percentile_approx('d', 0.5)", "F.percentile('i', [0.25, 0.75])",
        "F.sum(col('i') + 1)", "F.sum('i') / F.count('i')", "F.sum(lit(1))", "F.avg('i') + 1", "F.sum(when(col('i') > 3, col('i')))", "F.max(F.length('s'))", "F.sum('s')", "F.avg('t')", "F.count(F.lit(None))", "expr('sum(i) FILTER (WHERE i > 3)')", "expr('count(DISTINCT i, s)')", "F.round(F.avg('e'), 2)", "expr('any(t)')", "expr('every(t)')", "expr('array_agg(i)')", "F.size(F.collect_set('i'))", "F.sort_array(F.collect_set('d'))", "F.sort_array(F.collect_list('i'))", "F.max(F.array('i'))", "F.max(F.struct('i'))", "F.first(F.struct('i'))", "F.collect_set('t')",
    ],
}  # fmt: skip

W = "Window.partitionBy('g').orderBy('k')"
WINDOWS = {
    "groups": [
        *(f"F.{f}().over({W})" for f in ("row_number", "rank", "dense_rank", "percent_rank", "cume_dist")), f"F.ntile(2).over({W})", "F.rank().over(Window.orderBy('i'))", "F.dense_rank().over(Window.orderBy(F.desc('d')))", "F.rank().over(Window.orderBy('d'))", "F.percent_rank().over(Window.orderBy('i'))", "F.cume_dist().over(Window.orderBy('s'))", "F.row_number().over(Window.partitionBy('g'))",
        *(f"F.{f}('i').over({W})" for f in ("lag", "lead", "first", "last", "sum", "avg", "min", "max", "count", "collect_list", "stddev", "median")), f"F.lag('i', 2).over({W})", f"F.lag('i', -1).over({W})", f"F.lead('i', 1, 0).over({W})", f"F.lag('s', 1, 'none').over({W})", f"F.lag('i', 0).over({W})",
        f"F.first('i', True).over({W})", f"F.last('i', True).over({W})", f"F.last('i', ignorenulls=True).over({W}.rowsBetween(Window.unboundedPreceding, -1))", "expr('lag(i) IGNORE NULLS OVER (PARTITION BY g ORDER BY k)')", "expr('nth_value(i, 2) OVER (PARTITION BY g ORDER BY k)')", "expr('nth_value(i, 1) IGNORE NULLS OVER (PARTITION BY g ORDER BY k)')", "expr('first(i) IGNORE NULLS OVER (PARTITION BY g ORDER BY k)')",
        "F.sum('i').over(Window.partitionBy('g'))", f"F.sum('i').over({W}.rowsBetween(-1, 1))", f"F.sum('i').over({W}.rowsBetween(Window.currentRow, Window.unboundedFollowing))", "F.sum('i').over(Window.orderBy('i'))", "F.count('*').over(Window.orderBy('d'))", "F.sum('e').over(Window.orderBy('k').rangeBetween(-2, 0))", "F.sum('i').over(Window.orderBy('i').rangeBetween(-2, 0))", "F.max('d').over(Window.orderBy('k'))", "F.min('d').over(Window.orderBy('k'))", "F.collect_set('s').over(Window.partitionBy('g'))", "F.skewness('e').over(Window.partitionBy('g'))", "F.count_distinct('i').over(Window.partitionBy('g'))", "F.avg('p').over(Window.orderBy('k'))", "F.sum('i').over(Window.orderBy('k')) / F.sum('i').over(Window.partitionBy())", "F.count_if(col('i') > 3).over(Window.partitionBy('g'))", "F.sum(F.lag('i').over(Window.orderBy('k'))).over(Window.orderBy('k'))",
    ],
}  # fmt: skip

# whole frames; rows are compared in any order unless the text sorts
FRAMES = {
    "groups": [
        *(f"df.groupBy('{g}').agg(F.count('*').alias('n'), F.sum('i').alias('s'))" for g in ("g", "d", "s", "t", "a", "p")), "df.select('d').distinct()", "df.select('i').distinct()", "df.select('k', 'd').orderBy('d', 'k')", "df.select('k', 'd').orderBy(F.desc('d'), 'k')", "df.select('k', 's').orderBy('s', 'k')", "df.select('k', 's').orderBy(F.desc('s'), 'k')", "df.select('k', 'i').orderBy(col('i').asc_nulls_last(), 'k')",
        "df.select('k', 'i').orderBy(col('i').desc_nulls_first(), 'k')", "df.filter(col('d') == float('nan')).select('k')", "df.filter(col('d') > 1).select('k')", "df.filter(col('i') != 7).select('k')", "df.filter(~(col('i') == 7)).select('k')", "df.filter('i > 3 or t').select('k')", "df.filter(col('t')).select('k')", "df.groupBy(col('i') % 3).count()", "df.groupBy('g').agg(F.avg('p').alias('a'), F.max('d').alias('m'))",
        "df.groupBy('g').agg(F.collect_list('i').alias('l'), F.stddev('e').alias('sd'))", "df.groupBy('g').agg(F.first('i', True).alias('f'))", "df.groupBy('g').agg(F.min('s').alias('a'), F.max('s').alias('b'), F.count('s').alias('c'))", "df.dropDuplicates(['d']).select('d')", "df.dropna(subset=['d']).select('k')", "df.dropna(how='all', subset=['d', 'i']).select('k')", "df.fillna(0).select('k', 'd', 'i', 'p')", "df.fillna(1.5).select('k', 'd', 'i')", "df.fillna('x').select('k', 's')", "df.fillna({'t': True}).select('k', 't')",
        "df.select('k', 'd').join(df.select(col('d'), col('k').alias('k2')), 'd')", "df.select('k', 's').join(df.select('s', col('k').alias('k2')), 's', 'left')", "df.select('k', 'i').join(df.select(col('i'), col('k').alias('k2')), 'i', 'full')", "df.select('k', 'i').join(df.select('i').filter('i > 3'), 'i', 'anti')", "df.select('k', 'd').join(df.filter('k = 1').select('d'), 'd', 'semi')", "df.select('i').union(df.select('b'))", "df.select('i').union(df.select('d'))", "df.select('i').union(df.select('s'))", "df.select('p').union(df.select('i'))", "df.select('k', F.explode(F.array('i', 'g')).alias('x'))", "df.filter(col('k') < 0).agg(F.count('*'), F.sum('i'), F.collect_list('i'), F.max('s'))", "df.filter(col('k') < 0).groupBy('g').agg(F.sum('i'))", "df.groupBy('g').count()", "df.groupBy('g').sum('i', 'p')", "df.groupBy('g').avg('e')", "df.agg({'i': 'max', 'p': 'sum'})",
        "df.withColumn('i', col('i') + 1).filter('i > 5').select('k', 'i')", "df.selectExpr('k', 'if(i > 3, s, null) AS x')", "df.selectExpr('k', 'case i when 7 then 1 when null then 2 else 3 end AS x')", "df.select('k', 'e').limit(0)", "df.filter('e > 1 and not (i in (7, null))').select('k')", "df.filter('s like \"b%\"').select('k')",
    ],
    "arrays": ["df.select('k', F.explode('l').alias('x'))", "df.select('k', F.explode('w').alias('x'))", "df.select('k', F.explode('n').alias('x'))", "df.select('l').distinct()", "df.groupBy('l').count()", "df.select('k', 'l').orderBy('l', 'k')"],
    "numbers": ["df.select('d').distinct()", "df.groupBy('d').count()", "df.select('k', 'd').orderBy('d', 'k')", "df.select('k', 'f').orderBy(F.desc('f'), 'k')", "df.select(F.max('d'), F.min('d'), F.max('f'))", "df.select('k', 'd').join(df.select('d'), 'd')", "df.groupBy(-col('e')).count()"],
}  # fmt: skip

KINDS = {"row": ROWS, "aggregate": AGGREGATES, "window": WINDOWS, "frame": FRAMES}


def cases() -> list[tuple[str, str, str]]:
    """Every case as (kind, table, text), each once."""
    made = ((kind, table, text) for kind, tables in KINDS.items() for table, texts in tables.items() for text in texts)
    return list(dict.fromkeys(made))
