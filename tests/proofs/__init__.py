"""Proofs under races, kills and at the size of the country, with real processes on a real PostgreSQL (docs/proofs.md).

`make test` runs them small, `make prove` in full size.
"""
