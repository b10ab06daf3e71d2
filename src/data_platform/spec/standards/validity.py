"""Makes a document valid under its standard, and reports where one is not.

A field that the standard does not have goes into the `customProperties` beside it, where it has those; else it is left
out. A check of an unknown metric becomes a custom one. Whatever is moved or left out is reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from data_platform.spec.standards.document import Document, Plain, Step
from data_platform.spec.standards.shapes import CHOICES, ODCS, ODPS, Shape
from data_platform.spec.text.names import find_nearest

CUSTOM = "customProperties"
Path = tuple[Step, ...]


@dataclass
class Fitted:
    """A document that is valid under the standard, and descriptions of what was moved or left out."""

    document: dict[str, Any] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)


def fit_contract(contract: Mapping[str, Any]) -> Fitted:
    """An ODCS contract in the words of 3.2.0."""
    return _fit(contract, ODCS, "Contract")


def fit_product(product: Mapping[str, Any]) -> Fitted:
    """An ODPS product in the words of 1.1.0."""
    return _fit(product, ODPS, "Product")


def _fit(document: Mapping[str, Any], shapes: Mapping[str, Shape], root: str) -> Fitted:
    fitted = Fitted()
    fitted.document = _Fitting(shapes, fitted.changes).fit_object(document, root, ())
    return fitted


@dataclass(frozen=True)
class _Fitting:
    shapes: Mapping[str, Shape]
    changes: list[str]

    def fit_object(self, value: Mapping[str, Any], name: str, path: Path) -> dict[str, Any]:
        shape, fields, other = self.shapes[name], {}, {}
        value = _convert_to_custom_check(value) if name == "Check" else value
        for key, item in value.items():
            where = (*path, key)
            if key not in shape.fields:
                other[key] = item
            elif not _is_choice(name, key, item):
                self.changes.append(f"{_format_path(where)} is left out: it cannot be {item}")
            elif _is_of_kind(item, shape.fields[key]):
                fields[key] = self._fit_value(item, shape.fields[key], where)
            else:
                self.changes.append(f"{_format_path(where)} is left out: it is {_describe_kind(shape.fields[key])}")
        self._keep_others(shape, fields, other, path)
        return fields

    def _keep_others(self, shape: Shape, fields: dict[str, Any], other: dict[str, Any], path: Path) -> None:
        for key in other:
            moved = CUSTOM in shape.fields
            where = f"{_format_path((*path, key))} is no field of the standard"
            self.changes.append(f"{where}: it is moved to customProperties" if moved else f"{where}, and is left out")
        if other and CUSTOM in shape.fields:
            entries = [{"property": key, "value": item} for key, item in other.items()]
            fields[CUSTOM] = [*fields.get(CUSTOM, []), *entries]

    def _fit_value(self, value: Any, kind: str, path: Path) -> Any:
        list_of, _, inner = kind.rpartition(":")
        if inner not in self.shapes:
            return value
        if not list_of:
            return self.fit_object(value, inner, path)
        fitted = []
        for at, item in enumerate(value):
            if isinstance(item, Mapping):
                fitted.append(self.fit_object(item, inner, (*path, at)))
            else:
                self.changes.append(f"{_format_path((*path, at))} is left out: it is no mapping of fields")
        return fitted


def _convert_to_custom_check(check: Mapping[str, Any]) -> Mapping[str, Any]:
    """A library check of a metric that the standard does not have, as a custom one."""
    kind, metric = check.get("type", "library"), check.get("metric", check.get("rule"))
    if kind != "library" or metric is None or metric in CHOICES["Check.metric"]:
        return check
    own = ("metric", "rule", "arguments", *(word for word in check if word.startswith("must")))
    implementation = {word: check[word] for word in own if word in check}
    rest = {word: value for word, value in check.items() if word not in own and word != "type"}
    return {"type": "custom", "engine": "odcs", "implementation": implementation, **rest}


def find_faults(document: Document, shapes: Mapping[str, Shape], root: str) -> Iterator[tuple[Path, str, str | None]]:
    """Where a document is not valid, what is wrong, and what to write instead."""
    yield from _find(document.root, shapes, root, (), _collect_older_words(document.root))


def validate_document(document: Document, *, contract: bool) -> None:
    """Reports every place at which a document is no valid ODCS or ODPS."""
    shapes, root = (ODCS, "Contract") if contract else (ODPS, "Product")
    for path, message, hint in find_faults(document, shapes, root):
        document.report.error(document.find_place(path), message, hint)


def _collect_older_words(root: Mapping[str, Plain]) -> Mapping[str, frozenset[str]]:
    """The fields that an older version has, by object; of ODCS 3.0 those that were renamed since."""
    version = str(root.get("apiVersion", "")).removeprefix("v")
    if not version.startswith(("3.0", "0.9")):
        return {}
    return {"TeamMember": frozenset({"comment"}), "Promise": frozenset({"column"})}


def _find(
    value: Mapping[str, Plain], shapes: Mapping[str, Shape], name: str, path: Path, older: Mapping[str, frozenset[str]]
) -> Iterator[tuple[Path, str, str | None]]:
    shape = shapes[name]
    for key in sorted(shape.required - set(value)):
        yield path, f"it has no `{key}`", None
    for key, item in value.items():
        where = (*path, key)
        if key in older.get(name, ()):
            continue
        if key not in shape.fields:
            near = find_nearest(key, shape.fields)
            fields = f"its fields are {', '.join(list(shape.fields)[:20])}"
            yield where, f"`{key}` is no field of it", f"did you mean `{near}`?" if near else fields
        elif not _is_choice(name, key, item):
            yield where, f"`{key}` cannot be {item}", f"write one of {', '.join(CHOICES[f'{name}.{key}'])}"
        elif key == "team" and isinstance(item, list):
            yield from _find_in_list(item, shapes, "TeamMember", where, older)
        elif key == "logicalTypeOptions" and isinstance(item, Mapping):
            for end in ("exclusiveMaximum", "exclusiveMinimum"):
                if isinstance(item.get(end), bool) and not older:
                    yield (*where, end), f"`{end}` is a bound, not true or false", "write the number itself"
        elif not _is_of_kind(item, shape.fields[key]):
            yield where, f"`{key}` must be {_describe_kind(shape.fields[key])}", None
        else:
            yield from _find_inside(item, shape.fields[key], shapes, where, older)


def _find_inside(
    item: Plain, kind: str, shapes: Mapping[str, Shape], path: Path, older: Mapping[str, frozenset[str]]
) -> Iterator[tuple[Path, str, str | None]]:
    list_of, _, inner = kind.rpartition(":")
    if inner in shapes:
        places = _find_in_list(item, shapes, inner, path, older) if list_of else _find(item, shapes, inner, path, older)
        yield from places


def _find_in_list(
    items: list[Plain], shapes: Mapping[str, Shape], name: str, path: Path, older: Mapping[str, frozenset[str]]
) -> Iterator[tuple[Path, str, str | None]]:
    for at, item in enumerate(items):
        if isinstance(item, Mapping):
            yield from _find(item, shapes, name, (*path, at), older)
        else:
            yield (*path, at), "an entry must be a mapping of fields", None


def _is_choice(name: str, key: str, value: Plain) -> bool:
    choices = CHOICES.get(f"{name}.{key}")
    return choices is None or value in choices


def _is_of_kind(value: Plain, kind: str) -> bool:
    if value is None or kind == "any":
        return True
    if kind == "text":
        return isinstance(value, str)
    if kind == "flag":
        return isinstance(value, bool)
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind in ("texts", "list") or kind.startswith("list:"):
        return isinstance(value, list) and (kind != "texts" or all(isinstance(item, str) for item in value))
    return isinstance(value, Mapping)


def _describe_kind(kind: str) -> str:
    if kind in ("texts", "list") or kind.startswith("list:"):
        return "a list of texts" if kind == "texts" else "a list"
    return {"text": "text", "flag": "true or false", "number": "a number"}.get(kind, "a mapping of fields")


def _format_path(path: Path) -> str:
    return ".".join(map(str, path))
