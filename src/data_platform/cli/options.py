"""What several commands understand alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import click
from click.exceptions import NoSuchCommand
from click.shell_completion import CompletionItem

from data_platform.cli.completion import complete_product, complete_reference
from data_platform.errors import BadInput
from data_platform.spec.product.reference import FORM, Reference

FC = TypeVar("FC", bound=Callable[..., object] | click.Command)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else, to stdout.")


def until_option(what: str) -> Callable[[FC], FC]:
    """`--until` of what ends; the verb reads it, for the clock is its own."""
    told = f'{what}: a date, or how long from now, such as "30 days".'
    return click.option("--until", required=True, metavar="WHEN", help=told)


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


class ReferenceType(click.ParamType[Reference]):
    """The name of data, `PRODUCT[.OUTPUT][@MAJOR][#VERSION]`, or as much of it as a command has use for."""

    name = "reference"

    def __init__(self, form: str = FORM) -> None:
        self.form = form

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """The form, as help and usage show it."""
        return self.form

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Reference:
        """The parts; BadInput for another form."""
        return value if isinstance(value, Reference) else Reference.of(str(value))

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The names that the record has."""
        return complete_reference(incomplete)


class ProductName(click.ParamType[str]):
    """The name of a product, alone."""

    name = "product"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name; BadInput where more than a product is named."""
        reference = Reference.of(str(value))
        if reference.output_name is not None:
            raise BadInput(f"{value} names more than a product", hint=f"write {reference.product}")
        return reference.product

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The names that the record has."""
        return complete_product(incomplete)


NAMED_OUTPUT = "PRODUCT[.OUTPUT][@MAJOR]"


def reference_argument(form: str = FORM) -> Callable[[FC], FC]:
    """`PRODUCT[.OUTPUT]…`, as the argument `target`."""
    return click.argument("target", type=ReferenceType(form), metavar=form)


output_argument = click.argument("output", required=False)
"""The output as a word of its own, the older form."""


def product_argument(*, required: bool = True) -> Callable[[FC], FC]:
    """`PRODUCT`."""
    return click.argument("product", type=ProductName(), required=required)


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
        if twice := next((name for place, name in enumerate(names) if name in names[:place]), None):
            self.fail(f"{str(value)!a} names {twice} twice", param, ctx)
        return names


class Days(click.ParamType[int]):
    """A number of days."""

    name = "days"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; how many are too many, the verb says."""
        found = re.fullmatch(r"([0-9]{1,9}) ?d(?:ays?)?", str(value).strip())
        if found is None:
            self.fail(f"{str(value)!a} is no number of days such as 7d or 30d", param, ctx)
        return int(found[1])


class ListingGroup(click.Group):
    """A group whose `list` may be left out: what is none of its commands is an argument of `list`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Puts `list` before arguments that name no command."""
        asks_for_help = bool(args) and args[0] in self.get_help_option_names(ctx)
        if not asks_for_help and (not args or args[0] not in self.commands):
            if args and not args[0].startswith("-") and not self._list_takes_arguments():
                raise NoSuchCommand(args[0], possibilities=self.commands, ctx=ctx)
            args = ["list", *args]
        return super().parse_args(ctx, args)

    def _list_takes_arguments(self) -> bool:
        return any(isinstance(param, click.Argument) for param in self.commands["list"].params)
