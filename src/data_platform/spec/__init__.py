"""What people write, as typed data: products, schemas, rules."""
