"""The review of plans: the queue of a head, approval of many plans, and comments."""
