from data_platform import DataProduct
from data_platform.functions import col, sum

product = DataProduct.load("./product.yaml")


@product.pipeline(output="by_segment", schedule="*/15 * * * *")
def build_by_segment():
    orders = product.consume("orders", "orders_fact")
    people = product.consume("customers", "customers_dim").withColumnRenamed("id", "customer_id")
    return orders.join(people, "customer_id").groupBy("segment").agg(sum(col("total")).alias("total"))
