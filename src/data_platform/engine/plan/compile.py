"""Compiles a plan to one SQL statement: readable, pruned to the columns read, and the same for every dialect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import pyarrow as pa
from sqlglot import exp, transpile

from data_platform.engine.origin import Origin
from data_platform.engine.plan.names import Field
from data_platform.engine.plan.needed_columns import Needs, find_needs, select_needed
from data_platform.engine.plan.nodes import (
    Aggregation,
    Distinct,
    Filter,
    Join,
    Limit,
    Plan,
    Project,
    Scan,
    Sort,
    UnionAll,
    list_children,
    walk_bottom_up,
)
from data_platform.engine.plan.predicates import find_predicates, is_random
from data_platform.engine.plan.schema import build_schema
from data_platform.engine.plan.typed import find_form
from data_platform.engine.spark_functions.duckdb import SparkOnDuckDB


@dataclass(frozen=True)
class Compiled:
    """A frame made ready to run, here or elsewhere.

    `query` is Spark's SQL and `runs` DuckDB's, which gives the same values; both name their tables by the aliases of
    `scans`. `sources` says which columns of each it reads, and `masked` those of which it shows a constant, which are
    never opened; `predicates` which of its rows matter, where not all do. The result's columns are slots, in the order
    of the frame's fields. `root` is the plan that was compiled.
    """

    root: Plan
    fields: tuple[Field, ...]
    query: exp.Query
    runs: exp.Query
    scans: Mapping[str, Scan]
    sources: Mapping[str, frozenset[str]]
    masked: Mapping[str, frozenset[str]]
    predicates: Mapping[str, exp.Expr]

    @cached_property
    def schema(self) -> pa.Schema:
        """The names and types of the result's columns."""
        return build_schema(self.fields)

    def sql(self, dialect: str = "duckdb", *, pretty: bool = True) -> str:
        """The statement in a dialect that sqlglot knows; DuckDB's is written so that it gives Spark's values."""
        if dialect == "duckdb":
            return self.runs.sql(SparkOnDuckDB, pretty=pretty, identify=True)
        text = self.query.sql("spark", pretty=pretty, identify=True)
        return (
            text
            if dialect == "spark"
            else transpile(text, read="spark", write=dialect, pretty=pretty, identify=True)[0]
        )

    @property
    def provenance(self) -> Mapping[Origin, frozenset[str]]:
        """The columns really read, by origin."""
        merged: dict[Origin, frozenset[str]] = {}
        for alias, columns in self.sources.items():
            origin = self.scans[alias].origin
            if origin is not None:
                merged[origin] = merged.get(origin, frozenset()) | columns
        return merged


def compile_plan(root: Plan, fields: Sequence[Field]) -> Compiled:
    """The plan as one statement that delivers `fields`."""
    needed = find_needs(root, [item.slot for item in fields])
    aliases = _name_scans(root)
    parents = Counter(id(child) for node in walk_bottom_up(root) for child in list_children(node))
    slots = [item.slot for item in fields]
    query = _Renderer(needed, aliases, parents, lambda expression: expression).render(root, slots)
    runs = _Renderer(needed, aliases, parents, find_form).render(root, slots)
    scans = {alias: node for node, alias in aliases.items()}
    read = {alias: needed[id(scan)] for alias, scan in scans.items()}
    return Compiled(
        root,
        tuple(fields),
        query,
        runs,
        scans,
        sources={alias: columns - scans[alias].view.constants for alias, columns in read.items()},
        masked={alias: columns & scans[alias].view.constants for alias, columns in read.items()},
        predicates={aliases[scan]: condition for scan, condition in find_predicates(root).items()},
    )


def _name_scans(root: Plan) -> dict[Scan, str]:
    """Every consumed version has a name of its own in the statement, even of the same output."""
    taken: set[str] = set()
    return {node: _make_unique(node.name, taken) for node in walk_bottom_up(root) if isinstance(node, Scan)}


def _make_unique(name: str, taken: set[str]) -> str:
    result, number = name, 2
    while result.casefold() in taken:
        result, number = f"{name}_{number}", number + 1
    taken.add(result.casefold())
    return result


@dataclass(frozen=True)
class _Block:
    """One SELECT under construction: operations are added to it as long as SQL's order of clauses allows."""

    query: exp.Select
    outputs: Mapping[str, exp.Expr]
    order: tuple[exp.Ordered, ...] = ()
    computed: bool = False  # has projections that WHERE and JOIN cannot see
    grouped: bool = False
    closed: bool = False  # has LIMIT: later operations must see its result

    def rewrite(self, expression: exp.Expr) -> exp.Expr:
        """An expression over slots as one over this block's tables."""
        return expression.transform(self._replace_slot)

    def rewrite_order(self, key: exp.Ordered, value: exp.Expr) -> exp.Ordered:
        """A sort key of this value over slots as one over this block's tables."""
        return exp.Ordered(this=self.rewrite(value), desc=key.args["desc"], nulls_first=key.args["nulls_first"])

    def _replace_slot(self, node: exp.Expr) -> exp.Expr:
        return self.outputs[node.name].copy() if isinstance(node, exp.Column) else node

    @property
    def open(self) -> bool:
        """Whether WHERE, JOIN and new projections may still be added."""
        return not (self.computed or self.grouped or self.closed)


@dataclass
class _Renderer:
    needed: Needs
    aliases: Mapping[Scan, str]
    parents: Counter[int]
    form: Callable[[exp.Expr], exp.Expr]
    ctes: list[tuple[str, exp.Query]] = field(default_factory=list)
    blocks: dict[int, _Block] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def render(self, root: Plan, slots: Sequence[str]) -> exp.Query:
        self.taken = {alias.casefold() for alias in self.aliases.values()}
        for node in walk_bottom_up(root):
            block = self._render_node(node)
            if self.parents[id(node)] > 1 and not isinstance(node, Scan):
                block = self._close_block(block)
            self.blocks[id(node)] = block
        query: exp.Query = self._select(self.blocks[id(root)], slots)
        for name, body in self.ctes:
            query = query.with_(exp.to_identifier(name, quoted=True), as_=body, copy=False)
        return query

    def _render_node(self, node: Plan) -> _Block:
        match node:
            case Scan():
                return self._build_table(self.aliases[node], self.needed[id(node)])
            case Filter(child, condition):
                block = self._open_block(child)
                return replace(block, query=block.query.where(block.rewrite(self.form(condition))))
            case Project():
                return self._render_project(node)
            case Aggregation():
                return self._render_aggregate(node)
            case Join():
                return self._render_join(node)
            case Sort(child, keys):
                block = self._fit_block(child, lambda b: not b.closed)
                return replace(
                    block,
                    order=tuple(block.rewrite_order(key, self.form(key.this)) for key in keys if key.find(exp.Column)),
                )
            case Limit(child, count, offset):
                block = self._fit_block(child, lambda b: not b.closed)
                query = block.query if count is None else block.query.limit(count)
                return replace(block, query=query.offset(offset) if offset else query, closed=True)
            case Distinct(child, all_slots, on):
                return self._render_distinct(node, child, all_slots, on)
            case UnionAll():
                return self._render_union(node)

    def _render_project(self, node: Project) -> _Block:
        wanted = self.needed[id(node)]
        outputs = [(slot, value) for slot, value in node.outputs if select_needed(((slot, value),), wanted)]
        bare = all(isinstance(value, exp.Column) for _, value in outputs)
        block = self._fit_block(node.child, lambda b: bare or b.open)
        new = {slot: block.rewrite(self.form(value)) for slot, value in outputs}
        result = replace(block, outputs=new, computed=block.computed or not bare)
        return self._close_block(result) if any(_needs_own_query(value) for _, value in outputs) else result

    def _render_aggregate(self, node: Aggregation) -> _Block:
        block = self._open_block(node.child)
        wanted = self.needed[id(node)]
        query = (
            block.query.group_by(*(block.rewrite(self.form(key)) for _, key in node.keys)) if node.keys else block.query
        )
        outputs = {slot: block.rewrite(self.form(value)) for slot, value in node.outputs if slot in wanted}
        # without keys there is one row, even if no column of it is needed
        outputs = outputs or {"_": exp.Count(this=exp.Star())}
        return _Block(query, outputs, computed=True, grouped=True)

    def _render_join(self, node: Join) -> _Block:
        left = self._fit_block(node.left, lambda b: b.open and (node.how not in ("right", "full") or _is_plain(b)))
        right = self.blocks[id(node.right)]
        if not _is_table(right):
            right = self._close_block(right, keep_order=False)
        left, right = self._rename_right(left, right)
        sides = {"l": left.outputs, "r": right.outputs}

        def replace_slot(item: exp.Expr) -> exp.Expr:
            return sides[item.table][item.name].copy() if isinstance(item, exp.Column) else item

        condition = None if node.condition is None else self.form(node.condition).transform(replace_slot)
        kind = {"inner": "", "full": "full outer", "semi": "left semi", "anti": "left anti"}.get(node.how, node.how)
        query = left.query.join(right.query.args["from_"].this, on=condition, join_type=kind)
        wanted = self.needed[id(node)]
        outputs = {slot: self.form(value).transform(replace_slot) for slot, value in node.outputs if slot in wanted}
        computed = not all(isinstance(value, exp.Column) for value in outputs.values())
        return _Block(query, outputs, computed=computed)

    def _rename_right(self, left: _Block, right: _Block) -> tuple[_Block, _Block]:
        """The right table under another name when the left side has one of that name (a self-join)."""
        names = {table.alias_or_name.casefold() for table in _list_tables(left.query)}
        table = right.query.args["from_"].this
        if table.alias_or_name.casefold() not in names:
            return left, right
        renamed = self._build_table(table.name, (), _make_unique(table.name, names | self.taken))
        owner = exp.to_identifier(renamed.query.args["from_"].this.alias, quoted=True)
        outputs = {
            slot: exp.Column(this=value.this.copy(), table=owner.copy()) for slot, value in right.outputs.items()
        }
        return left, replace(renamed, outputs=outputs)

    def _render_distinct(self, node: Distinct, child: Plan, all_slots: Sequence[str], on: Sequence[str]) -> _Block:
        block = self._fit_block(child, lambda b: not b.closed and not b.grouped)
        block = replace(block, order=())
        slots = sorted(self.needed[id(node)], key=list(all_slots).index) if on else list(all_slots)
        distinct = [block.outputs[slot].copy() for slot in on]
        query = block.query.distinct(*distinct, copy=True)
        return self._close_block(replace(block, query=query), slots)

    def _render_union(self, node: UnionAll) -> _Block:
        pairs = zip(node.left_slots, node.right_slots, strict=True)
        wanted = [(one, two) for one, two in pairs if one in self.needed[id(node)]]
        left = self._select(self.blocks[id(node.left)], [one for one, _ in wanted])
        right = self._select(self.blocks[id(node.right)], [two for _, two in wanted], [one for one, _ in wanted])
        return self._add_cte(
            exp.union(_wrap_branch(left), _wrap_branch(right), distinct=False), [one for one, _ in wanted]
        )

    def _open_block(self, node: Plan) -> _Block:
        return self._fit_block(node, lambda block: block.open)

    def _fit_block(self, node: Plan, fits: Callable[[_Block], bool]) -> _Block:
        block = self.blocks[id(node)]
        return block if fits(block) else self._close_block(block)

    def _close_block(self, block: _Block, slots: Iterable[str] | None = None, *, keep_order: bool = True) -> _Block:
        """A new block over this one as a named table (CTE); its order is kept in hidden columns."""
        if not keep_order:
            names = list(block.outputs)
            return self._add_cte(self._select(block, names, ordered=block.closed), names)
        outputs = dict(block.outputs)
        hidden = [f"_order_{number}" for number in range(1, len(block.order) + 1)]
        outputs.update(zip(hidden, (key.this for key in block.order), strict=True))
        names = list(slots if slots is not None else outputs)
        new = self._add_cte(self._select(replace(block, outputs=outputs), names, ordered=block.closed), names)
        order = [
            exp.Ordered(this=new.outputs[name].copy(), desc=key.args["desc"], nulls_first=key.args["nulls_first"])
            for name, key in zip(hidden, block.order, strict=True)
        ]
        visible = {slot: value for slot, value in new.outputs.items() if slot in block.outputs}
        return replace(new, outputs=visible, order=tuple(order))

    def _add_cte(self, body: exp.Query, slots: Sequence[str]) -> _Block:
        name = _make_unique(f"t{len(self.ctes) + 1}", self.taken)
        self.ctes.append((name, body))
        return self._build_table(name, slots)

    def _build_table(self, name: str, slots: Iterable[str], alias: str | None = None) -> _Block:
        table = exp.Table(this=exp.to_identifier(name, quoted=True))
        if alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
        owner = exp.to_identifier(alias or name, quoted=True)
        outputs = {slot: exp.Column(this=exp.to_identifier(slot, quoted=True), table=owner.copy()) for slot in slots}
        return _Block(exp.select().from_(table), outputs)

    def _select(
        self, block: _Block, slots: Sequence[str], names: Sequence[str] | None = None, *, ordered: bool = True
    ) -> exp.Select:
        values = [_name_value(block.outputs[slot], name) for slot, name in zip(slots, names or slots, strict=True)]
        # SQL needs at least one column: a constant is added where none is selected
        query = block.query.select(*values or [exp.alias_(exp.Literal.number(1), "_")])
        return query.order_by(*(key.copy() for key in block.order)) if ordered and block.order else query


def _name_value(value: exp.Expr, name: str) -> exp.Expr:
    if isinstance(value, exp.Column) and value.name == name:
        return value.copy()
    return exp.Alias(this=value.copy(), alias=exp.to_identifier(name, quoted=True))


def _needs_own_query(value: exp.Expr) -> bool:
    """Explode must produce its rows before its column is dropped; a random value must be computed once per row."""
    return value.find(exp.UDTF) is not None or is_random(value)


def _wrap_branch(query: exp.Select) -> exp.Expr:
    """A branch of a union; a subquery if it has its own ORDER BY or LIMIT."""
    return query.subquery() if query.args.get("limit") or query.args.get("order") else query


def _list_tables(query: exp.Select) -> list[exp.Table]:
    return [query.args["from_"].this, *(join.this for join in query.args.get("joins") or [])]


def _is_plain(block: _Block) -> bool:
    return not block.query.args.get("where")


def _is_table(block: _Block) -> bool:
    """Whether the block is one bare table, columns at most renamed."""
    return block.open and _is_plain(block) and not block.query.args.get("joins")
