"""The publish of a run: it is a running run's only one, and its version is recorded with the run."""

from __future__ import annotations

from sqlalchemy import Connection

from data_platform.errors import BadInput, RunConflict
from data_platform.record.catalog.versions import VersionRow
from data_platform.record.operations import runs
from data_platform.spec.product.output_names import OutputName
from data_platform.verbs.core.authorization.authorize import find_hidden_products
from data_platform.verbs.core.context import Context
from data_platform.verbs.runs.run_info import find_cutoff, run_not_found, run_over_error


def claim_publish(context: Context, tx: Connection, id: str, product: str, output: str) -> None:
    """Records that the run publishes to an output, of which it may make another major than it was started for.

    Raises NotFound, BadInput for another product or output, RunConflict.
    """
    row = runs.find(tx, id, find_cutoff(context))
    if row is None or row.product in find_hidden_products(context, tx):
        raise run_not_found(id)
    if row.product != product:
        raise BadInput(f"run {id} is one of {row.product}, and not of {product}")
    if OutputName.parse(row.output).name != OutputName.parse(output).name:
        raise BadInput(f"run {id} is one of {product}.{row.output}, and not of {product}.{output}")
    if not runs.begin_publish(tx, id, context.clock()):
        if row.finished_at is None:
            raise RunConflict(f"run {id} has published before", hint="start another run")
        raise run_over_error(row)


def record_version(context: Context, tx: Connection, id: str, row: VersionRow) -> None:
    """Records the run's version in the transaction that makes it current.

    Raises RunConflict if the run is over by now, or if another one has its scheduled time of the version's major.
    """
    if runs.record_version(tx, id, row.output, row.version):
        return
    run = runs.find(tx, id, find_cutoff(context))
    if run is None:
        raise run_not_found(id)
    if run.finished_at is not None:
        raise run_over_error(run)
    place = f"{row.product}.{row.output}"
    raise RunConflict(
        f"another run has attempt {run.attempt} of {place} for {run.scheduled_for:%Y-%m-%d %H:%M} UTC",
        hint=f"data-platform runs {place}",
    )
