"""The options of `publish` and `test` that describe how a text file is formatted."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from data_platform.cli.options import NamesType
from data_platform.settings.read_options import ALL, MEANINGS, STANDARD, ReadOptions

_WORDS = {"delimiter": {"tab": "\t", "\\t": "\t"}, "quote": {"none": ""}}
_METAVARS = {
    "delimiter": "CHARACTER",
    "quote": "CHARACTER",
    "encoding": "NAME",
    "nulls": "WORD",
    "date_format": "FORMAT",
    "timestamp_format": "FORMAT",
    "decimal": "MARK",
    "thousands": "MARK",
    "zone": "ZONE",
}


def read_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options to a command, which receives them as `options`. Raises BadInput for an invalid value."""

    @wraps(command)
    def run(**arguments: Any) -> Any:
        given = {name: value for name in ALL if (value := arguments.pop(name)) not in (None, ())}
        words = {name: _WORDS[name].get(value, value) for name, value in given.items() if name in _WORDS}
        return command(options=ReadOptions(**(given | words)), **arguments)

    with_options: Callable[..., Any] = run
    for name in reversed(ALL):
        with_options = _build_option(name)(with_options)
    return with_options


def _build_option(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    flag, text = f"--{name.replace('_', '-')}", _format_help(name)
    if name == "header":
        return click.option("--header/--no-header", default=STANDARD.header, help=text)
    if name == "columns":
        return click.option(flag, type=NamesType(), help=text)
    if name == "nulls":
        return click.option("--null", "nulls", multiple=True, metavar="WORD", help=f"{text} Repeatable.")
    return click.option(flag, metavar=_METAVARS[name], help=text)


def _format_help(name: str) -> str:
    also = {"delimiter": ' "tab" means a tab.', "quote": ' "none" means none.'}.get(name, "")
    return MEANINGS[name].replace("`", "").replace("*", "") + also
