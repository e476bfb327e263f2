"""Synthetic schools, teachers and plans in any number, for the proofs at the size of the country."""
