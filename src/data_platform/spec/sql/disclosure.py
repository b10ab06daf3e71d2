"""What a rule's SQL may disclose of protected columns, decided by its syntax tree; what cannot be traced fails closed.

Two questions are answered. `reads_protected`: may the query read a protected column at all? `counts_rows`: is its
number a count in which each row adds 0 or 1, by tests of its own values against constants?
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from sqlglot import exp

from data_platform.spec.sql.guard import parse
from data_platform.spec.sql.text import Refusal

Sources = frozenset[str]
"""The protected columns that a value is made from, and OPEN where columns that are not protected are among them."""
Lookup = Callable[[str], Sources]
OPEN = ""


def needs_protected(sql: str, protected: Collection[str]) -> bool:
    """Whether the query may read a column named in `protected`, under any alias.

    It may when an identifier bears such a name, and when columns are read without being named: by `*`, COLUMNS, a
    position, a whole row, a natural join, a pivot, or under the names that an alias gives to a table's columns.
    """
    names = frozenset(name.casefold() for name in protected)
    if not names:
        return False
    try:
        query = parse(sql)
    except (Refusal, RecursionError):
        return True
    tables = {name.casefold() for name in _iterate_table_names(query)}
    return any(_contains_protected(node, names, tables) for node in query.walk())


def is_row_count(sql: str, protected: Collection[str]) -> bool:
    """Whether the query's number is a count of rows, or made from one such count and nothing else that is protected."""
    names = frozenset(name.casefold() for name in protected)
    try:
        query = parse(sql)
        return isinstance(query, exp.Select) and (_is_group_count(query, names) or _is_row_count(query, names))
    except (Refusal, RecursionError, _Untraced):
        return False


class _Untraced(Exception):
    """Raised for a construct that this module does not trace."""


def _iterate_table_names(query: exp.Expr) -> Iterator[str]:
    for node in query.find_all(exp.Table, exp.TableAlias):
        yield from (part.name for part in node.parts) if isinstance(node, exp.Table) else (node.name,)


def _contains_protected(node: exp.Expr, names: frozenset[str], tables: Collection[str]) -> bool:
    match node:
        case exp.Identifier():
            return node.name.casefold() in names
        case exp.Star():
            return not isinstance(node.parent, exp.Count) or any(node.args.values())
        case exp.Column():
            return node.name.casefold() in tables
        case exp.TableAlias():
            return bool(node.columns) and not _is_of_query(node)
        case exp.Join():
            return bool(node.method)
        case _:
            return isinstance(node, exp.Columns | exp.Pivot | exp.PositionalColumn | exp.Placeholder)


def _is_of_query(alias: exp.TableAlias) -> bool:
    """Whether the alias names the columns of a query or of a function, which name what they read themselves."""
    named = alias.parent
    if isinstance(named, exp.Subquery | exp.CTE):
        return isinstance(named.this, exp.Query) and not isinstance(named.this, exp.Table)
    return isinstance(named, exp.Unnest | exp.Values | exp.Lateral)


_QUERY = {"expressions", "from_", "where", "with_"}


def _is_row_count(query: exp.Select, names: frozenset[str]) -> bool:
    """Whether it is a single number over rows that are traced, in which one count alone reads protected columns."""
    if len(query.expressions) != 1:
        return False
    lookup, filtered = _trace_rows(query, {}, names)
    return len(_find_counts(query.expressions[0].unalias(), lookup, filtered=filtered)) <= 1


def _is_group_count(query: exp.Select, names: frozenset[str]) -> bool:
    """Whether it is `SELECT COUNT(*) FROM (SELECT … GROUP BY columns HAVING COUNT(*) > 1)`."""
    inner = query.args["from_"].this if query.args.get("from_") else None
    if (
        not isinstance(inner, exp.Subquery)
        or not isinstance(inner.this, exp.Select)
        or _find_others(query, _QUERY - {"where"})
    ):
        return False
    only, grouped = query.expressions[0].unalias(), inner.this
    if len(query.expressions) != 1 or not _is_count_of_rows(only) or not grouped.args.get("group"):
        return False
    lookup, _ = _trace_rows(grouped, {}, names, also={"group", "having"})
    keys = grouped.args["group"].expressions
    projections = [projection.unalias() for projection in grouped.expressions]
    having = grouped.args.get("having")
    return (
        all(isinstance(key, exp.Column) and lookup(_name(key)) for key in keys)
        and all(
            isinstance(projection, exp.Column | exp.Literal) or _is_count_of_rows(projection)
            for projection in projections
        )
        and not _find_others(grouped.args["group"], {"expressions"})
        and (having is None or _is_count_comparison(having.this))
    )


def _is_count_comparison(node: exp.Expr) -> bool:
    return isinstance(node, exp.Predicate) and all(
        isinstance(part, exp.Literal) or _is_count_of_rows(part) for part in node.iter_expressions()
    )


def _is_count_of_rows(node: exp.Expr) -> bool:
    return isinstance(node, exp.Count) and (node.this is None or isinstance(node.this, exp.Star | exp.Literal))


def _find_others(node: exp.Expr, allowed: Collection[str]) -> set[str]:
    return {name for name, value in node.args.items() if value} - set(allowed)


def _trace_rows(
    query: exp.Select, queries: Mapping[str, exp.Select], names: frozenset[str], also: Collection[str] = ()
) -> tuple[Lookup, bool]:
    """What the columns of the query's rows are made from, and whether protected columns decide which rows there are.

    Each row is one row of a table: no join, no group, nothing that makes several rows of one.
    """
    if _find_others(query, _QUERY | set(also)) or not query.args.get("from_"):
        raise _Untraced
    queries = dict(queries)
    for cte in query.ctes:
        if (
            query.args["with_"].args.get("recursive")
            or cte.args["alias"].columns
            or not isinstance(cte.this, exp.Select)
        ):
            raise _Untraced
        queries[cte.alias.casefold()] = cte.this
    lookup, filtered = _trace_source(query.args["from_"].this, queries, names)
    where = query.args.get("where")
    return lookup, (_test(where.this, lookup) if where else False) or filtered


def _trace_source(node: exp.Expr, queries: Mapping[str, exp.Select], names: frozenset[str]) -> tuple[Lookup, bool]:
    """The same of an item after FROM."""
    alias = node.args.get("alias")
    inner = None
    if _find_others(node, {"this", "db", "alias"}) or (alias is not None and alias.columns):
        raise _Untraced
    if isinstance(node, exp.Subquery):
        inner = node.this
    elif not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier):
        raise _Untraced
    elif not node.db:
        inner = queries.get(node.name.casefold())
    if node.alias_or_name.casefold() in names:
        raise _Untraced  # a name that may mean the table as well as its column
    if inner is None:
        lookup: Lookup = lambda name: frozenset({name if name in names else OPEN})  # noqa: E731
        return _strip_qualifier(lookup, node.alias_or_name), False
    if not isinstance(inner, exp.Select):
        raise _Untraced
    # a query sees the WITH queries before it: itself it does not
    visible = {name: candidate for name, candidate in queries.items() if candidate is not inner}
    below, filtered = _trace_rows(inner, visible, names)
    return _strip_qualifier(_trace_projected(inner, below), node.alias_or_name), filtered


def _trace_projected(query: exp.Select, below: Lookup) -> Lookup:
    """What the columns that a query gives are made from."""
    made: dict[str, Sources] = {}
    all_of_them = False
    for projection in query.expressions:
        star = projection.this if isinstance(projection, exp.Column) else projection
        if isinstance(star, exp.Star):
            all_of_them = True
            if any(star.args.values()):
                raise _Untraced
        else:
            name = projection.alias_or_name.casefold()
            if not name or name in made:
                raise _Untraced
            made[name] = _trace_sources(projection.unalias(), below)

    def lookup(name: str) -> Sources:
        if name in made:
            return made[name] | (below(name) if all_of_them else frozenset())
        if not all_of_them:
            raise _Untraced
        return below(name)

    return lookup


def _strip_qualifier(lookup: Lookup, table: str) -> Lookup:
    """The same for names as they are written; the table's own name alone, a whole row, is not traced."""
    prefix = f"{table.casefold()}."

    def qualified(name: str) -> Sources:
        if f"{name}." == prefix:
            raise _Untraced
        parts = name.removeprefix(prefix).split(".")
        return lookup(parts[0])

    return qualified


def _name(column: exp.Column) -> str:
    parts = [part.name.casefold() for part in column.parts]
    if any("." in part for part in parts):
        raise _Untraced
    return ".".join(parts)


def _find_counts(node: exp.Expr, lookup: Lookup, *, filtered: bool) -> set[str]:
    """The counts in the expression that read protected columns; every column is within a count."""
    if (reads := _count(node, lookup)) is not None:
        return {node.sql()} if reads or filtered else set()
    if isinstance(node, exp.Literal | exp.Boolean | exp.Null | exp.DataType):
        return set()
    if not isinstance(node, _ARITHMETIC):
        raise _Untraced
    parts = (_find_counts(part, lookup, filtered=filtered) for part in node.iter_expressions())
    return {count for part in parts for count in part}


def _count(node: exp.Expr, lookup: Lookup) -> bool | None:
    """Whether the count reads protected columns; None when the expression is no count to which a row adds 0 or 1."""
    match node:
        case exp.Filter(this=counted, expression=exp.Where(this=condition)):
            inner = _count(counted, lookup)
            return None if inner is None else _test(condition, lookup) or inner
        case exp.CountIf():
            return _test(node.this, lookup)
        case exp.Sum() if _is_indicator(node.this):
            return _is_one(node.this, lookup)
        case exp.Count() if node.expressions:
            return None
        case exp.Count() if _is_count_of_rows(node):
            return False
        case exp.Count(this=exp.Distinct() as distinct) if not _find_others(distinct, {"expressions"}):
            parts = distinct.expressions
            if len(parts) > 1 and not all(isinstance(part, exp.Column) for part in parts):
                raise _Untraced
            return True in [_is_atom(part, lookup) for part in parts]
        case exp.Count(this=exp.Case() as case) if _is_indicator(case):
            return _is_one(case, lookup)
        case exp.Count():
            return _is_atom(node.this, lookup)
        case _:
            return None


def _is_indicator(node: exp.Expr) -> bool:
    """Whether it is 0, 1 or nothing for each row: `CASE WHEN … THEN 1 ELSE 0 END`, or a condition cast to a number."""
    if isinstance(node, exp.Cast):
        inner = node.this.unnest()
        return isinstance(inner, exp.Predicate | exp.Connector | exp.Not) and not isinstance(
            inner, exp.SubqueryPredicate
        )
    if not isinstance(node, exp.Case) or node.this is not None:
        return False
    values = [case.args.get("true") for case in node.args["ifs"]] + [node.args.get("default")]
    return all(
        value is None or isinstance(value, exp.Null) or (isinstance(value, exp.Literal) and value.name in ("0", "1"))
        for value in values
    )


def _is_one(node: exp.Expr, lookup: Lookup) -> bool:
    conditions = [node.this] if isinstance(node, exp.Cast) else [case.this for case in node.args["ifs"]]
    return True in [_test(condition, lookup) for condition in conditions]


def _test(node: exp.Expr, lookup: Lookup) -> bool:
    """Whether a condition reads protected columns; every part of it looks at one protected column, or at none."""
    node = node.unnest()
    if isinstance(node, exp.And | exp.Or):
        return True in [_test(node.left, lookup), _test(node.right, lookup)]
    if isinstance(node, exp.Not):
        return _test(node.this, lookup)
    return _is_atom(node, lookup)


def _is_atom(node: exp.Expr, lookup: Lookup) -> bool:
    sources = _trace_sources(node, lookup)
    if _is_protected(sources) and len(sources) > 1:
        raise _Untraced  # compared with another column, a value could be found by it
    return _is_protected(sources)


def _is_protected(sources: Sources) -> bool:
    return bool(sources - {OPEN})


def _trace_sources(node: exp.Expr, lookup: Lookup) -> Sources:
    """The columns that an expression over one row is made from."""
    if isinstance(node, exp.Column):
        return lookup(_name(node))
    if not isinstance(node, _SCALAR) or isinstance(node, _NOT_SCALAR):
        raise _Untraced
    if isinstance(node, exp.Anonymous) and node.name.lower() not in _FUNCTIONS:
        raise _Untraced
    if isinstance(node, exp.DataType):
        return frozenset()
    return frozenset(source for part in node.iter_expressions() for source in _trace_sources(part, lookup))


_ARITHMETIC = (
    *(exp.Paren, exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Cast, exp.TryCast, exp.Round),
    *(
        exp.Coalesce,
        exp.Nullif,
        exp.Greatest,
        exp.Least,
        exp.Case,
        exp.If,
        exp.EQ,
        exp.NEQ,
        exp.GT,
        exp.GTE,
        exp.LT,
        exp.LTE,
    ),
    *(exp.Abs, exp.Ceil, exp.Floor),
)
_SCALAR = (
    *(exp.Literal, exp.Boolean, exp.Null, exp.DataType, exp.Paren, exp.Tuple, exp.Binary, exp.Unary, exp.Predicate),
    *(exp.Func, exp.Case, exp.If, exp.Bracket, exp.Slice, exp.Interval, exp.Var, exp.Distinct),
)
_NOT_SCALAR = (
    *(exp.Query, exp.SubqueryPredicate, exp.AggFunc, exp.Window, exp.UDTF, exp.Explode, exp.Lambda, exp.Star, exp.Dot),
    *(exp.Columns, exp.Distinct, exp.Kwarg, exp.PropertyEQ),
)
_FUNCTIONS = frozenset(
    {
        "array_contains",
        "bar",
        "contains",
        "ends_with",
        "isfinite",
        "isinf",
        "isnan",
        "json_valid",
        "len",
        "list_contains",
    }
    | {
        "list_has",
        "nfc_normalize",
        "ord",
        "prefix",
        "regexp_full_match",
        "regexp_matches",
        "starts_with",
        "strip_accents",
    }
    | {"strlen", "suffix", "try_strptime", "typeof", "unicode"}
)
"""Functions of one row that the parser does not know by a type of their own."""
