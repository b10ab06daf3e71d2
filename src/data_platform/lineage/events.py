"""OpenLineage 2-0-2 events as plain JSON: what a register, a publish, a refusal and a consume tell the world.

Every run is told twice, at its START and at its end, as the standard asks; what is static (a contract) is told without
a run. No event holds rows, values of protected columns, secrets, or the names of readers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from data_platform.lineage.contracts import dataset_facets, job_of, small_job, used_facets
from data_platform.lineage.facets import dataset, job
from data_platform.lineage.facets.columns import column_lineage
from data_platform.lineage.facets.envelope import SPEC, Json, producer, told
from data_platform.lineage.facets.quality import assertions
from data_platform.lineage.facts import Finding, Made, Port, Run, Used, Written
from data_platform.lineage.naming import Name, logical_name

QUALITY, CONSUME = "quality", "consume"


def registered(
    ports: Sequence[Port], inputs: Sequence[Name], at: datetime, altered: Collection[str] = ()
) -> list[Json]:
    """The contract of each output, as a DatasetEvent, and what builds it, as a JobEvent.

    `altered` are the outputs that were known with another schema.
    """
    return [event for port in ports for event in _static(port, inputs, at, port.output.name in altered)]


def _static(port: Port, inputs: Sequence[Name], at: datetime, altered: bool) -> Iterator[Json]:
    change = told(lifecycleStateChange=dataset.lifecycle("ALTER") if altered else None)
    yield _event("DatasetEvent", at, dataset={**port.dataset._asdict(), "facets": {**dataset_facets(port), **change}})
    reads = [name._asdict() for name in inputs]
    yield _event("JobEvent", at, job=job_of(port), inputs=reads, outputs=[port.dataset._asdict()])


def renamed(ports: Sequence[Port], formerly: str, at: datetime) -> list[Json]:
    """The new name of each output, as a DatasetEvent: a table stays where it lies, its symlink is renamed."""
    events = []
    for port in ports:
        before = logical_name(formerly, port.output.name)
        facets = {**dataset_facets(port), "lifecycleStateChange": dataset.lifecycle("RENAME", before)}
        events.append(_event("DatasetEvent", at, dataset={**port.dataset._asdict(), "facets": facets}))
    return events


def published(port: Port, run: Run, made: Made, written: Written, findings: Sequence[Finding]) -> list[Json]:
    """The run that made a version; then the run that judged it, which reads what the first one wrote."""
    became = told(
        version=dataset.data_version(written.version),
        lifecycleStateChange=dataset.lifecycle("CREATE" if written.version == 1 else "OVERWRITE"),
        columnLineage=column_lineage(made.columns),
    )
    output = {
        **port.dataset._asdict(),
        "facets": {**dataset_facets(port), **became},
        "outputFacets": {"outputStatistics": dataset.output_statistics(written)},
    }
    publish = job_of(port, made.sql)
    events = _run(run, publish, "COMPLETE", _engine(), inputs=_inputs(made.inputs), outputs=[output])
    return [*events, *_judged(port, run, findings, written.version)]


def refused(port: Port, run: Run, made: Made, reason: str, findings: Sequence[Finding]) -> list[Json]:
    """The run that failed, and why; then the run that judged it, if rules did. The dataset stays as it was."""
    facets = {**_engine(), "errorMessage": job.error_message(reason)}
    publish, outputs = job_of(port, made.sql), [port.dataset._asdict()]
    events = _run(run, publish, "FAIL", facets, inputs=_inputs(made.inputs), outputs=outputs)
    return [*events, *_judged(port, run, findings, None)]


def consumed(reader: Name, run: Run, used: Used) -> list[Json]:
    """The run that opened a version for somebody who reads it."""
    return list(_run(run, small_job(reader, "CONSUME"), "COMPLETE", _engine(), inputs=_inputs([used]), outputs=[]))


def _judged(port: Port, publish: Run, findings: Sequence[Finding], version: int | None) -> Iterator[Json]:
    if not findings:
        return
    judged = {
        **port.dataset._asdict(),
        "facets": told(version=dataset.data_version(version)),
        "inputFacets": {"dataQualityAssertions": assertions(findings)},
    }
    facets = {**_engine(), "parent": job.parent(publish.id, port.job())}
    quality = small_job(port.job(QUALITY), "QUALITY")
    yield from _run(publish.part(QUALITY), quality, "COMPLETE", facets, inputs=[judged], outputs=[])


def _run(run: Run, of: Json, end: str, facets: Json, inputs: list[Json], outputs: list[Json]) -> Iterator[Json]:
    """Both events of a run; the start knows no more than which job runs, of which kind, and inside which other run."""
    kind = {"jobType": of["facets"]["jobType"]}
    run_id, name = str(run.id), {"namespace": of["namespace"], "name": of["name"], "facets": kind}
    begun = {"parent": facets["parent"]} if "parent" in facets else {}
    yield _event("RunEvent", run.started, eventType="START", run={"runId": run_id, "facets": begun}, job=name)
    ended = {"runId": run_id, "facets": facets}
    yield _event("RunEvent", run.ended, eventType=end, run=ended, job=of, inputs=inputs, outputs=outputs)


def _engine() -> Json:
    return {"processing_engine": job.processing_engine()}


def _event(kind: str, at: datetime, **content: object) -> Json:
    moment = at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    url = f"{SPEC}/2-0-2/OpenLineage.json#/$defs/{kind}"
    return {"eventTime": f"{moment}Z", "producer": producer(), "schemaURL": url, **content}


def _inputs(used: Iterable[Used]) -> list[Json]:
    return [{**each.dataset._asdict(), "facets": used_facets(each)} for each in dict.fromkeys(used)]
