"""What several commands understand alike."""

from __future__ import annotations

from datetime import UTC, datetime

import click

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else, to stdout.")


class Moment(click.ParamType[datetime]):
    """A moment in ISO 8601; UTC where it names no zone."""

    name = "when"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment, aware."""
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{str(value)!a} is no moment such as 2026-11-14T09:30 or 2026-11-14T09:30:00+07:00", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Names(click.ParamType[tuple[str, ...]]):
    """Names, set apart by commas."""

    name = "a,b,…"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """The names."""
        if isinstance(value, tuple):
            return value
        names = tuple(name.strip() for name in str(value).split(","))
        if not all(names):
            self.fail(f"{str(value)!a} has an empty name in it", param, ctx)
        return names
