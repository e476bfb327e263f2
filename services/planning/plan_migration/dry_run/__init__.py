"""Dry runs of a version: which plans could move to it, and which states recorded commands would lead to."""
