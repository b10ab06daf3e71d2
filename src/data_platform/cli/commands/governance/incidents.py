"""incidents: failures of products and their handling."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Console, Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_count, format_minute, format_value
from data_platform.cli.options import ListingGroup, json_option, number_argument, product_argument
from data_platform.cli.session import open_platform
from data_platform.cli.views.quality import draw_incident, draw_incidents
from data_platform.verbs.results import IncidentDetail, IncidentInfo

SEVERITIES = ("low", "medium", "high", "critical")

comment_option = click.option("--comment", help="A comment for the timeline.")


@click.group(cls=ListingGroup)
def incidents() -> None:
    """List, acknowledge and resolve incidents.

    `list` is the default command: `incidents orders --open`.
    """


@incidents.command("list")
@product_argument(required=False)
@click.option("--open", "open_only", is_flag=True, help="List only incidents that are not resolved.")
@click.option(
    "--severity", "least", type=click.Choice(SEVERITIES), help="List only incidents of at least this severity."
)
@click.option("--limit", type=click.IntRange(min=1), help="The maximum number of incidents; the newest are listed.")
@json_option
def list_(product: str | None, open_only: bool, least: str | None, limit: int | None, as_json: bool) -> None:
    """List the incidents of PRODUCT, or of all products, newest first.

    \b
    Example:
      data-platform incidents --open --severity high
    """
    with open_platform() as mesh:
        matches = mesh.incidents(product, open_only=open_only, severity=least, limit=limit)
    if as_json:
        print_json(matches)
    elif matches:
        draw_incidents(stdout_console(), matches)
    else:
        stderr_console().write_line("no incident")


@incidents.command()
@number_argument
@json_option
def show(id: int, as_json: bool) -> None:
    """Show the incident ID, its timeline and its effects.

    \b
    Example:
      data-platform incidents show 7
    """
    with open_platform() as mesh:
        detail = mesh.incident(id)
    if as_json:
        print_json(detail)
    else:
        _print_detail(stdout_console(), detail)


@incidents.command()
@number_argument
@comment_option
@json_option
def ack(id: int, comment: str | None, as_json: bool) -> None:
    """Acknowledge the incident ID, to show that you handle it.

    If it is already acknowledged by another user, this does not change, and --comment becomes a comment.

    \b
    Example:
      data-platform incidents ack 7 --comment "the feed is late, asked them"
    """
    with open_platform() as mesh:
        changed = mesh.acknowledge_incident(id, comment)
    _print_incident(changed, as_json)


@incidents.command()
@number_argument
@click.argument("text")
@json_option
def comment(id: int, text: str, as_json: bool) -> None:
    """Add TEXT to the timeline of the incident ID.

    \b
    Example:
      data-platform incidents comment 7 "their fix is out at noon"
    """
    with open_platform() as mesh:
        changed = mesh.comment_incident(id, text)
    _print_incident(changed, as_json)


@incidents.command()
@number_argument
@comment_option
@json_option
def resolve(id: int, comment: str | None, as_json: bool) -> None:
    """Resolve the incident ID manually.

    A successful publish resolves a refusal automatically; a service level that is met again resolves its incident. If
    the failure continues, a new incident is opened.

    \b
    Example:
      data-platform incidents resolve 7 --comment "the rule was wrong"
    """
    with open_platform() as mesh:
        changed = mesh.resolve_incident(id, comment)
    _print_incident(changed, as_json)


def _print_incident(incident: IncidentInfo, as_json: bool) -> None:
    if as_json:
        print_json(incident)
    else:
        draw_incident(stdout_console(), incident)


def _print_detail(console: Console, detail: IncidentDetail) -> None:
    incident = detail.incident
    draw_incident(console, incident)
    console.write_line(incident.summary)
    if detail.on_call:
        console.write_line("on call: ", detail.on_call)
    console.write_heading("Timeline")
    for event in detail.timeline:
        console.write_line(
            Styled(format_minute(event.at), "dim"),
            f"  {event.kind} by {event.by}",
            f": {event.text}" if event.text else "",
            hang=len(format_minute(event.at)) + 2,
        )
    console.write_heading(
        f"Affects {format_count(len(detail.products), 'product')} and "
        f"{format_count(len(detail.readers) + detail.other_readers, 'reader')}"
    )
    if detail.products:
        console.write_table(
            ("product", "domain", "owner", "steps away"),
            [
                (Styled(product.product, "bold"), product.domain, product.owner, product.distance)
                for product in detail.products
            ],
        )
    for reader in detail.readers:
        console.write_line(
            f"{reader.principal}  {format_count(reader.reads, 'read')}, last {format_value(reader.last_read)}"
        )
