"""All SQL and ORM of planning. A plan's rows are keyed so that (ptk_id, period) leads: a command touches one teacher."""
