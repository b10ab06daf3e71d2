"""Every identifier of the mission text's code beside ours, or with the reason why it has no counterpart.

`py:` is a public name in Python, `product.yaml:` and `policies.yaml:` a field or a word of these files, `cli:` a
command.
"""

from __future__ import annotations

PRODUCT = "py:data_platform.DataProduct"
CATALOG = "py:data_platform.DataCatalog"
CHECKER = "py:data_platform.QualityChecker"
METADATA = "py:data_platform.DataProductMetadata"
VERSION = "py:data_platform.VersionInfo"
METRICS = "py:data_platform.QualityMetrics"
LINEAGE = "py:data_platform.LineageGraph"
FRAME = "py:data_platform.DataFrame"

FIELDS = {
    **{
        field: f"product.yaml:{field}"
        for field in [
            "name",
            "domain",
            "owner",
            "description",
            "outputs",
            "type",
            "schema",
            "sla",
            "freshness",
            "availability",
            "quality_rules",
            "rule",
            "sql",
            "threshold",
            "topic",
            "inputs",
            "data_product",
            "output",
            "tags",
            "pii_columns",
            "retention_days",
        ]
    },
    **{
        word: f"policies.yaml:{word}"
        for word in [
            "policies",
            "scope",
            "enforcement",
            "condition",
            "mode",
            "domain_policies",
            "FOR",
            "column",
            "IN",
            "WHERE",
            "CONTAINS",
            "ASSERT",
            "encryption",
            "IS",
            "NOT",
            "NULL",
            "product",
        ]
    },
}

OURS = {
    "data_platform": "py:data_platform",
    "data_platform.quality": "py:data_platform.quality",
    "data-platform register": "cli:register",
    "DataProduct": PRODUCT,
    "load": f"{PRODUCT}.load",
    "loadConfig": f"{PRODUCT}.load",
    "config": f"{PRODUCT}.outputs",
    "DataProductConfig": f"{PRODUCT}.outputs",
    "publish": f"{PRODUCT}.publish",
    "consume": f"{PRODUCT}.consume",
    "pipeline": f"{PRODUCT}.pipeline",
    "schedule": f"{PRODUCT}.pipeline(schedule)",
    "read_source": f"{PRODUCT}.read_source",
    "configPath": f"{PRODUCT}.load(path)",
    "data": f"{PRODUCT}.publish(data)",
    "PublishResult": "py:data_platform.PublishResult",
    "success": "py:data_platform.PublishResult.success",
    "location": "py:data_platform.PublishResult.location",
    "QualityChecker": CHECKER,
    "qualityChecker": CHECKER,
    "validate": f"{CHECKER}.validate",
    "qualityResult": "py:data_platform.PublishResult.quality",
    "quality": "py:data_platform.VersionInfo.quality",
    "passed": "py:data_platform.quality.Verdict.passed",
    "failures": "py:data_platform.DataQualityError.failures",
    "DataQualityError": "py:data_platform.DataQualityError",
    "DataCatalog": CATALOG,
    "DataCatalogService": CATALOG,
    "catalog": CATALOG,
    "registerVersion": f"{CATALOG}.register_version",
    "getLatestVersion": f"{CATALOG}.get_latest_version",
    "search": f"{CATALOG}.search",
    "query": f"{CATALOG}.search(query)",
    "getLineage": f"{CATALOG}.get_lineage",
    "getQualityMetrics": f"{CATALOG}.get_quality_metrics",
    "productName": f"{CATALOG}.get_lineage(product_name)",
    "SearchQuery": "py:data_platform.SearchQuery",
    "text": "py:data_platform.SearchQuery.text",
    "minQuality": "py:data_platform.SearchQuery.min_quality",
    "stats": f"{VERSION}.statistics",
    "statistics": f"{FRAME}.statistics",
    "version": f"{FRAME}.version",
    "lineage": f"{FRAME}.lineage",
    "DataFrame": FRAME,
    "columns": f"{FRAME}.columns",
    "select": f"{FRAME}.select",
    "join": f"{FRAME}.join",
    "agg": f"{FRAME}.agg",
    "groupBy": f"{FRAME}.groupBy",
    "sum": "py:data_platform.functions.sum",
    "expect_column_values_to_not_be_null": "py:data_platform.quality.expect_column_values_to_not_be_null",
    "DataProductMetadata": METADATA,
    "quality_score": f"{METADATA}.quality_score",
    "usage_stats": f"{METADATA}.usage_stats",
    "OutputMetadata": "py:data_platform.OutputMetadata",
    "UsageStats": "py:data_platform.UsageStats",
    "views": "py:data_platform.UsageStats.views",
    "LineageGraph": LINEAGE,
    "upstream": f"{LINEAGE}.upstream",
    "downstream": f"{LINEAGE}.downstream",
    "getUpstreamLineage": f"{LINEAGE}.upstream",
    "getDownstreamLineage": f"{LINEAGE}.downstream",
    "QualityMetrics": METRICS,
    "currentScore": f"{METRICS}.current_score",
    "calculateQualityScore": f"{METRICS}.current_score",
    "slaCompliance": f"{METRICS}.sla_compliance",
    "getSlaCompliance": f"{METRICS}.sla_compliance",
    "qualityTrend": f"{METRICS}.quality_trend",
    "getQualityTrend": f"{METRICS}.quality_trend",
    "incidents": f"{METRICS}.incidents",
    "getQualityIncidents": f"{METRICS}.incidents",
}

_STEP = "a private step of the text's class: "
_QUERY = "a word of Elasticsearch's query language; our index is asked through DataCatalog.search"
_EXAMPLE = "a name of the example's own code"

NO_COUNTERPART = {
    "writeToStorage": _STEP + "publish stages the data itself, before the audit",
    "emitLineageEvent": _STEP + "publish records the lineage event in its transaction",
    "checkAccess": _STEP + "consume asks for the permission itself",
    "readFromStorage": _STEP + "a consumed DataFrame reads the files when it is computed",
    "recordLineage": _STEP + "consume notes what was read for the next publish",
    "Promise": "TypeScript's asynchronous result; our calls return the value",
    "Boolean": "TypeScript's own conversion to a truth value",
    "elasticsearch": "an outside search engine; ours is an index in the home folder",
    **dict.fromkeys(
        ["index", "body", "bool", "must", "multi_match", "fields", "filter", "term", "range", "gte", "sort"], _QUERY
    ),
    "finance": "the example's domain",
    **dict.fromkeys(
        [
            "ordersProduct",
            "orders",
            "transformed",
            "transformOrders",
            "build_orders_fact",
            "raw_orders",
            "raw_items",
            "customers",
            "products",
            "orders_fact",
            "build",
            "transform",
            "source_data",
        ],
        _EXAMPLE,
    ),
}

TABLE = {**FIELDS, **OURS}
