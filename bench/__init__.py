"""Ratios: the same work through the house and by hand, on the same database, in the same run."""
