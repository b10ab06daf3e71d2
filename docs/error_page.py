"""The page of errors, asked from the tree in errors.py."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from data_platform.errors import DataPlatformError
from data_platform.quality.verdict import DataQualityError

HEAD = """\
# Errors

<!-- Written by `make docs` from docs/error_page.py. -->

All of them come from `data_platform` and are named by what the caller can do. `str(error)` says what failed, with the
values and the place; `error.hint` says how to correct it; `error.message` is the one without the other.

    try:
        product.publish("orders", rows)
    except DataQualityError as refusal:     # rules failed: refusal.failures has the rows
        ...
    except Refused as refusal:              # the contract says no: the last good version still stands
        ...
    except Unavailable:                     # the machine says no: a retry may succeed
        ...

On the command line each becomes a message on stderr and an exit code; with `--json` also an object
`{"error": {"kind", "exit_code", "message", "hint", …}}` on stdout.

| Exit code | Means |
|---|---|
| 0 | done |
| 1 | refused by a contract, rule or policy |
| 2 | bad input, or the machine says no |
| 130 | interrupted |
| 141 | stdout has no reader any more, as in `data-platform versions orders \\| head -1` |

| Error | Exit code | Means |
|---|---|---|
"""


def error_page() -> str:
    """docs/reference/errors.md."""
    return HEAD + "".join(_rows(DataPlatformError, 0))


def _rows(kind: type[DataPlatformError], depth: int) -> Iterator[str]:
    meaning = (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " ")
    yield f"| {'&emsp;' * depth}`{kind.__name__}` | {kind.exit_code} | {meaning} |\n"
    for child in kind.__subclasses__():
        if child.__module__ in (DataPlatformError.__module__, DataQualityError.__module__):
            yield from _rows(child, depth + 1)
