"""Migration of living plans to another version of the workflow."""
