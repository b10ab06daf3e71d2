"""What a user of that release wrote: Python's public names, and what they answer. It runs in the mesh's folder."""

import math

from data_platform import (
    BadInput,
    DataPlatformError,
    DataProduct,
    DataQualityError,
    NotFound,
    Platform,
    QueryFailed,
    Refused,
    SchemaMismatch,
)
from data_platform.functions import avg, coalesce, col, count, lit, lower, max, min, sum, upper, when
from data_platform.quality import expect_column_values_to_be_between

with Platform.open() as mesh:
    orders = mesh.consume("orders", "orders_fact", version=2)
    people = mesh.consume("customers", "customers_dim")
    print(orders.count(), orders.columns)
    joined = orders.join(people.withColumnRenamed("id", "customer_id"), "customer_id", "left")
    grouped = joined.groupBy("segment").agg(sum("total").alias("total"), count("order_id").alias("orders"))
    for row in grouped.orderBy("segment").collect():
        print(row["segment"], row.total, row["orders"])
    kind = when(col("total") > 10, lit("large")).otherwise(lit("small")).alias("kind")
    print([row.kind for row in orders.select("order_id", kind).orderBy("order_id").collect()])
    print(
        [
            row.note
            for row in orders.select("order_id", upper(coalesce(col("note"), lit("-"))).alias("note"))
            .orderBy("order_id")
            .collect()
        ]
    )
    print(orders.agg(min("total").alias("low"), max("total").alias("high"), avg("total").alias("mean")).collect())
    print(sorted(map(str, joined.provenance)))

    masked = mesh.consume("customers", "customers_dim", mask=True).select("id", lower(col("email")).alias("email"))
    print(masked.orderBy("id").limit(2).to_arrow().to_pylist())
    print(people.filter(col("address.city") == "Città 2").select("id", "labels").collect())
    print(mesh.consume("orders", "orders_fact@1").orderBy("order_id").to_arrow().to_pylist())
    print(mesh.consume("books", "entries", version=1).count())

    levels = mesh.consume("readings", "levels", version=1)
    print(sorted(str(row.level) for row in levels.select("level").collect()))
    print(levels.filter(col("level") > 5).count(), math.isnan(levels.agg(max("level").alias("m")).collect()[0].m))

    answer = mesh.sql(
        'SELECT segment, count(*) AS n FROM "orders"."orders_fact#2" JOIN customers_dim ON customer_id = id '
        "GROUP BY ALL ORDER BY 1"
    )
    print(answer.to_arrow().to_pylist())
    print([hit.name for hit in mesh.search("orders")], mesh.show("orders").domain)
    print([(info.output, info.version, info.rows) for info in mesh.versions("orders")][-3:])
    print(mesh.quality_metrics("orders", "orders_fact@2").current_score is not None)
    print([incident.cause for incident in mesh.incidents("surveys")])
    print(mesh.verify_audit().ok, [domain.name for domain in mesh.domains()])

    surveys = DataProduct("products/surveys", mesh)
    print(surveys.name, surveys.register().revision)
    result = surveys.publish(
        "answers", [{"id": 1, "score": 3}], expectations=[expect_column_values_to_be_between("score", min_value=1)]
    )
    print(result.product, result.output, result.version, result.rows, result.quality.outcome.value)
    try:
        surveys.publish("answers", [{"id": 1, "score": 99}])
    except DataQualityError as refusal:
        print(isinstance(refusal, Refused), [failure.rule for failure in refusal.failures], refusal.exit_code)
    for error, act in [
        (SchemaMismatch, lambda: surveys.publish("answers", [{"id": "x", "score": 1}])),
        (NotFound, lambda: mesh.consume("nothing", "here")),
        (BadInput, lambda: mesh.consume("orders", "orders_fact", as_of="yesterday")),
        ((QueryFailed, BadInput), lambda: mesh.sql("SELEC 1")),
    ]:
        try:
            act()
        except error as caught:
            print(isinstance(caught, DataPlatformError), caught.exit_code)

    revenue = DataProduct.with_pipeline("products/revenue/product.yaml", "by_segment")
    print(revenue.run("by_segment").rows)
    revenue.platform.close()
