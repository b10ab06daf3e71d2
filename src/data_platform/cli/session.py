"""The platform of one command, and what is told on stderr while it works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from data_platform.cli.console.console import Styled, notes
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
def opened(platform: Platform | None = None) -> Iterator[Platform]:
    """The platform of the working directory, closed at the end; raises BadInput where there is no home.

    A command that may begin a mesh hands in a platform that it opened itself.
    """
    with platform or Platform.open(make=False) as mesh:
        mesh.enter("cli", tell_redirect, tell_new_mesh)
        yield mesh


def tell_new_mesh(home: Home) -> None:
    """Tells that this command began a mesh, because a user who meant another one must see it."""
    notes().line(f"started a new mesh in {home.path}", Styled("  (data-platform init chooses another place)", "dim"))


def tell_redirect(redirect: Redirect) -> None:
    """Says that a product has another name by now."""
    notes().line(f"`{redirect.name}` is `{redirect.product}` since {redirect.since:%Y-%m-%d}; write that name")


def warn(message: str) -> None:
    """A doubt that stops nothing."""
    notes().line(Styled("warning: ", "yellow"), message)


@contextmanager
def watching(subject: str) -> Iterator[Callable[[str, int], None]]:
    """A watch for a publish: on a terminal a line that says what it is doing, elsewhere silence."""
    with notes().progress() as tell:
        tell(f"{subject}: reading")
        yield lambda step, rows: tell(f"{subject}: {_words(step, rows)}")


def _words(step: str, rows: int) -> str:
    return f"{STEPS.get(step, step)}, {rows:,} rows" if step == "staging" and rows else STEPS.get(step, step)
