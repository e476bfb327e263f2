"""Counts of the plans of a period, for admins."""
