"""Migrations of plans to another version of the workflow, and dry runs of versions."""
