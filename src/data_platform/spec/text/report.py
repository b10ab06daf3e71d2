"""Collects the problems of one file, so that they are reported together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

from data_platform.errors import InvalidSpec, Problem
from data_platform.spec.text.names import escape_hidden

MOST_PROBLEMS = 100


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a text file; both count from 1, and (0, 0) is the file as a whole."""

    line: int = 0
    column: int = 0


WHOLE_FILE = Place()


@dataclass
class Report:
    """The problems and warnings of `file`, in the order they were found."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def error(self, place: Place, message: str, hint: str | None = None) -> None:
        """Note a problem; a file that reaches `MOST_PROBLEMS` of them is refused there and then."""
        self.problems.append(self._make_problem(place, message, hint))
        if len(self.problems) == MOST_PROBLEMS:
            self.fail(place, f"there are more than {MOST_PROBLEMS - 1} problems; fix these first")

    def warn(self, place: Place, message: str, hint: str | None = None) -> None:
        """Note a warning; beyond `MOST_PROBLEMS` they are left out."""
        if len(self.warnings) < MOST_PROBLEMS:
            self.warnings.append(self._make_problem(place, message, hint))

    def fail(self, place: Place, message: str, hint: str | None = None) -> NoReturn:
        """Note a problem after which reading cannot continue, and raise all of them."""
        self.problems.append(self._make_problem(place, message, hint))
        raise InvalidSpec(self.problems)

    def close(self) -> None:
        """Raise InvalidSpec if any problem was noted."""
        if self.problems:
            raise InvalidSpec(self.problems)

    def _make_problem(self, place: Place, message: str, hint: str | None) -> Problem:
        escaped_hint = None if hint is None else escape_hidden(hint)
        return Problem(self.file, place.line, place.column, escape_hidden(message), escaped_hint)
