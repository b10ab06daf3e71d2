"""The walk over a query: clause by clause what decides about rows, column by column what gives values."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from data_platform.errors import BadInput
from data_platform.lineage import shapes
from data_platform.lineage.meaning import FILTER, GROUP_BY, IDENTITY, JOIN, SORT, TRANSFORMATION, WINDOW, How, parts
from data_platform.lineage.relations import NONE, Named, Relation, Scope, Uses, combined, find, union, within

_MOST_STEPS = 500_000
"""Nodes and uses looked at; a frame of 200 columns through 50 joins takes about 20,000."""

_LEAVES = (exp.Column, exp.Star, exp.Columns, exp.PositionalColumn, exp.Query, exp.Table)


class Tracer:
    """One walk; BadInput ends it where a query takes too long, since text of a kilobyte can mean 2**50 columns."""

    def __init__(self) -> None:
        self._steps = 0

    def query(self, node: exp.Expr, around: Scope) -> Relation:
        """The relation that a query gives inside `around`, whose tables and columns it sees."""
        scope = Scope(around.tables, around)
        self._with(node, scope)
        if isinstance(node, exp.Select):
            return self._select(node, scope)
        if isinstance(node, exp.SetOperation):
            return self._ordered(node, self._set_operation(node, scope), scope)
        if isinstance(node, exp.Subquery):
            return self._ordered(node, self._subquery(node, scope), scope)
        if isinstance(node, exp.Values):
            return self._values(node, scope)
        if isinstance(node, exp.Pivot):
            return _pivoted(self._all(scope, self._add(node.this, scope)))
        raise BadInput(f"{type(node).__name__.upper()} is no query whose columns can be traced")

    def uses(
        self, expression: exp.Expr | None, scope: Scope, how: How = IDENTITY, *, aliases_first: bool = False
    ) -> Uses:
        """The uses of every column in an expression, as they reach its value."""
        found: set[Uses] = set()
        stack: list[tuple[exp.Expr | None, How, frozenset[str]]] = [(expression, how, frozenset())]
        while stack:
            node, way, bound = stack.pop()
            if node is None:
                continue
            self._spend(1)
            if isinstance(node, exp.Column) and not isinstance(node.this, exp.Star):
                found.add(self._within(self._column(node, scope, bound, aliases_first), way))
            elif isinstance(node, _LEAVES):
                found.add(self._within(self._several(node, scope), way))
            elif isinstance(node, exp.Exists):
                found.add(self._within(self.query(node.this, scope).rows, way.looked_at("CONDITIONAL")))
            else:
                bound |= shapes.bound_names(node)
                stack.extend((child, further, bound) for child, further in parts(node, way))
            if isinstance(node, exp.Window) and node.args.get("alias"):
                found.add(self._within(scope.windows, way))
        return union(found)

    def _column(self, node: exp.Column, scope: Scope, bound: frozenset[str], aliases_first: bool) -> Uses:
        names = [part.name for part in node.parts]
        found = scope.resolve([name.casefold() for name in names], aliases_first=aliases_first)
        if found is not None:
            return found
        if names[0].casefold() in bound | shapes.VALUES_WITHOUT_TABLE:
            return NONE
        raise BadInput(f"the query reads the column {'.'.join(names)}, which none of its tables has")

    def _several(self, node: exp.Expr, scope: Scope) -> Uses:
        """A leaf that stands for more than one column: a query, a star."""
        if isinstance(node, exp.Query):
            result = self.query(node, scope)
            return result.all_uses | result.rows
        if isinstance(node, exp.Table):
            return self._source(node, scope)[1].all_uses
        if isinstance(node, exp.Star) and isinstance(node.parent, exp.Count):
            return NONE
        return self._star(node, scope).all_uses

    def _select(self, node: exp.Select, scope: Scope) -> Relation:
        rows = self._from(node, scope)
        scope.windows = union(self.uses(each, scope, WINDOW) for each in shapes.named_windows(node))
        result = self._projections(node, scope)
        rows |= union(self.uses(each, scope, JOIN) for each in node.expressions if shapes.makes_rows(each))
        for clause in ("where", "having", "qualify"):
            rows |= self.uses(node.args.get(clause), scope, FILTER)
        rows |= self._grouped(node, result, scope) | self._distinct(node, result, scope)
        return self._ordered(node, result.decided_by(rows), scope)

    def _projections(self, node: exp.Select, scope: Scope) -> Relation:
        names: list[str] = []
        columns: list[Uses] = []
        rest: Uses | None = None
        for expression in node.expressions:
            if shapes.is_star(expression):
                found = self._star(expression, scope)
                names += found.names
                columns += found.uses
                rest = rest if found.rest is None else (rest or NONE) | found.rest
            else:
                uses = self.uses(expression, scope)
                for name in shapes.output_names(expression):
                    names.append(name)
                    columns.append(uses)
                    scope.aliases.setdefault(name.casefold(), uses)
        return Relation(tuple(names), tuple(columns), rest=rest)

    def _star(self, node: exp.Expr, scope: Scope) -> Relation:
        """What `*` or `t.*` stands for; `COLUMNS(…)` and `#1` stand for any column."""
        if not isinstance(node, exp.Star | exp.Column):
            everything = self._all(scope).all_uses
            return Relation((), (), rest=self._within(everything, TRANSFORMATION))
        qualifier = [part.name.casefold() for part in node.parts[:-1]] if isinstance(node, exp.Column) else []
        if qualifier and not scope.has(qualifier):
            fields = scope.resolve(qualifier) or NONE  # of a struct
            return Relation((), (), rest=self._within(fields, TRANSFORMATION))
        return self._changed(node.this if isinstance(node, exp.Column) else node, self._all(scope, of=qualifier), scope)

    def _changed(self, star: exp.Star, every: Relation, scope: Scope) -> Relation:
        """The columns of a star after EXCLUDE, RENAME and REPLACE."""
        dropped = {each.name.casefold() for each in star.args.get("except_") or ()}
        renamed = {each.this.name.casefold(): each.alias for each in star.args.get("rename") or ()}
        replaced = {each.alias.casefold(): each.this for each in star.args.get("replace") or ()}
        kept = [
            (name, uses) for name, uses in zip(every.names, every.uses, strict=True) if name.casefold() not in dropped
        ]
        names = tuple(renamed.get(name.casefold(), name) for name, _ in kept)
        values = (self.uses(replaced[key], scope) if (key := n.casefold()) in replaced else uses for n, uses in kept)
        return Relation(names, tuple(values), rest=every.rest)

    def _all(self, scope: Scope, rows: Uses = NONE, of: Sequence[str] = ()) -> Relation:
        """Every column of a scope's tables, or of one of them."""
        result = scope.everything(of)
        self._spend(len(result.names) + sum(map(len, result.uses)))
        return result.decided_by(rows)

    def _from(self, node: exp.Select, scope: Scope) -> Uses:
        """What decides about the rows of FROM; its tables come into the scope one after the other."""
        source = node.args.get("from_")
        rows = self._add(source.this, scope) if source is not None else NONE
        for join in node.args.get("joins") or ():
            rows |= self._join(join, scope)
        for lateral in node.args.get("laterals") or ():
            rows |= self._add(lateral, scope)
        return rows

    def _add(self, node: exp.Expr, scope: Scope) -> Uses:
        node = shapes.without_parentheses(node)
        name, relation = self._source(node, scope)
        scope.sources.append((name, relation))
        return union([relation.rows, *(self._join(join, scope) for join in node.args.get("joins") or ())])

    def _join(self, join: exp.Join, scope: Scope) -> Uses:
        before = list(scope.sources)
        rows = self._add(join.this, scope)
        keys = {key.name.casefold() for key in join.args.get("using") or ()}
        if join.method == "NATURAL":
            new = scope.sources[len(before) :]
            keys = {name for _, source in new for name in source.columns if find(before, name) is not None}
        for key in sorted(keys):
            rows |= self._merge(key, len(before), join.side, scope)
        rows |= self.uses(join.args.get("on"), scope, JOIN)
        if join.kind in ("SEMI", "ANTI"):
            scope.sources[:] = before
        return rows

    def _merge(self, key: str, at: int, side: str, scope: Scope) -> Uses:
        """The one column that USING makes of two: the left one's value, after an outer join perhaps the right one's.

        The sources of the right side begin at `at`.
        """
        left, right = scope.merged.get(key) or find(scope.sources[:at], key), find(scope.sources[at:], key)
        if left is None or right is None:
            raise BadInput(f"the query joins USING {key}, which not both sides have")
        scope.merged[key] = {"RIGHT": right, "FULL": left | right}.get(side, left)
        scope.hidden |= {(place, key) for place in range(at, len(scope.sources))}
        return self._within(left | right, JOIN)

    def _source(self, node: exp.Expr, scope: Scope) -> Named:
        """One item of FROM: the name it is called by, and what it stands for."""
        relation, name = self._item(node, scope), node.alias
        for pivot in node.args.get("pivots") or ():
            relation, name = _pivoted(relation), pivot.alias or name
        called = (name,) if name else shapes.table_name(node)
        return tuple(part.casefold() for part in called), relation.named(shapes.alias_columns(node))

    def _item(self, node: exp.Expr, scope: Scope) -> Relation:
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            return self._table(node, scope)
        if isinstance(node, exp.Lateral) and isinstance(node.this, exp.Query):
            return self.query(node.this, scope)
        if isinstance(node, exp.Values | exp.Query):
            return self.query(node, scope)
        return self._function(node.this if isinstance(node, exp.Table) else node, scope)

    def _table(self, node: exp.Table, scope: Scope) -> Relation:
        name = ".".join(shapes.table_name(node))
        found = scope.tables.get(name.casefold())
        if found is None:
            raise BadInput(f"the query reads the table {name}, which is not known")
        self._spend(len(found.names))
        return found

    def _function(self, node: exp.Expr, scope: Scope) -> Relation:
        """A table function: whatever it takes may be in every column it gives, and in how many rows there are."""
        read = union(self.uses(child, scope, TRANSFORMATION) for child in shapes.arguments(node))
        return Relation((), (), within(read, JOIN), read)

    def _subquery(self, node: exp.Subquery, scope: Scope) -> Relation:
        if not isinstance(node.this, exp.Table):
            return self.query(node.this, scope)
        return self._all(scope, self._add(node.this, scope))

    def _values(self, node: exp.Values, scope: Scope) -> Relation:
        rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in node.expressions]
        width = max(map(len, rows), default=0)
        columns = [union(self.uses(row[at], scope) for row in rows if at < len(row)) for at in range(width)]
        return Relation(tuple(f"col{at}" for at in range(width)), tuple(columns))

    def _with(self, node: exp.Expr, scope: Scope) -> None:
        clause = node.args.get("with_")
        if clause is None:
            return
        scope.tables = dict(scope.tables)
        for cte in clause.expressions:
            names, name = shapes.alias_columns(cte), cte.alias.casefold()
            if clause.args.get("recursive") and isinstance(cte.this, exp.SetOperation):
                scope.tables[name] = self._recursive(cte.this, name, names, scope)
            else:
                scope.tables[name] = self.query(cte.this, scope).named(names)

    def _recursive(self, node: exp.SetOperation, name: str, names: Sequence[str], scope: Scope) -> Relation:
        """What the first branch gives, and the second makes of it, until nothing new is found."""
        known = self.query(node.this, scope).named(names)
        while True:
            step = self.query(node.expression, Scope({**scope.tables, name: known}, scope.outer))
            more = combined(node, known, step)
            if more == known:
                return known
            known = more

    def _set_operation(self, node: exp.SetOperation, scope: Scope) -> Relation:
        """UNION, EXCEPT, INTERSECT; long chains lean to the left, and are walked without recursion."""
        chain = [node]
        while isinstance(chain[-1].this, exp.SetOperation):
            chain.append(chain[-1].this)
        result = self.query(chain[-1].this, scope)
        for each in reversed(chain):
            right = self.query(each.expression, scope)
            self._spend(sum(map(len, (*result.uses, *right.uses, result.rows, right.rows))))
            result = combined(each, result, right)
        return result

    def _grouped(self, node: exp.Select, result: Relation, scope: Scope) -> Uses:
        group = node.args.get("group")
        if group is None:
            return NONE
        rows = union(self._key(key, result, scope, GROUP_BY) for key in shapes.group_keys(group))
        if group.args.get("all"):
            keys = (each for each in node.expressions if not shapes.aggregates(each))
            rows |= union(self.uses(key, scope, GROUP_BY) for key in keys)
        return rows

    def _distinct(self, node: exp.Select, result: Relation, scope: Scope) -> Uses:
        distinct = node.args.get("distinct")
        if distinct is None:
            return NONE
        on = distinct.args.get("on")
        return self.uses(on, scope, GROUP_BY) if on is not None else self._within(result.all_uses, GROUP_BY)

    def _ordered(self, node: exp.Expr, result: Relation, scope: Scope) -> Relation:
        """The relation under ORDER BY and LIMIT; over UNION and in parentheses the keys are its own columns."""
        if not isinstance(node, exp.Select):
            scope.aliases.update(result.columns)
        order, rows = node.args.get("order"), NONE
        for key in order.expressions if order is not None else ():
            rows |= self._key(key, result, scope, SORT)
        for clause in ("limit", "offset"):
            rows |= self.uses(node.args.get(clause), scope, FILTER)
        return result.decided_by(rows)

    def _key(self, key: exp.Expr, result: Relation, scope: Scope, how: How) -> Uses:
        """A key of GROUP BY or ORDER BY: an expression, a position, or ALL."""
        bare = key.this if isinstance(key, exp.Ordered) else key
        if isinstance(bare, exp.Literal) and bare.is_int and 1 <= int(bare.name) <= len(result.uses):
            return self._within(result.at(int(bare.name)), how)
        if isinstance(bare, exp.Var) and bare.name.upper() == "ALL":
            return self._within(result.all_uses, how)
        return self.uses(bare, scope, how, aliases_first=how is SORT)

    def _within(self, uses: Uses, how: How) -> Uses:
        self._spend(len(uses))
        return uses if how == IDENTITY else within(uses, how)

    def _spend(self, steps: int) -> None:
        self._steps += steps
        if self._steps > _MOST_STEPS:
            raise BadInput("the query is too large to trace its columns", hint="select fewer columns in its subqueries")


def _pivoted(relation: Relation) -> Relation:
    """PIVOT and UNPIVOT: columns named by data, each perhaps made of anything."""
    everything = relation.all_uses
    return Relation((), (), relation.rows | within(everything, GROUP_BY), within(everything))
