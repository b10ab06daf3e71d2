"""Options and arguments that several commands share."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import click
from click.exceptions import NoSuchCommand
from click.shell_completion import CompletionItem

from data_platform.cli.completion import list_product_completions, list_reference_completions
from data_platform.errors import BadInput
from data_platform.spec.product.reference import FORM, Reference

FC = TypeVar("FC", bound=Callable[..., object] | click.Command)

json_option = click.option("--json", "as_json", is_flag=True, help="Print only JSON to stdout.")


def until_option(what: str) -> Callable[[FC], FC]:
    """Builds the option `--until`; the verb parses its value, because it depends on the current time."""
    text = f'{what}: a date, or a period from now, such as "30 days".'
    return click.option("--until", required=True, metavar="WHEN", help=text)


class MomentType(click.ParamType[datetime]):
    """A timestamp in ISO 8601; UTC if it has no zone."""

    name = "when"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Returns the timestamp with its zone."""
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(
                f"{str(value)!a} is not a timestamp such as 2026-11-14T09:30 or 2026-11-14T09:30:00+07:00", param, ctx
            )
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class ReferenceType(click.ParamType[Reference]):
    """A reference `PRODUCT[.OUTPUT][@MAJOR][#VERSION]`, or the part of it that a command accepts."""

    name = "reference"

    def __init__(self, form: str = FORM) -> None:
        self.form = form

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Returns the form that help and usage show."""
        return self.form

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Reference:
        """Parses the reference. Raises BadInput for another form."""
        return value if isinstance(value, Reference) else Reference.parse(str(value))

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Completes names from the record."""
        return list_reference_completions(incomplete)


class ProductNameType(click.ParamType[str]):
    """The name of a product, without an output."""

    name = "product"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Returns the name. Raises BadInput if the value names more than a product."""
        reference = Reference.parse(str(value))
        if reference.output_name is not None:
            raise BadInput(f"{value} names more than a product", hint=f"write {reference.product}")
        return reference.product

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Completes names from the record."""
        return list_product_completions(incomplete)


NAMED_OUTPUT = "PRODUCT[.OUTPUT][@MAJOR]"


def reference_argument(form: str = FORM) -> Callable[[FC], FC]:
    """Builds the argument `target`: `PRODUCT[.OUTPUT]…`."""
    return click.argument("target", type=ReferenceType(form), metavar=form)


output_argument = click.argument("output", required=False)
"""The output as a separate argument, the older form."""


def product_argument(*, required: bool = True) -> Callable[[FC], FC]:
    """Builds the argument `PRODUCT`."""
    return click.argument("product", type=ProductNameType(), required=required)


class NamesType(click.ParamType[tuple[str, ...]]):
    """Names, separated by commas."""

    name = "a,b,…"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Returns the names."""
        if isinstance(value, tuple):
            return value
        names = tuple(name.strip() for name in str(value).split(","))
        if not all(names):
            self.fail(f"{str(value)!a} contains an empty name", param, ctx)
        if twice := next((name for place, name in enumerate(names) if name in names[:place]), None):
            self.fail(f"{str(value)!a} names {twice} twice", param, ctx)
        return names


class NumberType(click.ParamType[int]):
    """The number of an entry that a command lists."""

    name = "number"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Returns the number, which is above 0."""
        if not re.fullmatch(r"[1-9][0-9]{0,17}", str(value)):
            self.fail(f"{str(value)!a} is not a number such as 4", param, ctx)
        return int(str(value))


number_argument = click.argument("id", type=NumberType(), metavar="ID")


class DaysType(click.ParamType[int]):
    """A number of days."""

    name = "days"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Returns the number; the verb checks its limit."""
        match = re.fullmatch(r"([0-9]{1,9}) ?d(?:ays?)?", str(value).strip())
        if match is None:
            self.fail(f"{str(value)!a} is not a number of days such as 7d or 30d", param, ctx)
        return int(match[1])


LISTED = f"{__name__}.listed"
"""The key in `meta` of a context of the first argument that `ListingGroup` passed to `list`."""


class ListingGroup(click.Group):
    """A group with `list` as its default command: arguments that name no command are passed to `list`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Inserts `list` before arguments that name no command."""
        asks_for_help = bool(args) and args[0] in self.get_help_option_names(ctx)
        if not asks_for_help and (not args or args[0] not in self.commands):
            if args and not args[0].startswith("-") and not self._list_takes_arguments():
                raise NoSuchCommand(args[0], possibilities=self.commands, ctx=ctx)
            if args and not args[0].startswith("-"):
                ctx.meta[LISTED] = args[0]
            args = ["list", *args]
        return super().parse_args(ctx, args)

    def _list_takes_arguments(self) -> bool:
        return any(isinstance(param, click.Argument) for param in self.commands["list"].params)
