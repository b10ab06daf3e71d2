"""Avro's named types: records, enums and fixed types, each defined once and then used by name."""

from __future__ import annotations

from data_platform.spec.schema.avro.words import COMPLEX, NAME, PRIMITIVES
from data_platform.spec.schema.column_names import suggest_name
from data_platform.spec.schema.constraints import show_value
from data_platform.spec.text.json_document import JsonReport, Node


class NamedTypes:
    """The definitions met so far, by full name, and those whose inside is being read."""

    def __init__(self, report: JsonReport) -> None:
        self._report = report
        self._known: dict[str, tuple[Node, str]] = {}
        self._open: list[str] = []

    def define(self, node: Node, namespace: str) -> tuple[str, str]:
        """Note a definition; its full name and the namespace of what is inside it."""
        word, space = node.words.get("name"), node.words.get("namespace")
        name = word.node.value if word else None
        own = space.node.value if space else namespace
        if not isinstance(name, str) or not _is_full_name(name) or not isinstance(own, str):
            message = f"a {node.words['type'].node.value} needs a name of letters, digits and _"
            self._report.add(word.node if word else node, message, 'for example "name": "Order"')
            return "", namespace
        full = _qualify_name(name, own)
        if self._known.setdefault(full, (node, namespace))[0] is not node:
            self._report.add(node, f"{show_value(full)} is defined twice", "define it once, then use its name")
        return full, full.rpartition(".")[0]

    def look_up(self, node: Node, namespace: str) -> tuple[Node, str] | None:
        """The definition that a name means, and the namespace around it; None after a problem."""
        name = str(node.value)
        full = _qualify_name(name, namespace)
        if full in self._open:
            hint = "a table's columns end somewhere: write the levels that you need"
            self._report.add(node, f"{show_value(full)} contains itself", hint)
            return None
        if full in self._known:
            return self._known[full]
        near = suggest_name(name, [*PRIMITIVES, *COMPLEX, *self._known])
        self._report.add(
            node, f"type {show_value(name)} is unknown", near or f"one of {', '.join((*PRIMITIVES, *COMPLEX))}"
        )
        return None

    def enter(self, full: str) -> None:
        """Enter a definition, whose inside is read next."""
        self._open.append(full)

    def finish_definition(self) -> None:
        """Leave the innermost definition."""
        self._open.pop()


def _is_full_name(name: str) -> bool:
    return all(NAME.fullmatch(part) for part in name.split("."))


def _qualify_name(name: str, namespace: str) -> str:
    return name if "." in name or not namespace else f"{namespace}.{name}"
