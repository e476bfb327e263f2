"""Pure rules and values of the planning service: no I/O, no ORM, no GraphQL, no HTTP."""
