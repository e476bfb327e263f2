"""What happened to a plan, as people read it."""
