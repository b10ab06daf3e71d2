"""The parts of a product's overlays: their places in product.yaml, and a product with only some of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from data_platform.spec.product.model import Output, Product
from data_platform.spec.rules.model import Rule
from data_platform.spec.standards.custom import read_texts
from data_platform.spec.standards.odcs.checks_out import is_expectation
from data_platform.spec.standards.overlay import KEYS, OF_A_TYPE, OWN, is_joined

Plain = Any
Place = tuple[str | int, ...]
"""The steps from the root of product.yaml, such as ("outputs", 0, "odcs", "version")."""
Part = tuple[Place, ...]
"""A place at the end, after those without which it would mean something else."""
Overlays = dict[Place, Mapping[str, Plain]]


def collect_odps_overlays(product: Product) -> Overlays:
    """The overlays of the product's ODPS, by their places."""
    overlays: Overlays = {("odps",): product.odps}
    overlays |= {("inputs", at, "odps"): entry.odps for at, entry in enumerate(product.inputs)}
    return overlays | {("outputs", at, "odps"): output.odps for at, output in enumerate(product.outputs)}


def collect_odcs_overlays(product: Product, outputs: Collection[int]) -> Overlays:
    """The overlays of the contract that some outputs share, by their places."""
    overlays: Overlays = {}
    for at in outputs:
        output = product.outputs[at]
        overlays["outputs", at, "odcs"] = output.odcs
        overlays |= {place: rule.odcs for place, rule in _iterate_rules(output, at)}
    return overlays


def with_overlays(product: Product, overlays: Overlays) -> Product:
    """The product with these overlays in place of its own."""
    return replace(
        product,
        odps=overlays.get(("odps",), product.odps),
        inputs=tuple(
            replace(entry, odps=overlays.get(("inputs", at, "odps"), entry.odps))
            for at, entry in enumerate(product.inputs)
        ),
        outputs=tuple(_with(output, at, overlays) for at, output in enumerate(product.outputs)),
    )


def _with(output: Output, at: int, overlays: Overlays) -> Output:
    return replace(
        output,
        odps=overlays.get(("outputs", at, "odps"), output.odps),
        odcs=overlays.get(("outputs", at, "odcs"), output.odcs),
        rules=tuple(replace(rule, odcs=overlays.get(place, rule.odcs)) for place, rule in _iterate_rules(output, at)),
    )


def _iterate_rules(output: Output, at: int) -> Iterator[tuple[Place, Rule]]:
    """Each rule with the place of its overlay: two lists of product.yaml declare rules."""
    seen = {"quality_rules": 0, "expect": 0}
    for rule in output.rules:
        declared = "expect" if is_expectation(rule.declared) else "quality_rules"
        yield ("outputs", at, declared, seen[declared], "odcs"), rule
        seen[declared] += 1


def list_own_parts(overlays: Overlays) -> list[Part]:
    """The parts that only the documents define: those that the field `own` names, and the field itself."""
    parts: list[Part] = []
    for place, overlay in overlays.items():
        if OWN in overlay:
            named = [(*place, *text.split(".")) for text in read_texts(overlay[OWN])]
            parts.append(((*place, OWN), *named))
    return parts


def list_other_parts(overlays: Overlays, own: Sequence[Part]) -> list[Part]:
    """Everything else, in parts as large as they can be."""
    taken = {place for part in own for place in part}
    return [
        part
        for place, overlay in overlays.items()
        for key in overlay
        for part in _iterate_outside(overlays, ((*place, key),), taken)
    ]


def _iterate_outside(overlays: Overlays, part: Part, taken: Collection[Place]) -> Iterator[Part]:
    place = part[-1]
    if place in taken:
        return
    if any(taken_place[: len(place)] == place for taken_place in taken):
        for inner in split_part(overlays, part):
            yield from _iterate_outside(overlays, inner, taken)
    else:
        yield part


def split_part(overlays: Overlays, part: Part) -> list[Part]:
    """The parts of a part; none when it is one value. What is said of a type stays with the type."""
    *beside, place = part
    value, word, name = _find_value(overlays, place)
    if is_joined(word, value):
        return [(*beside, (*place, at)) for at in range(len(value))]
    if not isinstance(value, Mapping):
        return []
    type_keys = [key for key in OF_A_TYPE if key in value and "logicalType" in value]
    kind = (*place, "logicalType")
    others = [key for key in value if key != name and key not in type_keys and not (type_keys and key == "logicalType")]
    return [*((*beside, kind, (*place, key)) for key in type_keys), *((*beside, (*place, key)) for key in others)]


def _find_value(overlays: Overlays, place: Place) -> tuple[Plain, str, str | None]:
    """The value at a place, its field, and which field names it when it is an element of a list."""
    start = next(root for root in overlays if place[: len(root)] == root)
    value: Plain = overlays[start]
    for step in place[len(start) :]:
        value = value[step]
    last, before = place[-1], place[-2] if len(place) > 1 else ""
    return (value, last, None) if isinstance(last, str) else (value, "", KEYS.get(str(before)))


def filter_overlays(overlays: Overlays, parts: Sequence[Part]) -> Overlays:
    """The overlays with nothing but these parts."""
    places = [place for part in parts for place in part]
    inside = {root: [place[len(root) :] for place in places if place[: len(root)] == root] for root in overlays}
    return {
        root: _filter_value(overlay, inside[root], "") if inside[root] else {} for root, overlay in overlays.items()
    }


def _filter_value(value: Plain, places: Sequence[Place], word: str) -> Plain:
    if () in places:
        return value
    inside: dict[str | int, list[Place]] = {}
    for place in places:
        inside.setdefault(place[0], []).append(place[1:])
    if isinstance(value, Mapping):
        return {key: _filter_value(item, inside[key], key) for key, item in value.items() if key in inside}
    name = KEYS[word]
    return [
        {**({name: item[name]} if name in item else {}), **_filter_value(item, inside[at], "")}
        for at, item in enumerate(value)
        if at in inside
    ]
