"""The arguments of `publish` and `run`: which is the product, the output and the file, and what to write instead."""

from __future__ import annotations

from importlib import import_module
from itertools import permutations
from pathlib import Path
from shlex import join

import click

from data_platform.cli.path_types import require_path
from data_platform.errors import BadInput, DataPlatformError, NotFound
from data_platform.spec.product.reference import Reference
from data_platform.spec.text.names import NAME
from data_platform.spec.text.paths import is_missing

PRODUCT_FILE = "product.yaml"
_YAML = (".yaml", ".yml")
_DATA = (".parquet", ".pq", ".csv", ".json", ".jsonl", ".ndjson", ".gz")
_FILE_HINT = "FILE is .parquet, .csv, .json or .jsonl, text also with .gz; or a folder of .parquet"
_PATH_HINT = "PRODUCT_YAML is a path: the product.yaml, or its folder"


def parse_publish_arguments(product: Path, target: tuple[str, ...]) -> tuple[str | None, Path]:
    """Splits the arguments after PRODUCT_YAML into the output, or None, and the file.

    Raises BadInput for arguments in another order, with the right one, and NotFound for a missing file.
    """
    if len(target) > 2:
        raise click.UsageError(
            f"a publish takes one file, and not {len(target) - 1}: put parquet files in a folder and name the folder"
        )
    _refuse_other_order((str(product), *target))
    require_product(product, *target)
    if target[-1].lower().endswith(_YAML):
        what = f"{target[-1]} is YAML, but a data file is expected here"
        raise BadInput(what, hint="data-platform publish PRODUCT_YAML [OUTPUT] FILE")
    if len(target) == 1 and NAME.fullmatch(target[0]) and is_missing(Path(target[0])):
        raise BadInput(
            f"no file is given: {target[0]} is no file",
            hint=f"data-platform publish {join([str(product), target[0], 'FILE'])}",
        )
    require_path(Path(target[-1]), _FILE_HINT)
    return (target[0] if len(target) == 2 else None), Path(target[-1])


def require_run_arguments(product: Path, output: str | None) -> None:
    """Raises BadInput for an output before its product, with the right order, and NotFound for a missing product."""
    if output is not None and is_missing(product) and not _is_path(str(product)) and _is_product(output):
        raise BadInput(
            "the arguments are in another order: the product comes first",
            hint=f"data-platform run {join([output, str(product)])}",
        )
    require_product(product)


def require_product(product: Path, *others: str) -> None:
    """Raises NotFound if there is no such path; a path such as `orders@1` is explained as a name of an output."""
    if is_missing(product) and not product.name.lower().endswith(_YAML):
        _refuse_reference(product, others)
    require_path(product, _PATH_HINT)


def _refuse_other_order(words: tuple[str, ...]) -> None:
    """Raises BadInput if the arguments are a product, an output and a file in another order."""
    if _is_product(words[0]) and not (len(words) > 2 and _is_data(words[1]) and not _is_data(words[2])):
        return
    for order in permutations(words):
        if order != words and _is_product(order[0]) and _is_data(order[-1]) and not any(map(_is_path, order[1:-1])):
            raise BadInput(
                "the arguments are in another order: the product comes first, and the file comes last",
                hint=f"data-platform publish {join(order)}",
            )


def _refuse_reference(product: Path, others: tuple[str, ...]) -> None:
    """Raises NotFound for `PRODUCT.OUTPUT@MAJOR` of a path that exists: the output is an argument of its own."""
    try:
        name = Reference.parse(product.name)
    except BadInput:
        return
    folder = product.with_name(name.product)
    if name.output_name is None or not _is_product(str(folder)):
        return
    output = name.output or _name_only_output(folder)
    major = "" if name.major is None else f"@{name.major}"
    verb = "publish" if others else "run"
    raise NotFound(
        f"no such file or folder: {product}; the output is an argument of its own",
        hint=f"data-platform {verb} {join([str(folder), f'{output}{major}', *others[-1:]])}",
    )


def _name_only_output(folder: Path) -> str:
    loading = import_module("data_platform.spec.product.loading")  # only for this error
    try:
        names = {output.name for output in loading.load_product(folder).product.outputs}
    except DataPlatformError:
        names = set()
    return names.pop() if len(names) == 1 else "OUTPUT"


def _is_product(word: str) -> bool:
    path = Path(word)
    return (path.is_file() and word.lower().endswith(_YAML)) or (path / PRODUCT_FILE).is_file()


def _is_data(word: str) -> bool:
    path = Path(word)
    if word.lower().endswith(_DATA):
        return True
    return path.is_dir() and not _is_product(word)


def _is_path(word: str) -> bool:
    return "/" in word or word.lower().endswith((*_YAML, *_DATA))
