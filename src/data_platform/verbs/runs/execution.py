"""start, heartbeat and finish: what the program that runs a pipeline reports.

A run of a scheduled time has a claim on one attempt of it, which no other run can have. Runs without a schedule are
free, also of one output at once. A run is over when its end is recorded: by `finish_run`, or for a run that is overdue
by `tick` or by the next attempt. From then on it gets no heartbeat, and it cannot publish.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection

from data_platform.access.actions import Action
from data_platform.errors import BadInput, RunConflict
from data_platform.record.catalog import outputs, products
from data_platform.record.operations import runs
from data_platform.record.operations.runs import FAILED, REFUSED, RUNNING, SUCCEEDED, RunRow
from data_platform.settings.identity import describe_machine
from data_platform.spec.product.output_names import OutputName
from data_platform.spec.product.reference import Reference
from data_platform.verbs.core.authorization.authorize import authorized_transaction
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import OutputLabels, find_output_row, refuse_archived, with_major
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.results.runs import LONGEST_LOG, RunInfo
from data_platform.verbs.runs.overdue_runs import describe_run, settle_overdue_runs
from data_platform.verbs.runs.run_info import build_run_info, find_cutoff, find_permitted_run, run_over_error

ENDS = (SUCCEEDED, REFUSED, FAILED)
LONGEST_ERROR = 2_000
LONGEST_KIND = 200


@dataclass(frozen=True, slots=True)
class StartRun(Request[RunInfo]):
    """Start a run of an output's pipeline; it is lost unless a heartbeat follows every two minutes at least.

    `scheduled_for` is the scheduled time that it is for, `attempt` the attempt to claim; None takes the next.
    """

    product: str
    output: str
    scheduled_for: datetime | None = None
    attempt: int | None = None


@dataclass(frozen=True, slots=True)
class HeartbeatRun(Request[RunInfo]):
    """Report that a run is alive."""

    id: str


@dataclass(frozen=True, slots=True)
class FinishRun(Request[RunInfo]):
    """Report the end of a run: succeeded, refused or failed, with the error and the end of its log.

    `error` holds no values of the data, `log` no secrets; of the log the last 64 KiB are kept.
    """

    id: str
    state: str
    error_kind: str | None = None
    error: str | None = None
    log: str = ""


def start_run(context: Context, request: StartRun) -> RunInfo:
    """The new run. The product need not be registered.

    Raises Refused for an archived product; RunConflict where the attempt is taken, or the one before it still runs.
    """
    name = Reference.parse(request.product, request.output).refuse_version("a run")
    if name.product != request.product:
        raise BadInput(f"{request.product} names more than a product", hint=f"write {name.product}")
    if not name.output:
        raise BadInput(f"a run of {request.product} is of one output", hint=f"name it: {request.product}.OUTPUT")
    now, machine = context.clock(), describe_machine()
    with authorized_transaction(context) as tx:
        output = _find_key(tx, name.product, OutputName(name.output, name.major))
        attempt, ended = _find_attempt(context, tx, request, output)
        row = RunRow(
            id=str(uuid4()),
            product=name.product,
            output=output,
            state=RUNNING,
            attempt=attempt,
            scheduled_for=request.scheduled_for,
            by=context.principal.name,
            verified=context.principal.verified,
            door=context.door,
            host=machine.host,
            started_at=now,
            heartbeat_at=now,
        )
        if not runs.start(tx, row):
            raise _taken_error(row)
        record_outcomes(context, tx, *map(describe_run, (*ended, row)))
        return build_run_info(row, OutputLabels(tx))


def heartbeat_run(context: Context, request: HeartbeatRun) -> RunInfo:
    """The run; one that is overdue is running again. Raises NotFound, and RunConflict for a run that is over."""
    now = context.clock()
    with context.record.transaction() as tx:
        row = find_permitted_run(context, tx, Action.RUN, request.id)
        if not runs.record_heartbeat(tx, row.id, now):
            raise run_over_error(row)
        return build_run_info(replace(row, state=RUNNING, heartbeat_at=now), OutputLabels(tx))


def finish_run(context: Context, request: FinishRun) -> RunInfo:
    """The finished run; raises NotFound, RunConflict for a run that is over, BadInput for a state that is not its own.

    A run succeeds by publishing a version, and one that has published has succeeded.
    """
    if request.state not in ENDS:
        raise BadInput(f"a run does not end as {request.state!r}", hint=f"it is one of {', '.join(ENDS)}")
    now, error = context.clock(), request.error and request.error[:LONGEST_ERROR]
    kind = request.error_kind and request.error_kind[:LONGEST_KIND]
    with context.record.transaction() as tx:
        row = find_permitted_run(context, tx, Action.RUN, request.id)
        if not runs.finish(tx, row.id, request.state, now, kind, error, _cut_log(request.log)):
            raise run_over_error(row)
        _check_version(row, request.state)
        ended = replace(row, state=request.state, finished_at=now, error_kind=kind, error=error)
        record_outcomes(context, tx, describe_run(ended))
        return build_run_info(ended, OutputLabels(tx))


def _find_attempt(context: Context, tx: Connection, request: StartRun, output: str) -> tuple[int, tuple[RunRow, ...]]:
    """The attempt that the run has, and the overdue runs that ended to make way for it."""
    if request.scheduled_for is None:
        if request.attempt not in (None, 1):
            raise BadInput(f"attempt {request.attempt} is an attempt of a scheduled time", hint="give scheduled_for")
        return 1, ()
    last = runs.find_last_attempt(tx, request.product, output, request.scheduled_for, find_cutoff(context))
    unfinished = last is not None and last.finished_at is None
    if last is not None and unfinished and last.state == RUNNING:
        raise _taken_error(last)
    ended = settle_overdue_runs(context, tx) if unfinished else ()
    following = 1 if last is None else last.attempt + 1
    if request.attempt is None or request.attempt == following:
        return following, ended
    if last is not None and 1 <= request.attempt <= last.attempt:
        raise _taken_error(replace(last, attempt=request.attempt))
    raise BadInput(f"the next attempt is {following}, and not {request.attempt}")


def _taken_error(row: RunRow) -> RunConflict:
    place = f"{row.product}.{row.output}"
    what = f"attempt {row.attempt} of {place} for {row.scheduled_for:%Y-%m-%d %H:%M} UTC"
    if row.finished_at is None:
        return RunConflict(f"{what} has been started", hint=f"data-platform runs {place} --state running")
    return RunConflict(f"{what} has been run", hint=f"data-platform runs {place}; without an attempt the next is taken")


def _check_version(row: RunRow, state: str) -> None:
    if state == SUCCEEDED and row.version is None:
        raise BadInput(f"run {row.id} has published nothing", hint="a run succeeds by publishing a version")
    if state != SUCCEEDED and row.version is not None:
        raise BadInput(f"run {row.id} has published version {row.version}, and so it succeeded")


def _cut_log(text: str) -> str:
    """The end of the log, within the limit."""
    return text.encode(errors="replace")[-LONGEST_LOG:].decode(errors="ignore")


def _find_key(conn: Connection, product: str, wanted: OutputName) -> str:
    """The key of the major that a publish would write; of an output that is not registered yet, its name.

    Raises Refused for an archived product.
    """
    registered = products.find(conn, product)
    if registered is None:
        return str(wanted)
    refuse_archived(registered)
    contract = registered.contract.product
    declared = contract.find_output(str(wanted))
    rows = [with_major(row, registered) for row in outputs.list_by_product(conn, product)]
    row = find_output_row(rows, contract, declared) if declared else None
    return str(wanted) if row is None else row.name
