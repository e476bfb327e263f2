"""The GraphQL types, one module a noun. Roots fetch; what hangs below them is plain attributes and cheap methods."""
