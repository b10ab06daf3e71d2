"""Revenue by segment and category: three products of three domains, joined in one plan."""

from data_platform import DataProduct
from data_platform.functions import coalesce, col, count, lit, round, sum

product = DataProduct.load("./product.yaml")


@product.pipeline(output="revenue_by_segment", schedule="0 * * * *")
def build_revenue_by_segment():
    orders = product.consume("orders", "orders_fact")
    customers = product.consume("customers", "customers_dim")
    products = product.consume("products", "products_dim")
    return (
        orders.filter(col("order_status") != "returned")
        .join(customers, "customer_id")
        .join(products, "product_id")
        .groupBy(coalesce(col("segment"), lit("unknown")).alias("segment"), "category")
        .agg(count("order_id").alias("orders"), round(sum(col("total_amount").cast("double")), 2).alias("revenue"))
    )
