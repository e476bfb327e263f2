"""`rencana api`: a client of the GraphQL API for admins."""
