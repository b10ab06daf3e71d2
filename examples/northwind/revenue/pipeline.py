"""Northwind's revenue by country and category, from five outputs of three products."""

from data_platform import DataProduct
from data_platform.functions import col, countDistinct, lit, sum

product = DataProduct.load("./product.yaml")


@product.pipeline(output="by_country_and_category")
def build_revenue():
    orders = product.consume("orders", "orders", columns=["orderID", "customerID"])
    lines = product.consume("orders", "order_details")
    customers = product.consume("customers", "customers", columns=["customerID", "country"])
    products = product.consume("catalogue", "products", columns=["productID", "categoryID"])
    categories = product.consume("catalogue", "categories", columns=["categoryID", "categoryName"])
    amount = col("unitPrice").cast("double") * col("quantity") * (lit(1) - col("discount"))
    return (
        lines.join(orders, "orderID")
        .join(customers, "customerID")
        .join(products, "productID")
        .join(categories, "categoryID")
        .groupBy("country", "categoryName")
        .agg(countDistinct("orderID").alias("orders"), sum(amount).alias("revenue"))
    )
