"""The first check of SQL, before what it reads is resolved: exactly one SELECT that calls only functions that compute.

It fails closed, and serves all the SQL that people hand in: a rule's, and a query's. `who` is what messages call it.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError
from sqlglot.tokenizer_core import TokenType

from data_platform.spec.sql.functions import TABLE_FUNCTIONS, is_denied
from data_platform.spec.sql.text import Refusal, SqlProblem, list_called_functions, read_tokens, strip_semicolon

_STATEMENTS = (
    *(exp.Command, exp.DDL, exp.DML, exp.Copy, exp.Attach, exp.Detach, exp.Pragma, exp.Set, exp.Use, exp.Into),
    *(exp.Describe, exp.Summarize, exp.Show, exp.Install, exp.Drop, exp.Alter, exp.Transaction),
)
_PARAMETERS = (exp.Placeholder, exp.Parameter, exp.SessionParameter)
_SOURCES = (exp.Table, exp.Subquery, exp.Unnest, exp.Values, exp.Lateral)


def parse(sql: str, who: str = "a rule") -> exp.Query:
    """The one query of the text; Refusal when it is anything else."""
    tokens = read_tokens(sql)
    for name in list_called_functions(tokens):
        if is_denied(name):
            raise Refusal(f"the function {name} is not allowed in {who}", f"{who} reads its tables, nothing else")
    if tokens[0].text.lower() not in ("select", "with", "from", "("):
        raise Refusal(f"{who} is one SELECT, and this begins with {tokens[0].text[:40]!r}", "write SELECT …")
    if any(token.token_type is TokenType.TABLE for token in tokens):
        raise Refusal(f"TABLE is not allowed in {who}", "write SELECT * FROM the table")
    try:
        statements = sqlglot.parse(strip_semicolon(sql), dialect="duckdb")
    except RecursionError:
        raise Refusal("the SQL is nested too deeply", "write the inner queries as WITH queries") from None
    except ParseError as error:
        raise Refusal(_parse_message(error), "write one SELECT in DuckDB's SQL") from None
    except (SqlglotError, ValueError) as error:
        raise Refusal(f"the SQL cannot be read: {error}", "write one SELECT in DuckDB's SQL") from None
    return _require_one_query(statements, who)


def _require_one_query(statements: list[exp.Expr | None], who: str) -> exp.Query:
    if len(statements) != 1:
        raise Refusal(f"{who} is one SELECT, not {len(statements)} statements", "write one for each")
    query = statements[0]
    if not isinstance(query, exp.Query) or not isinstance(query.unnest(), exp.Select | exp.SetOperation):
        raise Refusal(f"{who} is one SELECT", "write SELECT … FROM …")
    return query


def _parse_message(error: ParseError) -> str:
    if not error.errors:
        return "the SQL cannot be read"
    first = error.errors[0]
    near = f" near {first['highlight']!r}" if first.get("highlight") else ""
    return f"the SQL cannot be read: line {first.get('line')}, column {first.get('col')}{near}"


def find_forbidden_parts(query: exp.Query, who: str = "a rule") -> Iterator[SqlProblem]:
    """Statements hidden inside the query, and parameters."""
    for node in query.walk():
        if isinstance(node, _STATEMENTS):
            yield SqlProblem(f"{who} only reads: {type(node).__name__.upper()} is not allowed", "write SELECT …")
        elif isinstance(node, _PARAMETERS):
            yield SqlProblem(f"{who} has no parameters", "write the value, or the table's name, itself")


def find_wrong_functions(query: exp.Query, who: str = "a rule") -> Iterator[SqlProblem]:
    """What follows FROM, JOIN or LATERAL and is neither a table nor a function known to read nothing."""
    for node in query.walk():
        if isinstance(node, exp.From | exp.Join | exp.Lateral) and not isinstance(node.this, _SOURCES):
            yield from _check_function(node.this, who)
        elif isinstance(node, exp.Table) and not isinstance(node.this, exp.Identifier):
            yield from _check_function(None if node.db else node.this, who)


def _check_function(source: exp.Expr | None, who: str) -> Iterator[SqlProblem]:
    if not isinstance(source, exp.Func):
        yield SqlProblem(f"{who} reads tables, subqueries and a few functions, by their simple names")
    elif (name := _name_function(source)) not in TABLE_FUNCTIONS:
        hint = f"the table functions allowed are {', '.join(sorted(TABLE_FUNCTIONS))}"
        yield SqlProblem(f"the table function {name} is not allowed in {who}", hint)


def _name_function(node: exp.Func) -> str:
    if isinstance(node, exp.GenerateSeries):
        return "generate_series"
    return node.name.lower() if isinstance(node, exp.Anonymous) else node.sql_name().lower()


def find_named_tables(query: exp.Query) -> list[exp.Table]:
    """The tables that the query names, WITH queries among them; functions are left out."""
    return [table for table in query.find_all(exp.Table) if isinstance(table.this, exp.Identifier)]


def format_table(table: exp.Table) -> str:
    """The table's name as it is written in the SQL."""
    return ".".join(part.sql(dialect="duckdb") for part in table.parts)[:100]
