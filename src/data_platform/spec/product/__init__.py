"""product.yaml as typed data."""
