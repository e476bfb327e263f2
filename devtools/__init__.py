"""Conveniences of development, tests, demo and bench. Services and workflows never import this package."""
