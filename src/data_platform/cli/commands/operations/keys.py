"""keys: the keys of encrypted columns."""

from __future__ import annotations

import sys

import click

from data_platform.cli.console.console import Console, Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_count
from data_platform.cli.options import ListingGroup, json_option
from data_platform.cli.session import open_platform, warn, watch_publish
from data_platform.cli.views.erasures import describe_erased_column
from data_platform.errors import BadInput
from data_platform.keys.states import KeyState
from data_platform.settings import KeyManagerName
from data_platform.spec.product.reference import Reference
from data_platform.verbs.results import ErasedKeys, KeyInfo

NAMED_COLUMN = "PRODUCT[.OUTPUT[@MAJOR][.COLUMN]]"
_STATES = {KeyState.PRESENT: "green", KeyState.ERASED: "dim", KeyState.MISSING: "red"}


@click.group(cls=ListingGroup)
def keys() -> None:
    """List, erase and rotate the keys of encrypted columns.

    `list` is the default command: `keys --json`.
    """


@keys.command("list")
@click.argument("target", metavar=NAMED_COLUMN, required=False)
@json_option
def list_(target: str | None, as_json: bool) -> None:
    """List keys: when they were made, by which master key they are wrapped, and whether they were erased.

    Key material is never shown. A name without a column is the key of an output's footers, which encrypts no values.

    \b
    Example:
      data-platform keys
      data-platform keys list orders.orders
    """
    reference, column = (None, None) if target is None else Reference.with_column(target)
    with open_platform() as mesh:
        infos = mesh.list_keys(reference, column=column)
    if as_json:
        print_json(infos)
    elif infos:
        _draw_keys(stdout_console(), infos)
    else:
        subject = "nothing" if target is None else f"nothing of the name {target}"
        stderr_console().write_line(f"no keys: {subject} is encrypted")


@keys.command()
@click.argument("target", metavar=NAMED_COLUMN)
@click.option("--confirm", metavar="NAME", help="Confirm the erasure by repeating the name, instead of typing it.")
@json_option
def erase(target: str, confirm: str | None, as_json: bool) -> None:
    """Erase personal data: destroy the keys of a column, of an output or of a product.

    The encrypted values become unreadable in every version, for everyone, and cannot be restored. Other columns stay
    readable. The next publish encrypts the column with a new key, which opens no earlier version. Backups with keys,
    and products that copied the data, still have it.

    \b
    Example:
      data-platform keys erase orders.orders.email
      data-platform keys erase orders.orders.email --confirm orders.orders.email
    """
    reference, column = Reference.with_column(target)
    with open_platform() as mesh:
        if confirm is None:
            confirm = _request_name(target, mesh.list_keys(reference, column=column))
        done = mesh.erase_key(reference, column=column, confirm=confirm)
    if as_json:
        print_json(done)
    else:
        _draw_erased(stdout_console(), done)
    for copy in done.copies:
        warn(f"{copy} has columns made from the erased data, and stays readable")


@keys.command()
@click.option(
    "--column",
    metavar="PRODUCT.OUTPUT[@MAJOR].COLUMN",
    help="Make a new key for this column, and encrypt the newest version with it.",
)
@json_option
def rotate(column: str | None, as_json: bool) -> None:
    """Replace the master key, and wrap every key with the new one.

    No data is rewritten, and programs that read or publish meanwhile are not disturbed. Keys of older releases, which
    no master key wraps, are wrapped too; older releases cannot use them any more.

    With --column, the column gets a new key, and the rows of the newest version become a new version that it encrypts.
    Earlier versions stay readable with the earlier key.

    \b
    Example:
      data-platform keys rotate
      data-platform keys rotate --column orders.orders.email
    """
    if column is not None:
        _rotate_column(column, as_json)
        return
    with open_platform() as mesh:
        done = mesh.rotate_keys()
    if as_json:
        print_json(done)
    else:
        stdout_console().write_line(
            Styled("rotated", "green"), f"  master key {done.version} wraps {format_count(done.keys, 'key')}"
        )
    if done.unidentified:
        warn(f"{format_count(done.unidentified, 'key')} of no recorded column stayed as they were")


def _rotate_column(target: str, as_json: bool) -> None:
    reference, column = Reference.with_column(target)
    with open_platform() as mesh, watch_publish(target) as watch:
        done = mesh.rotate_column_key(reference, column=column, watch=watch)
    if as_json:
        print_json(done)
        return
    rows = format_count(done.rows, "row")
    said = f"version {done.version} has {rows}" if done.version else "nothing was published yet"
    stdout_console().write_line(
        Styled("rotated ", "green"), Styled(f"{done.product}.{done.output}.{done.column}", "bold"), f"  {said}"
    )


def _request_name(target: str, infos: list[KeyInfo]) -> str:
    if sys.stdin is None or not sys.stdin.isatty():
        raise BadInput(
            "the erasure cannot be confirmed, because stdin is not a terminal",
            hint=f"to confirm it: data-platform keys erase {target} --confirm {target}",
        )
    console = stderr_console()
    for info in infos:
        if info.column is not None and info.state is not KeyState.ERASED:
            lost = f"{format_count(info.versions, 'version')}, {format_count(info.rows, 'row')}"
            console.write_line(Styled(info.name, "bold"), f"  becomes unreadable: {lost}")
    answer: str = click.prompt(f"This cannot be undone. Type {target} to erase it", err=True)
    return answer


def _draw_keys(console: Console, infos: list[KeyInfo]) -> None:
    console.write_table(
        ("key", "state", "made", "master", "versions", "rows", "erased", "by"),
        [
            (
                Styled(info.name, "bold"),
                Styled(info.state.value, _STATES[info.state]),
                info.made_at,
                _describe_master(info),
                info.versions,
                info.rows,
                info.erased_at,
                info.erased_by,
            )
            for info in infos
        ],
    )
    for info in infos:
        if info.problem:
            warn(f"{info.name}: {info.problem}")
    unwrapped = sum(info.state is KeyState.PRESENT and info.master is None for info in infos)
    if unwrapped:
        warn(f"{format_count(unwrapped, 'key')} without a master key: data-platform keys rotate wraps them")


def _describe_master(info: KeyInfo) -> str | None:
    if info.master is None:
        return None
    return str(info.master) if info.manager in (None, KeyManagerName.LOCAL) else f"{info.manager} {info.master}"


def _draw_erased(console: Console, done: ErasedKeys) -> None:
    lost = f"{format_count(done.versions, 'version')}, {format_count(done.rows, 'row')}"
    console.write_line(Styled("erased ", "green"), Styled(done.name, "bold"), f"  unreadable now: {lost}")
    for column in done.columns:
        console.write_line(describe_erased_column(column), indent=2, hang=2)
