"""tick: periodic maintenance of a mesh without a server."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_count, format_second
from data_platform.cli.options import json_option
from data_platform.cli.session import open_platform, warn
from data_platform.cli.views.outbox import draw_delivered
from data_platform.errors import BadInput
from data_platform.integrations.senders import build_channel_senders, build_senders
from data_platform.verbs.results import IncidentInfo, Ticked


@click.command()
@json_option
def tick(as_json: bool) -> None:
    """Run periodic maintenance (for cron).

    Checks the service levels of every product in use, and policies that depend on time, readers or the audit log. A
    violation opens an incident, which is resolved when the product complies again. Compares data files with their
    digests: immediately if size or times changed, otherwise about once a day; a damaged file opens an incident. Ends
    the leases of crashed publishes, records runs without a heartbeat as lost, and sends the events in the outbox.

    Run it about every minute. Concurrent runs are safe, and so is killing one. The exit code is 0 even if incidents
    are open or a receiver does not answer.

    \b
    Example:
      data-platform tick --json
    """
    with open_platform() as mesh:
        try:
            receivers = build_senders(mesh.settings)
        except BadInput:
            mesh.tick(build_channel_senders(mesh.settings))  # a receiver without its key keeps nothing else back
            raise
        done = mesh.tick(receivers)
    if as_json:
        print_json(done)
    else:
        _print_summary(stdout_console(), done, sends=bool(receivers))


def _print_summary(console: Console, done: Ticked, *, sends: bool) -> None:
    judged = f"{format_count(done.promises, 'promise')} of {format_count(done.products, 'product')}"
    console.write_line(f"judged {judged}, {done.broken:,} broken")
    for verb, incidents in (("opened", done.opened), ("resolved", done.resolved), ("escalated", done.graver)):
        for incident in incidents:
            console.write_line(f"{verb} {_describe_incident(incident)}")
    if done.leases:
        console.write_line(
            f"ended {format_count(done.leases, 'lease')} of crashed publishes: data-platform gc removes their files"
        )
    for run in done.lost_runs:
        warn(
            f"run {run.id} of {run.product}.{run.output} is lost: no heartbeat since {format_second(run.heartbeat_at)}"
        )
    for file in done.damaged:
        warn(f"{file.place}: {file.path} {file.why}: {file.remedy}")
    if sends or done.delivered.waiting:
        draw_delivered(console, done.delivered)


def _describe_incident(incident: IncidentInfo) -> str:
    grave = f", {incident.severity}" if incident.severity else ""
    return f"#{incident.id} {incident.cause} on {incident.place}{grave}: {incident.summary}"
