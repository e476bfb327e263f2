"""Changes that one admin proposes and another approves, and the record of what admins did."""
