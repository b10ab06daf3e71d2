"""Facets of a dataset: what it is, where it lies, and what became of it."""

from __future__ import annotations

from data_platform.lineage.facets.envelope import Json, build_facet
from data_platform.lineage.facts import WrittenVersion
from data_platform.lineage.naming import PLATFORM, Name


def build_data_version(number: int | None) -> Json | None:
    """The data version of the mesh: 1, 2, 3 …"""
    return None if number is None else build_facet("DatasetVersionDatasetFacet", "1-0-1", datasetVersion=str(number))


def build_dataset_type(kind: str) -> Json:
    """TABLE or STREAM."""
    return build_facet("DatasetTypeDatasetFacet", "1-0-1", datasetType=kind.upper())


def build_data_source(uri: str) -> Json:
    """Where the dataset lies."""
    return build_facet("DatasourceDatasetFacet", "1-0-1", name=PLATFORM, uri=uri)


def build_catalog(warehouse: str) -> Json:
    """The catalog that knows the table: the mesh itself."""
    what = {"framework": "iceberg", "type": PLATFORM, "name": PLATFORM, "warehouseUri": warehouse, "source": PLATFORM}
    return build_facet("CatalogDatasetFacet", "1-1-0", **what)


def build_storage() -> Json:
    """Every table is Iceberg over parquet."""
    return build_facet("StorageDatasetFacet", "1-0-1", storageLayer="iceberg", fileFormat="parquet")


def build_symlink(name: Name) -> Json:
    """The other name of the dataset."""
    identifier = {**name._asdict(), "type": "TABLE"}
    return build_facet("SymlinksDatasetFacet", "1-0-1", identifiers=[identifier])


def build_lifecycle(change: str, previous: Name | None = None) -> Json:
    """CREATE, OVERWRITE, ALTER, DROP, or RENAME with the `previous` identifier."""
    before = {} if previous is None else {"previousIdentifier": previous._asdict()}
    return build_facet("LifecycleStateChangeDatasetFacet", "1-0-1", lifecycleStateChange=change, **before)


def build_output_statistics(written: WrittenVersion) -> Json:
    """What the run wrote."""
    sizes = {"rowCount": written.rows, "size": written.bytes, "fileCount": written.files}
    return build_facet("OutputStatisticsOutputDatasetFacet", "1-0-2", **sizes)
