"""The status of plans as partners read it."""
