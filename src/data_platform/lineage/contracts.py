"""The facets of a contract: of its dataset, and of the job that builds it."""

from __future__ import annotations

from datetime import UTC
from urllib.parse import quote

from data_platform.lineage.facets import dataset, job, shared
from data_platform.lineage.facets.envelope import Json, drop_empty
from data_platform.lineage.facets.schema import build_schema_fields
from data_platform.lineage.facets.tags import build_tags
from data_platform.lineage.facts import Port, Used
from data_platform.lineage.naming import Name
from data_platform.spec.product.model import OutputType


def build_job(port: Port, sql: str | None = None) -> Json:
    """The job that builds an output; `sql` is the query of this run, where there is one."""
    product, output = port.product, port.output
    facets = drop_empty(
        jobType=job.build_job_type("PUBLISH"),
        ownership=shared.build_owner("Job", product.owner),
        documentation=shared.build_documentation("Job", output.description, product.description),
        sql=job.build_sql(sql),
    )
    return {**port.name_job()._asdict(), "facets": facets}


def build_small_job(name: Name, kind: str) -> Json:
    """A job with no facet but its kind."""
    return {**name._asdict(), "facets": {"jobType": job.build_job_type(kind)}}


def build_dataset_facets(port: Port) -> Json:
    """The contract of an output: schema, owner, description, tags, and where it lies."""
    product, output, schema = port.product, port.output, port.schema
    return drop_empty(
        schema=build_schema_fields(schema) if schema is not None else None,
        datasetType=dataset.build_dataset_type(output.type),
        dataSource=dataset.build_data_source(port.place) if port.place else None,
        catalog=dataset.build_catalog(port.place) if port.place else None,
        storage=dataset.build_storage() if output.type is OutputType.TABLE else None,
        symlinks=dataset.build_symlink(port.logical) if port.logical != port.dataset else None,
        ownership=shared.build_owner("Dataset", product.owner),
        documentation=shared.build_documentation(
            "Dataset", output.description, schema.description if schema else None, product.description
        ),
        tags=build_tags(
            schema,
            (*product.tags, *output.tags),
            contract_version=product.output_version(output),
            status=product.effective_status.value,
            domain=product.domain,
            **({"deprecated_until": port.ends_at.astimezone(UTC).date().isoformat()} if port.ends_at else {}),
        ),
    )


def build_used_facets(used: Used) -> Json:
    """What was read: its version and schema where they are known, and where it lies."""
    namespace, name = used.dataset
    outside = namespace if "://" in namespace else quote(f"file://{name}", safe="/:") if namespace == "file" else None
    place = used.place or outside
    return drop_empty(
        version=dataset.build_data_version(used.version),
        schema=build_schema_fields(used.schema) if used.schema is not None else None,
        dataSource=dataset.build_data_source(place) if place else None,
        catalog=dataset.build_catalog(used.place) if used.place else None,
    )
