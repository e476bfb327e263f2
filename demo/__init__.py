"""Scenarios on real processes over real HTTP (`make demo`), and the same services to try by hand (`make run`)."""
