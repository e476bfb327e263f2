"""Proofs under races and kills, with real processes on a real PostgreSQL (docs/proofs.md). Small in `make test`,
full-size in `make prove`.
"""
