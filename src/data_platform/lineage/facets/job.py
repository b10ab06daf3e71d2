"""Facets of a job and of its run."""

from __future__ import annotations

from uuid import UUID

from data_platform.installing import VERSION
from data_platform.lineage.facets.envelope import INTEGRATION, Json, build_facet
from data_platform.lineage.naming import PLATFORM, Name


def build_job_type(kind: str) -> Json:
    """A batch job whose runs emit an event at start and end; the end adds what START lacks."""
    emission = {"eventTrigger": "EVENT_BASED", "eventContentMode": "ACCUMULATIVE"}
    what = {"processingType": "BATCH", "integration": INTEGRATION, "jobType": kind}
    return build_facet("JobTypeJobFacet", "2-0-4", **what, emissionPattern=emission)


def build_sql(query: str | None) -> Json | None:
    """The query that made the rows, in DuckDB's dialect."""
    return build_facet("SQLJobFacet", "1-1-0", query=query, dialect="duckdb") if query else None


def build_processing_engine() -> Json:
    """The engine that did the work."""
    return build_facet(
        "ProcessingEngineRunFacet", "1-1-1", name=PLATFORM, version=VERSION, openlineageAdapterVersion=VERSION
    )


def build_parent(run: UUID, job: Name) -> Json:
    """The run that this one is a part of."""
    return build_facet("ParentRunFacet", "1-2-0", run={"runId": str(run)}, job=job._asdict())


def build_error_message(message: str) -> Json:
    """Why the run failed."""
    return build_facet("ErrorMessageRunFacet", "1-0-1", message=message, programmingLanguage="PYTHON")
