"""Products as the standards write them: ODPS 1.1.0, ODCS 3.2.0 (both ways) and DPROD (export only)."""
