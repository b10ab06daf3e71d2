"""Policies: applied, evaluated, explained, waived and attested."""
