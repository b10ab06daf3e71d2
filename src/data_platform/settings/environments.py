"""Environments: `dev`, `staging` and `prod` have separate homes; the settings of each declare the others.

Data flows down and contracts flow up: a lower environment reads data of a higher one, never the reverse, and a product
is released from a lower environment to a higher one.
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
    """The environments, from the lowest to the highest."""

    DEV = "dev"
    STAGING = "staging"
    PROD = "prod"

    def is_above(self, other: Environment) -> bool:
        """Whether it is higher than `other`."""
        order = list(Environment)
        return order.index(self) > order.index(other)


@dataclass(frozen=True, slots=True)
class Environments:
    """The environment of `this` home, and the homes of the others; relative paths are relative to `folder`."""

    folder: Path
    this: Environment
    homes: Mapping[Environment, Template] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def above(self) -> tuple[Environment, ...]:
        """The higher environments that have a home, the nearest first."""
        return tuple(
            environment for environment in Environment if environment in self.homes and environment.is_above(self.this)
        )

    @property
    def below(self) -> tuple[Environment, ...]:
        """The lower environments that have a home, the nearest first."""
        return tuple(
            environment
            for environment in reversed(Environment)
            if environment in self.homes and self.this.is_above(environment)
        )

    def home(self, environment: Environment) -> Home:
        """Returns the home of another environment. Raises BadInput if it is not declared or does not exist."""
        settings = self.folder / "settings.toml"
        if environment not in self.homes:
            raise BadInput(
                f"{settings} does not declare the home of {environment}",
                hint=f'declare it: [environments] {environment} = "…/.data-platform"',
            )
        path = (self.folder / Path(self.homes[environment].resolve()).expanduser()).resolve()
        if not path.is_dir():
            raise BadInput(
                f"the home of {environment} is not a folder: {path}",
                hint=f"correct {settings} (relative paths begin at {self.folder}); data-platform init creates a home",
            )
        return Home(path)
