"""What a superior reads and decides: the queue, and the discussion of a plan."""
