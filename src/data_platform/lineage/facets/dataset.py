"""Facets of a dataset: what it is, where it lies, and what became of it."""

from __future__ import annotations

from data_platform.lineage.facets.envelope import Json, facet
from data_platform.lineage.facts import Written
from data_platform.lineage.naming import PLATFORM, Name


def data_version(number: int | None) -> Json | None:
    """The data version of the mesh: 1, 2, 3 …"""
    return None if number is None else facet("DatasetVersionDatasetFacet", "1-0-1", datasetVersion=str(number))


def dataset_type(kind: str) -> Json:
    """TABLE or STREAM."""
    return facet("DatasetTypeDatasetFacet", "1-0-1", datasetType=kind.upper())


def data_source(uri: str) -> Json:
    """Where the dataset lies."""
    return facet("DatasourceDatasetFacet", "1-0-1", name=PLATFORM, uri=uri)


def catalog(warehouse: str) -> Json:
    """The catalog that knows the table: the mesh itself."""
    what = {"framework": "iceberg", "type": PLATFORM, "name": PLATFORM, "warehouseUri": warehouse, "source": PLATFORM}
    return facet("CatalogDatasetFacet", "1-1-0", **what)


def storage() -> Json:
    """Every table is Iceberg over parquet."""
    return facet("StorageDatasetFacet", "1-0-1", storageLayer="iceberg", fileFormat="parquet")


def symlink(name: Name) -> Json:
    """The other name of the dataset."""
    identifier = {**name._asdict(), "type": "TABLE"}
    return facet("SymlinksDatasetFacet", "1-0-1", identifiers=[identifier])


def lifecycle(change: str, previous: Name | None = None) -> Json:
    """CREATE, OVERWRITE, ALTER, or RENAME with the `previous` identifier."""
    before = {} if previous is None else {"previousIdentifier": previous._asdict()}
    return facet("LifecycleStateChangeDatasetFacet", "1-0-1", lifecycleStateChange=change, **before)


def output_statistics(written: Written) -> Json:
    """What the run wrote."""
    sizes = {"rowCount": written.rows, "size": written.bytes, "fileCount": written.files}
    return facet("OutputStatisticsOutputDatasetFacet", "1-0-2", **sizes)
