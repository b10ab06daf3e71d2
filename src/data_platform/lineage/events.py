"""OpenLineage 2-0-2 events as plain JSON, for each act that has an event in OpenLineage.

Every run has two events, START and its end, as the standard requires; a contract has events without
a run. No event holds rows, values of protected columns, secrets, or the names of readers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from data_platform.lineage.contracts import build_dataset_facets, build_job, build_small_job, build_used_facets
from data_platform.lineage.facets import dataset, job
from data_platform.lineage.facets.columns import build_column_lineage
from data_platform.lineage.facets.envelope import SPEC, Json, drop_empty, format_producer
from data_platform.lineage.facets.quality import build_assertions
from data_platform.lineage.facts import JobRun, Made, Port, RuleFinding, Used, WrittenVersion
from data_platform.lineage.naming import Name, name_output

QUALITY, CONSUME = "quality", "consume"


def build_registration_events(
    ports: Sequence[Port], inputs: Sequence[Name], at: datetime, altered: Collection[str] = ()
) -> list[Json]:
    """The contract of each output, as a DatasetEvent, and what builds it, as a JobEvent.

    `altered` are the outputs that were known with another schema.
    """
    return [event for port in ports for event in _build_contract_events(port, inputs, at, port.output.name in altered)]


def _build_contract_events(port: Port, inputs: Sequence[Name], at: datetime, altered: bool) -> Iterator[Json]:
    change = drop_empty(lifecycleStateChange=dataset.build_lifecycle("ALTER") if altered else None)
    yield _build_event(
        "DatasetEvent", at, dataset={**port.dataset._asdict(), "facets": {**build_dataset_facets(port), **change}}
    )
    reads = [name._asdict() for name in inputs]
    yield _build_event("JobEvent", at, job=build_job(port), inputs=reads, outputs=[port.dataset._asdict()])


def build_rename_events(ports: Sequence[Port], formerly: str, at: datetime) -> list[Json]:
    """The new name of each output, as a DatasetEvent: a table stays where it lies, its symlink is renamed."""
    events = []
    for port in ports:
        before = name_output(formerly, port.output.name)
        facets = {**build_dataset_facets(port), "lifecycleStateChange": dataset.build_lifecycle("RENAME", before)}
        events.append(_build_event("DatasetEvent", at, dataset={**port.dataset._asdict(), "facets": facets}))
    return events


def build_deprecation_events(port: Port, at: datetime) -> list[Json]:
    """The contract of an output again, whose tag `deprecated_until` is the day of its announced end."""
    return [_build_event("DatasetEvent", at, dataset={**port.dataset._asdict(), "facets": build_dataset_facets(port)})]


def build_retirement_events(retired: Name, logical: Name, at: datetime) -> list[Json]:
    """The end of a dataset, as a DatasetEvent whose lifecycle state changes to DROP."""
    facets = drop_empty(
        symlinks=dataset.build_symlink(logical) if logical != retired else None,
        lifecycleStateChange=dataset.build_lifecycle("DROP"),
    )
    return [_build_event("DatasetEvent", at, dataset={**retired._asdict(), "facets": facets})]


def build_publish_events(
    port: Port, run: JobRun, made: Made, written: WrittenVersion, findings: Sequence[RuleFinding]
) -> list[Json]:
    """The run that made a version; then the run that judged it, which reads what the first one wrote."""
    became = drop_empty(
        version=dataset.build_data_version(written.version),
        lifecycleStateChange=dataset.build_lifecycle("CREATE" if written.version == 1 else "OVERWRITE"),
        columnLineage=build_column_lineage(made.columns),
    )
    output = {
        **port.dataset._asdict(),
        "facets": {**build_dataset_facets(port), **became},
        "outputFacets": {"outputStatistics": dataset.build_output_statistics(written)},
    }
    publish = build_job(port, made.sql)
    events = _build_run(run, publish, "COMPLETE", _build_engine(), inputs=_build_inputs(made.inputs), outputs=[output])
    return [*events, *_build_judgement(port, run, findings, written.version)]


def build_refusal_events(
    port: Port, run: JobRun, made: Made, reason: str, findings: Sequence[RuleFinding]
) -> list[Json]:
    """The run that failed, and why; then the run that judged it, if rules did. The dataset stays as it was."""
    facets = {**_build_engine(), "errorMessage": job.build_error_message(reason)}
    publish, outputs = build_job(port, made.sql), [port.dataset._asdict()]
    events = _build_run(run, publish, "FAIL", facets, inputs=_build_inputs(made.inputs), outputs=outputs)
    return [*events, *_build_judgement(port, run, findings, None)]


def build_consume_events(reader: Name, run: JobRun, used: Used) -> list[Json]:
    """The run that opened a version for a reader."""
    return list(
        _build_run(
            run,
            build_small_job(reader, "CONSUME"),
            "COMPLETE",
            _build_engine(),
            inputs=_build_inputs([used]),
            outputs=[],
        )
    )


def _build_judgement(
    port: Port, publish: JobRun, findings: Sequence[RuleFinding], version: int | None
) -> Iterator[Json]:
    if not findings:
        return
    judged = {
        **port.dataset._asdict(),
        "facets": drop_empty(version=dataset.build_data_version(version)),
        "inputFacets": {"dataQualityAssertions": build_assertions(findings)},
    }
    facets = {**_build_engine(), "parent": job.build_parent(publish.id, port.name_job())}
    quality = build_small_job(port.name_job(QUALITY), "QUALITY")
    yield from _build_run(publish.make_part(QUALITY), quality, "COMPLETE", facets, inputs=[judged], outputs=[])


def _build_run(
    run: JobRun, of: Json, end: str, facets: Json, inputs: list[Json], outputs: list[Json]
) -> Iterator[Json]:
    """Both events of a run; the start has only the job, its kind and its parent run."""
    kind = {"jobType": of["facets"]["jobType"]}
    run_id, name = str(run.id), {"namespace": of["namespace"], "name": of["name"], "facets": kind}
    start_facets = {"parent": facets["parent"]} if "parent" in facets else {}
    yield _build_event(
        "RunEvent", run.started, eventType="START", run={"runId": run_id, "facets": start_facets}, job=name
    )
    ended = {"runId": run_id, "facets": facets}
    yield _build_event("RunEvent", run.ended, eventType=end, run=ended, job=of, inputs=inputs, outputs=outputs)


def _build_engine() -> Json:
    return {"processing_engine": job.build_processing_engine()}


def _build_event(kind: str, at: datetime, **content: object) -> Json:
    moment = at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    url = f"{SPEC}/2-0-2/OpenLineage.json#/$defs/{kind}"
    return {"eventTime": f"{moment}Z", "producer": format_producer(), "schemaURL": url, **content}


def _build_inputs(used: Iterable[Used]) -> list[Json]:
    return [{**source.dataset._asdict(), "facets": build_used_facets(source)} for source in dict.fromkeys(used)]
