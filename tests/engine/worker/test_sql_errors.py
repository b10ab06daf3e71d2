"""What DuckDB says of a query's text is put into plain words, whatever the text."""

from __future__ import annotations

import re

import duckdb
import pytest

from data_platform.engine.worker.sql_errors import explain_sql_error

QUERIES = {
    "SELECT amout FROM t": 'there is no column "amout"; did you mean amount?',
    "SELECT t.amout FROM t": '"t" has no column "amout"; did you mean amount?',
    "SELECT xxxxx FROM t": 'there is no column "xxxxx"',
    "SELECT * EXCLUDE (amout) FROM t": 'there is no column "amout"; did you mean amount?',
    "SELECT v.b FROM (VALUES (1)) v(a)": '"v" has no column "b"',
    "SELECT x.a FROM t": 'FROM names no table "x"',
    "SELECT a FROM t JOIN u USING (zz)": 'there is no column "zz" on the left side of the join',
    "SELECT sumx(a) FROM t": "there is no function sumx; did you mean sum?",
    "SELECT CAST(a AS foo) FROM t": "there is no type foo",
    "SELECT a + s FROM t": "no operator + takes INTEGER and VARCHAR: CAST one of them",
    "SELECT a FROM t GROUP BY amount": '"a" is neither in GROUP BY nor in an aggregate function',
    "SELECT a FROM t, u": "more than one table has the column \"a\"; write 't.a' or 'u.a'",
    "SELECT a FRM t": 'syntax error at or near "t"',
    "SELECT * FROM t WHERE sum(a) > 1": "WHERE cannot contain an aggregate; use HAVING or a subquery",
}


@pytest.mark.parametrize("query", QUERIES)
def test_errors_are_in_plain_words(query: str) -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t(a INT, amount INT, s VARCHAR); CREATE TABLE u(a INT)")
    with pytest.raises(duckdb.Error) as caught:
        connection.sql(query).fetchall()
    text = explain_sql_error(str(caught.value).split("\n\nLINE ")[0])
    assert text.startswith(QUERIES[query])
    assert not re.search(r"\b(Binder|Catalog|Parser) Error|Candidate|\n", text)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ('SELECT a FROM t WHERE s = "x@y"', "there is no column \"x@y\"; a text is written in single quotes: 'x@y'"),
        ('SELECT "paid" FROM t', "there is no column \"paid\"; a text is written in single quotes: 'paid'"),
        ('SELECT "amout" FROM t', 'there is no column "amout"; did you mean amount?'),
        ("SELECT paid FROM t", 'there is no column "paid"'),
    ],
)
def test_text_in_double_quotes_is_told(query: str, message: str) -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t(a INT, amount INT, s VARCHAR)")
    with pytest.raises(duckdb.Error) as caught:
        connection.sql(query).fetchall()
    assert explain_sql_error(str(caught.value).split("\n\nLINE ")[0], query) == message
