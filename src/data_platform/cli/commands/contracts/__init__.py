"""Commands for product.yaml files and contracts."""
