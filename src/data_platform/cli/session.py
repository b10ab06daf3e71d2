"""Opens the platform for a command, and prints warnings and progress on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from data_platform.cli.console.console import Styled, stderr_console
from data_platform.platform import Platform

if TYPE_CHECKING:
    from data_platform.record.catalog.redirects import Redirect
    from data_platform.settings import Home

STEPS = {
    "registered": "contract judged",
    "leased": "staging",
    "staging": "staging",
    "staged": "judging",
    "audited": "promoting",
    "prepared": "promoting",
    "swapped": "promoting",
    "recorded": "promoting",
    "promoted": "done",
}


@contextmanager
def open_platform(platform: Platform | None = None) -> Iterator[Platform]:
    """Opens the platform of the working directory and closes it at the end. Raises BadInput if there is no home.

    A command that may create a mesh passes a platform that it opened itself.
    """
    with platform or Platform.open(make=False) as mesh:
        mesh.enter("cli", report_redirect, report_new_mesh)
        if key := click.get_current_context().find_root().params.get("idempotency_key"):
            mesh.use_idempotency_key(key)
        yield mesh


def report_new_mesh(home: Home) -> None:
    """Reports that this command created a mesh, in case the user expected an existing one."""
    stderr_console().write_line(
        f"started a new mesh in {home.path}", Styled("  (to use another place: data-platform init)", "dim")
    )


def report_redirect(redirect: Redirect) -> None:
    """Reports that a product was renamed."""
    stderr_console().write_line(
        f"`{redirect.name}` is `{redirect.product}` since {redirect.since:%Y-%m-%d}; write that name"
    )


def warn(message: str) -> None:
    """Prints a warning on stderr."""
    stderr_console().write_line(Styled("warning: ", "yellow"), message)


@contextmanager
def watch_publish(subject: str) -> Iterator[Callable[[str, int], None]]:
    """Shows the progress of a publish: one line on a terminal, nothing elsewhere."""
    with stderr_console().show_progress() as show:
        show(f"{subject}: reading")
        yield lambda step, rows: show(f"{subject}: {_describe_step(step, rows)}")


def _describe_step(step: str, rows: int) -> str:
    return f"{STEPS.get(step, step)}, {rows:,} rows" if step == "staging" and rows else STEPS.get(step, step)
