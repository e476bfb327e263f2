"""All SQL and ORM of planning. The rows of a plan lead with (ptk_id, period): a command touches one teacher's."""
