"""Facets of a job and of its run."""

from __future__ import annotations

from uuid import UUID

from data_platform.installing import VERSION
from data_platform.lineage.facets.envelope import INTEGRATION, Json, facet
from data_platform.lineage.naming import PLATFORM, Name


def job_type(kind: str) -> Json:
    """A batch job that tells its runs when they start and end; what START leaves out, the end tells."""
    emission = {"eventTrigger": "EVENT_BASED", "eventContentMode": "ACCUMULATIVE"}
    what = {"processingType": "BATCH", "integration": INTEGRATION, "jobType": kind}
    return facet("JobTypeJobFacet", "2-0-4", **what, emissionPattern=emission)


def sql(query: str | None) -> Json | None:
    """The query that made the rows, in DuckDB's dialect."""
    return facet("SQLJobFacet", "1-1-0", query=query, dialect="duckdb") if query else None


def processing_engine() -> Json:
    """What did the work."""
    return facet("ProcessingEngineRunFacet", "1-1-1", name=PLATFORM, version=VERSION, openlineageAdapterVersion=VERSION)


def parent(run: UUID, job: Name) -> Json:
    """The run that this one is a part of."""
    return facet("ParentRunFacet", "1-2-0", run={"runId": str(run)}, job=job._asdict())


def error_message(message: str) -> Json:
    """Why the run failed."""
    return facet("ErrorMessageRunFacet", "1-0-1", message=message, programmingLanguage="PYTHON")
