"""The sources that settings.toml declares: what a pipeline may read that is not yet a data product."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from data_platform.settings.read_options import STANDARD, ReadOptions
from data_platform.settings.template import Template

SUFFIXES = (".parquet", ".csv", ".jsonl", ".ndjson")
"""The files that are tables of a folder."""


@dataclass(frozen=True, slots=True)
class PostgresSource:
    """A Postgres database; `uri` is a libpq URI whose secrets stand in the environment."""

    name: str
    uri: Template


@dataclass(frozen=True, slots=True)
class FilesSource:
    """A folder with a file for each table; `path` is relative to `folder`, where settings.toml lies."""

    name: str
    path: Template
    folder: Path
    options: ReadOptions = STANDARD

    def root(self) -> Path:
        """The folder of the files, absolute. Raises BadInput when a variable in it is not set."""
        return (self.folder / Path(self.path.resolve()).expanduser()).resolve()


SourceSettings = PostgresSource | FilesSource
