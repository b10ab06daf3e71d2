"""References and combinations, resolved into one flat set of keywords for each column.

`$ref`, `allOf`, and `anyOf`/`oneOf` with null are merged with the keywords beside them (2020-12 Core, section 8.2.3;
draft-07 ignores keywords beside a `$ref`, never on purpose). Two places that set one keyword differently, a union
of two types, a reference that leaves the file or comes back to itself are problems.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from data_platform.spec.schema.column_names import suggest_name
from data_platform.spec.schema.constraints import show_value
from data_platform.spec.schema.json_schema.words import COMBINERS, IGNORED
from data_platform.spec.text.json_document import JsonReport, Member, Node

MAX_SCHEMAS = 20_000
MAX_STEPS = 100
_NULLS = (("type", "null"), ("const", None))
ONE_TYPE = "a column holds values of one type: choose one, or make a column for each"


@dataclass(frozen=True, slots=True)
class Resolved:
    """A schema without references: its keywords, whether null is allowed, and the references on the way here."""

    node: Node
    words: Mapping[str, Member] = field(default_factory=dict)
    nullable: bool = False
    path: tuple[str, ...] = ()


class Resolver:
    """Resolves the schemas of one document."""

    def __init__(self, root: Node, report: JsonReport) -> None:
        self._root = root
        self._report = report
        self._schemas = 0
        self._steps = 0

    def resolve(self, node: Node, path: tuple[str, ...] = ()) -> Resolved | None:
        """The schema at `node`, or None after a problem; `path` holds the references already followed.

        InvalidSpec at once when references multiply into more schemas than any table has.
        """
        self._schemas += 1
        if self._schemas > MAX_SCHEMAS or self._steps >= MAX_STEPS:
            raise self._report.stop(node, "references and combinations unfold into too many schemas")
        self._steps += 1
        try:
            return self._resolve(node, path)
        finally:
            self._steps -= 1

    def _resolve(self, node: Node, path: tuple[str, ...]) -> Resolved | None:
        if not isinstance(node.value, dict):
            self._report.add(
                node, f"a schema is an object, not {show_value(node.to_plain())}", 'for example {"type": "string"}'
            )
            return None
        own = Resolved(node, {k: m for k, m in node.words.items() if k not in COMBINERS}, False, path)
        parts = [part for word in COMBINERS if word in node.words for part in self._collect_parts(word, node, path)]
        merged: Resolved | None = own
        for part in parts:
            merged = self._merge(merged, part) if merged and part else None
        # A type beside a union says itself whether null is allowed.
        return replace(merged, nullable=False) if merged and "type" in own.words else merged

    def _collect_parts(self, word: str, node: Node, path: tuple[str, ...]) -> list[Resolved | None]:
        member = node.words[word]
        if word == "$ref":
            return [self._resolve_reference(member.node, path)]
        branches = member.node.items
        if not branches:
            self._report.add(member.node, f"{word} is a list of schemas, not {show_value(member.node.to_plain())}")
            return [None]
        if word == "allOf":
            return [self.resolve(branch, path) for branch in branches]
        return [self._resolve_choice(word, member, path)]

    def _resolve_choice(self, word: str, member: Member, path: tuple[str, ...]) -> Resolved | None:
        branches = member.node.items
        solid = [branch for branch in branches if not _is_null(branch)]
        if len(solid) != 1:
            self._report.add(member.key, f"{word} lets a value have {len(solid)} types", ONE_TYPE)
            return None
        part = self.resolve(solid[0], path)
        return replace(part, nullable=part.nullable or len(solid) < len(branches)) if part else None

    def _resolve_reference(self, node: Node, path: tuple[str, ...]) -> Resolved | None:
        ref = node.value
        if not isinstance(ref, str) or not ref.startswith("#"):
            hint = "copy the definition into $defs of this file: schemas are read from no other place"
            self._report.add(node, f"$ref {show_value(node.to_plain())} leaves the file", hint)
            return None
        if ref in path:
            hint = "a table's columns end somewhere: write the levels that you need"
            self._report.add(node, f"$ref {show_value(ref)} comes back to itself", hint)
            return None
        target = self._find_target(node, ref)
        return self.resolve(target, (*path, ref)) if target else None

    def _find_target(self, node: Node, ref: str) -> Node | None:
        target = self._root
        for step in ref.removeprefix("#").split("/")[1:]:
            name = unquote(step).replace("~1", "/").replace("~0", "~")
            member = target.words.get(name)
            if member is None:
                hint = suggest_name(name, target.words) or "write definitions under $defs"
                self._report.add(node, f"$ref {show_value(ref)} leads nowhere: no {show_value(name)}", hint)
                return None
            target = member.node
        if ref != "#" and not ref.startswith("#/"):
            self._report.add(node, f"$ref {show_value(ref)} is no path", 'write "#/$defs/NAME"')
            return None
        return target

    def _merge(self, one: Resolved, other: Resolved) -> Resolved | None:
        words = dict(one.words)
        for word, member in other.words.items():
            if word not in words:
                words[word] = member
            elif word not in IGNORED and words[word].node.to_plain() != member.node.to_plain():
                message = f"{word} is set here, and differently in line {member.key.line}"
                self._report.add(words[word].key, message, "keep one of the two")
                return None
        path = tuple(dict.fromkeys((*one.path, *other.path)))
        return Resolved(one.node, words, one.nullable or other.nullable, path)


def _is_null(node: Node) -> bool:
    return any(word in node.words and node.words[word].node.value == null for word, null in _NULLS)
