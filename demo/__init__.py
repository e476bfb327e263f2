"""The demo: both services as real processes, and stories of teachers told over real HTTP (`make demo`, `make run`)."""
