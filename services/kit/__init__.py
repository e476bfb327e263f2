"""Shared infrastructure of both services: settings, database, clock, HTTP basics, messages."""
