"""Environments: `dev`, `staging` and `prod` are homes of their own, and the settings of each say where the others are.

Data flows down and contracts flow up: what is developed reads what is in production, never the reverse, and a product
is released from a lower environment into a higher one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from data_platform.errors import BadInput
from data_platform.settings.home import Home
from data_platform.settings.template import Template


class Environment(StrEnum):
    """How near a mesh is to those who rely on it, from the lowest to the highest."""

    DEV = "dev"
    STAGING = "staging"
    PROD = "prod"

    def is_above(self, other: Environment) -> bool:
        """Whether it is nearer to those who rely on it."""
        order = list(Environment)
        return order.index(self) > order.index(other)


@dataclass(frozen=True, slots=True)
class Environments:
    """Which environment `this` home is, and the home folders of the others; relative ones begin at `folder`."""

    folder: Path
    this: Environment
    homes: Mapping[Environment, Template] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def above(self) -> tuple[Environment, ...]:
        """The higher environments that have a home, the nearest first."""
        return tuple(each for each in Environment if each in self.homes and each.is_above(self.this))

    @property
    def below(self) -> tuple[Environment, ...]:
        """The lower environments that have a home, the nearest first."""
        return tuple(each for each in reversed(Environment) if each in self.homes and self.this.is_above(each))

    def home(self, environment: Environment) -> Home:
        """The home of another environment. Raises BadInput when none is declared, or none is there."""
        settings = self.folder / "settings.toml"
        if environment not in self.homes:
            raise BadInput(
                f"{settings} does not say where {environment} is",
                hint=f'write its home folder there: [environments] {environment} = "…/.data-platform"',
            )
        path = (self.folder / Path(self.homes[environment].resolve()).expanduser()).resolve()
        if not path.is_dir():
            raise BadInput(
                f"the home of {environment} is no folder: {path}",
                hint=f"{settings} names it; data-platform init makes a home",
            )
        return Home(path)
