"""Products in the catalog: one product, and the search over all."""
