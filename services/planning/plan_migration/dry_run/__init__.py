"""Dry run of a version: which living plans could move to it, and where it would lead recorded commands."""
