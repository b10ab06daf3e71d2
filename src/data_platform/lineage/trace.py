"""Walks a query: by clause the uses that decide about rows, by column those that give values."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from data_platform.errors import BadInput
from data_platform.lineage import syntax
from data_platform.lineage.meaning import (
    FILTER,
    GROUP_BY,
    IDENTITY,
    JOIN,
    SORT,
    TRANSFORMATION,
    WINDOW,
    How,
    list_parts,
)
from data_platform.lineage.relations import (
    NONE,
    Named,
    QueryScope,
    Relation,
    Uses,
    apply_way,
    find_uses,
    merge_relations,
    merge_uses,
)

_MOST_STEPS = 500_000
"""The maximum of visited nodes and uses; a frame of 200 columns through 50 joins takes about 20,000."""

_LEAVES = (exp.Column, exp.Star, exp.Columns, exp.PositionalColumn, exp.Query, exp.Table)


class Tracer:
    """One walk; BadInput ends it where a query takes too long, since text of a kilobyte can mean 2**50 columns."""

    def __init__(self) -> None:
        self._steps = 0

    def query(self, node: exp.Expr, around: QueryScope) -> Relation:
        """The relation that a query gives inside `around`, whose tables and columns it sees."""
        scope = QueryScope(around.tables, around)
        self._add_ctes(node, scope)
        if isinstance(node, exp.Select):
            return self._resolve_select(node, scope)
        if isinstance(node, exp.SetOperation):
            return self._apply_order(node, self._resolve_set_operation(node, scope), scope)
        if isinstance(node, exp.Subquery):
            return self._apply_order(node, self._resolve_subquery(node, scope), scope)
        if isinstance(node, exp.Values):
            return self._resolve_values(node, scope)
        if isinstance(node, exp.Pivot):
            return _expand_pivot(self._expand_all(scope, self._add_source(node.this, scope)))
        raise BadInput(f"{type(node).__name__.upper()} is no query whose columns can be traced")

    def collect_uses(
        self, expression: exp.Expr | None, scope: QueryScope, how: How = IDENTITY, *, aliases_first: bool = False
    ) -> Uses:
        """The uses of every column in an expression, as they reach its value."""
        collected: set[Uses] = set()
        stack: list[tuple[exp.Expr | None, How, frozenset[str]]] = [(expression, how, frozenset())]
        while stack:
            node, way, bound = stack.pop()
            if node is None:
                continue
            self._count_steps(1)
            if isinstance(node, exp.Column) and not isinstance(node.this, exp.Star):
                collected.add(self._apply_how(self._resolve_column(node, scope, bound, aliases_first), way))
            elif isinstance(node, _LEAVES):
                collected.add(self._apply_how(self._resolve_leaf(node, scope), way))
            elif isinstance(node, exp.Exists):
                collected.add(self._apply_how(self.query(node.this, scope).rows, way.to_indirect("CONDITIONAL")))
            else:
                bound |= syntax.list_bound_names(node)
                stack.extend((child, further, bound) for child, further in list_parts(node, way))
            if isinstance(node, exp.Window) and node.args.get("alias"):
                collected.add(self._apply_how(scope.windows, way))
        return merge_uses(collected)

    def _resolve_column(self, node: exp.Column, scope: QueryScope, bound: frozenset[str], aliases_first: bool) -> Uses:
        names = [part.name for part in node.parts]
        uses = scope.resolve([name.casefold() for name in names], aliases_first=aliases_first)
        if uses is not None:
            return uses
        if names[0].casefold() in bound | syntax.VALUES_WITHOUT_TABLE:
            return NONE
        raise BadInput(f"the query reads the column {'.'.join(names)}, which none of its tables has")

    def _resolve_leaf(self, node: exp.Expr, scope: QueryScope) -> Uses:
        """The uses of a leaf with several columns: a query, a star."""
        if isinstance(node, exp.Query):
            result = self.query(node, scope)
            return result.all_uses | result.rows
        if isinstance(node, exp.Table):
            return self._resolve_source(node, scope)[1].all_uses
        if isinstance(node, exp.Star) and isinstance(node.parent, exp.Count):
            return NONE
        return self._expand_star(node, scope).all_uses

    def _resolve_select(self, node: exp.Select, scope: QueryScope) -> Relation:
        rows = self._resolve_from(node, scope)
        scope.windows = merge_uses(self.collect_uses(window, scope, WINDOW) for window in syntax.list_windows(node))
        result = self._resolve_projections(node, scope)
        rows |= merge_uses(
            self.collect_uses(expression, scope, JOIN)
            for expression in node.expressions
            if syntax.is_row_generator(expression)
        )
        for clause in ("where", "having", "qualify"):
            rows |= self.collect_uses(node.args.get(clause), scope, FILTER)
        rows |= self._resolve_group(node, result, scope) | self._resolve_distinct(node, result, scope)
        return self._apply_order(node, result.with_deciding(rows), scope)

    def _resolve_projections(self, node: exp.Select, scope: QueryScope) -> Relation:
        names: list[str] = []
        columns: list[Uses] = []
        rest: Uses | None = None
        for expression in node.expressions:
            if syntax.is_star(expression):
                star = self._expand_star(expression, scope)
                names += star.names
                columns += star.uses
                rest = rest if star.rest is None else (rest or NONE) | star.rest
            else:
                uses = self.collect_uses(expression, scope)
                for name in syntax.list_output_names(expression):
                    names.append(name)
                    columns.append(uses)
                    scope.aliases.setdefault(name.casefold(), uses)
        return Relation(tuple(names), tuple(columns), rest=rest)

    def _expand_star(self, node: exp.Expr, scope: QueryScope) -> Relation:
        """The columns of `*` or `t.*`; `COLUMNS(…)` and `#1` may be any column."""
        if not isinstance(node, exp.Star | exp.Column):
            everything = self._expand_all(scope).all_uses
            return Relation((), (), rest=self._apply_how(everything, TRANSFORMATION))
        qualifier = [part.name.casefold() for part in node.parts[:-1]] if isinstance(node, exp.Column) else []
        if qualifier and not scope.has(qualifier):
            fields = scope.resolve(qualifier) or NONE  # of a struct
            return Relation((), (), rest=self._apply_how(fields, TRANSFORMATION))
        return self._apply_star_changes(
            node.this if isinstance(node, exp.Column) else node, self._expand_all(scope, of=qualifier), scope
        )

    def _apply_star_changes(self, star: exp.Star, every: Relation, scope: QueryScope) -> Relation:
        """The columns of a star after EXCLUDE, RENAME and REPLACE."""
        dropped = {column.name.casefold() for column in star.args.get("except_") or ()}
        renamed = {alias.this.name.casefold(): alias.alias for alias in star.args.get("rename") or ()}
        replaced = {alias.alias.casefold(): alias.this for alias in star.args.get("replace") or ()}
        kept = [
            (name, uses) for name, uses in zip(every.names, every.uses, strict=True) if name.casefold() not in dropped
        ]
        names = tuple(renamed.get(name.casefold(), name) for name, _ in kept)
        values = (
            self.collect_uses(replaced[key], scope) if (key := n.casefold()) in replaced else uses for n, uses in kept
        )
        return Relation(names, tuple(values), rest=every.rest)

    def _expand_all(self, scope: QueryScope, rows: Uses = NONE, of: Sequence[str] = ()) -> Relation:
        """Every column of a scope's tables, or of one of them."""
        result = scope.expand_star(of)
        self._count_steps(len(result.names) + sum(map(len, result.uses)))
        return result.with_deciding(rows)

    def _resolve_from(self, node: exp.Select, scope: QueryScope) -> Uses:
        """What decides about the rows of FROM; its tables come into the scope one after the other."""
        source = node.args.get("from_")
        rows = self._add_source(source.this, scope) if source is not None else NONE
        for join in node.args.get("joins") or ():
            rows |= self._resolve_join(join, scope)
        for lateral in node.args.get("laterals") or ():
            rows |= self._add_source(lateral, scope)
        return rows

    def _add_source(self, node: exp.Expr, scope: QueryScope) -> Uses:
        node = syntax.strip_parentheses(node)
        name, relation = self._resolve_source(node, scope)
        scope.sources.append((name, relation))
        return merge_uses([relation.rows, *(self._resolve_join(join, scope) for join in node.args.get("joins") or ())])

    def _resolve_join(self, join: exp.Join, scope: QueryScope) -> Uses:
        before = list(scope.sources)
        rows = self._add_source(join.this, scope)
        keys = {key.name.casefold() for key in join.args.get("using") or ()}
        if join.method == "NATURAL":
            new = scope.sources[len(before) :]
            keys = {name for _, source in new for name in source.columns if find_uses(before, name) is not None}
        for key in sorted(keys):
            rows |= self._merge_column(key, len(before), join.side, scope)
        rows |= self.collect_uses(join.args.get("on"), scope, JOIN)
        if join.kind in ("SEMI", "ANTI"):
            scope.sources[:] = before
        return rows

    def _merge_column(self, key: str, at: int, side: str, scope: QueryScope) -> Uses:
        """The one column that USING makes of two: the left one's value, after an outer join perhaps the right one's.

        The sources of the right side begin at `at`.
        """
        left, right = scope.merged.get(key) or find_uses(scope.sources[:at], key), find_uses(scope.sources[at:], key)
        if left is None or right is None:
            raise BadInput(f"the query joins USING {key}, which not both sides have")
        scope.merged[key] = {"RIGHT": right, "FULL": left | right}.get(side, left)
        scope.hidden |= {(place, key) for place in range(at, len(scope.sources))}
        return self._apply_how(left | right, JOIN)

    def _resolve_source(self, node: exp.Expr, scope: QueryScope) -> Named:
        """One item of FROM: its name and its relation."""
        relation, name = self._resolve_item(node, scope), node.alias
        for pivot in node.args.get("pivots") or ():
            relation, name = _expand_pivot(relation), pivot.alias or name
        called = (name,) if name else syntax.get_table_name(node)
        return tuple(part.casefold() for part in called), relation.rename(syntax.list_alias_columns(node))

    def _resolve_item(self, node: exp.Expr, scope: QueryScope) -> Relation:
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            return self._resolve_table(node, scope)
        if isinstance(node, exp.Lateral) and isinstance(node.this, exp.Query):
            return self.query(node.this, scope)
        if isinstance(node, exp.Values | exp.Query):
            return self.query(node, scope)
        return self._resolve_function(node.this if isinstance(node, exp.Table) else node, scope)

    def _resolve_table(self, node: exp.Table, scope: QueryScope) -> Relation:
        name = ".".join(syntax.get_table_name(node))
        relation = scope.tables.get(name.casefold())
        if relation is None:
            raise BadInput(f"the query reads the table {name}, which is not known")
        self._count_steps(len(relation.names))
        return relation

    def _resolve_function(self, node: exp.Expr, scope: QueryScope) -> Relation:
        """A table function: its arguments may affect every column and the number of rows."""
        read = merge_uses(self.collect_uses(child, scope, TRANSFORMATION) for child in syntax.list_arguments(node))
        return Relation((), (), apply_way(read, JOIN), read)

    def _resolve_subquery(self, node: exp.Subquery, scope: QueryScope) -> Relation:
        if not isinstance(node.this, exp.Table):
            return self.query(node.this, scope)
        return self._expand_all(scope, self._add_source(node.this, scope))

    def _resolve_values(self, node: exp.Values, scope: QueryScope) -> Relation:
        rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in node.expressions]
        width = max(map(len, rows), default=0)
        columns = [
            merge_uses(self.collect_uses(row[at], scope) for row in rows if at < len(row)) for at in range(width)
        ]
        return Relation(tuple(f"col{at}" for at in range(width)), tuple(columns))

    def _add_ctes(self, node: exp.Expr, scope: QueryScope) -> None:
        clause = node.args.get("with_")
        if clause is None:
            return
        scope.tables = dict(scope.tables)
        for cte in clause.expressions:
            names, name = syntax.list_alias_columns(cte), cte.alias.casefold()
            if clause.args.get("recursive") and isinstance(cte.this, exp.SetOperation):
                scope.tables[name] = self._resolve_recursive(cte.this, name, names, scope)
            else:
                scope.tables[name] = self.query(cte.this, scope).rename(names)

    def _resolve_recursive(
        self, node: exp.SetOperation, name: str, names: Sequence[str], scope: QueryScope
    ) -> Relation:
        """What the first branch gives, and the second makes of it, until nothing new is found."""
        result = self.query(node.this, scope).rename(names)
        while True:
            step = self.query(node.expression, QueryScope({**scope.tables, name: result}, scope.outer))
            more = merge_relations(node, result, step)
            if more == result:
                return result
            result = more

    def _resolve_set_operation(self, node: exp.SetOperation, scope: QueryScope) -> Relation:
        """UNION, EXCEPT, INTERSECT; long chains lean to the left, and are walked without recursion."""
        chain = [node]
        while isinstance(chain[-1].this, exp.SetOperation):
            chain.append(chain[-1].this)
        result = self.query(chain[-1].this, scope)
        for operation in reversed(chain):
            right = self.query(operation.expression, scope)
            self._count_steps(sum(map(len, (*result.uses, *right.uses, result.rows, right.rows))))
            result = merge_relations(operation, result, right)
        return result

    def _resolve_group(self, node: exp.Select, result: Relation, scope: QueryScope) -> Uses:
        group = node.args.get("group")
        if group is None:
            return NONE
        rows = merge_uses(self._resolve_key(key, result, scope, GROUP_BY) for key in syntax.list_group_keys(group))
        if group.args.get("all"):
            keys = (expression for expression in node.expressions if not syntax.contains_aggregate(expression))
            rows |= merge_uses(self.collect_uses(key, scope, GROUP_BY) for key in keys)
        return rows

    def _resolve_distinct(self, node: exp.Select, result: Relation, scope: QueryScope) -> Uses:
        distinct = node.args.get("distinct")
        if distinct is None:
            return NONE
        on = distinct.args.get("on")
        return self.collect_uses(on, scope, GROUP_BY) if on is not None else self._apply_how(result.all_uses, GROUP_BY)

    def _apply_order(self, node: exp.Expr, result: Relation, scope: QueryScope) -> Relation:
        """The relation under ORDER BY and LIMIT; over UNION and in parentheses the keys are its own columns."""
        if not isinstance(node, exp.Select):
            scope.aliases.update(result.columns)
        order, rows = node.args.get("order"), NONE
        for key in order.expressions if order is not None else ():
            rows |= self._resolve_key(key, result, scope, SORT)
        for clause in ("limit", "offset"):
            rows |= self.collect_uses(node.args.get(clause), scope, FILTER)
        return result.with_deciding(rows)

    def _resolve_key(self, key: exp.Expr, result: Relation, scope: QueryScope, how: How) -> Uses:
        """A key of GROUP BY or ORDER BY: an expression, a position, or ALL."""
        bare = key.this if isinstance(key, exp.Ordered) else key
        if isinstance(bare, exp.Literal) and bare.is_int and 1 <= int(bare.name) <= len(result.uses):
            return self._apply_how(result.uses_at(int(bare.name)), how)
        if isinstance(bare, exp.Var) and bare.name.upper() == "ALL":
            return self._apply_how(result.all_uses, how)
        return self.collect_uses(bare, scope, how, aliases_first=how is SORT)

    def _apply_how(self, uses: Uses, how: How) -> Uses:
        self._count_steps(len(uses))
        return uses if how == IDENTITY else apply_way(uses, how)

    def _count_steps(self, steps: int) -> None:
        self._steps += steps
        if self._steps > _MOST_STEPS:
            raise BadInput("the query is too large to trace its columns", hint="select fewer columns in its subqueries")


def _expand_pivot(relation: Relation) -> Relation:
    """PIVOT and UNPIVOT: columns named by data, each perhaps made of anything."""
    everything = relation.all_uses
    return Relation((), (), relation.rows | apply_way(everything, GROUP_BY), apply_way(everything))
