"""What a contract says of a dataset and of the job that builds it, as facets."""

from __future__ import annotations

from urllib.parse import quote

from data_platform.lineage.facets import dataset, job, shared
from data_platform.lineage.facets.envelope import Json, told
from data_platform.lineage.facets.schema import schema_fields
from data_platform.lineage.facets.tags import tags
from data_platform.lineage.facts import Port, Used
from data_platform.lineage.naming import Name
from data_platform.spec.product.model import OutputType


def job_of(port: Port, sql: str | None = None) -> Json:
    """The job that builds an output; `sql` is the query of this run, where there is one."""
    product, output = port.product, port.output
    facets = told(
        jobType=job.job_type("PUBLISH"),
        ownership=shared.owner("Job", product.owner),
        documentation=shared.documentation("Job", output.description, product.description),
        sql=job.sql(sql),
    )
    return {**port.job()._asdict(), "facets": facets}


def small_job(name: Name, kind: str) -> Json:
    """A job of which there is no more to say than its kind."""
    return {**name._asdict(), "facets": {"jobType": job.job_type(kind)}}


def dataset_facets(port: Port) -> Json:
    """The contract of an output: schema, owner, description, tags, and where it lies."""
    product, output, schema = port.product, port.output, port.schema
    return told(
        schema=schema_fields(schema) if schema is not None else None,
        datasetType=dataset.dataset_type(output.type),
        dataSource=dataset.data_source(port.place) if port.place else None,
        catalog=dataset.catalog(port.place) if port.place else None,
        storage=dataset.storage() if output.type is OutputType.TABLE else None,
        symlinks=dataset.symlink(port.logical) if port.logical != port.dataset else None,
        ownership=shared.owner("Dataset", product.owner),
        documentation=shared.documentation(
            "Dataset", output.description, schema.description if schema else None, product.description
        ),
        tags=tags(
            schema,
            (*product.tags, *output.tags),
            contract_version=product.output_version(output),
            status=product.effective_status.value,
            domain=product.domain,
        ),
    )


def used_facets(used: Used) -> Json:
    """What was read: its version and schema where they are known, and where it lies."""
    namespace, name = used.dataset
    outside = namespace if "://" in namespace else quote(f"file://{name}", safe="/:") if namespace == "file" else None
    place = used.place or outside
    return told(
        version=dataset.data_version(used.version),
        schema=schema_fields(used.schema) if used.schema is not None else None,
        dataSource=dataset.data_source(place) if place else None,
        catalog=dataset.catalog(used.place) if used.place else None,
    )
