"""ODPS 1.1.0, the Open Data Product Standard of Bitol: https://bitol-io.github.io/open-data-product-standard/."""
