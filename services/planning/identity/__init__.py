"""How planning asks identity: over HTTP, and never in another way."""
