"""Compares contracts that list several majors of one output: each major with its own successor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from data_platform.governance.changes import NOTHING, Change, Comparison, compare
from data_platform.spec.policies.modes import Mode
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Output

Pair = tuple[Output, Output | None]


def compare_majors(
    old: Contract,
    new: Contract,
    mode: Mode = Mode.BACKWARD,
    earlier: Sequence[Contract] = (),
    unproved: Collection[str] = NOTHING,
) -> Comparison:
    """The change from `old` to `new`, as `compare` judges it, where either may list an output in several majors.

    A major is compared with the same major of `new`, or with the newest where `new` does not list it.
    `unproved` rules are named by their output's label.
    """
    compared = [
        (sides[0], compare(*sides, mode, earlier, _select_unproved(sides[0], old, unproved)))
        for sides in _split_sides(old, new)
    ]
    results = [result for _, result in compared]
    if len(results) == 1:
        return results[0]
    labelled = (_use_label(change, old, side) for side, result in compared for change in result.changes)
    changes: tuple[Change, ...] = tuple(dict.fromkeys(labelled))
    return Comparison(
        changes,
        tuple(dict.fromkeys(name for result in results for name in result.bumped)),
        tuple(dict.fromkeys(text for result in results for text in result.wanted)),
        tuple(dict.fromkeys(text for result in results for text in result.advice)),
    )


def _select_unproved(side: Contract, old: Contract, unproved: Collection[str]) -> set[str]:
    """The rules of a side, under its outputs' plain names."""
    labels = {old.product.label(output): output.name for output in side.product.outputs}
    split = (name.partition(".") for name in unproved)
    return {f"{labels[label]}.{rest}" for label, _, rest in split if label in labels}


def _use_label(change: Change, old: Contract, side: Contract) -> Change:
    """The change under its output's label, which distinguishes the majors of an output."""
    output = side.product.find_output(change.output) if change.output else None
    label = old.product.label(output) if output else change.output
    if label is None or label == change.output:
        return change
    subject = change.subject if not change.breaking else label + change.subject.removeprefix(change.output or "")
    return replace(change, output=label, subject=subject)


def _split_sides(old: Contract, new: Contract) -> Iterator[tuple[Contract, Contract]]:
    """Contracts with every output once, which together hold every pair: first the newest majors, then those before."""
    rounds: defaultdict[str, list[Pair]] = defaultdict(list)
    for output in sorted(old.product.outputs, key=old.product.major, reverse=True):
        same = new.product.find_output(f"{output.name}@{old.product.major(output)}")
        rounds[output.name].append((output, same or new.product.find_output(output.name)))
    for at in range(max(map(len, rounds.values()), default=1)):
        pairs = [pairs[at] for pairs in rounds.values() if at < len(pairs)]
        successors = [successor for _, successor in pairs if successor is not None]
        yield (
            _select_outputs(old, [output for output, _ in pairs]),
            _select_outputs(new, [*successors, *_list_added(rounds, new, at)]),
        )


def _list_added(rounds: dict[str, list[Pair]], new: Contract, at: int) -> list[Output]:
    """The outputs that are new by name, in the first round only."""
    return [output for output in new.product.outputs if at == 0 and output.name not in rounds]


def _select_outputs(contract: Contract, outputs: Sequence[Output]) -> Contract:
    """The contract with these outputs alone, in file order, their schemas under their plain names."""
    product = contract.product
    kept = tuple(output for output in product.outputs if any(output is selected for selected in outputs))
    labels = {product.label(output): output.name for output in kept}
    schemas = {name: contract.schemas[label] for label, name in labels.items() if label in contract.schemas}
    documents = {name: contract.documents[label] for label, name in labels.items() if label in contract.documents}
    return Contract(replace(product, outputs=kept), schemas, documents)
