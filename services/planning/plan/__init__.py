"""The plan: its row, its events and texts, and the commit of changes."""
