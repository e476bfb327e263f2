"""The prover behind the linter and the diff: which facts satisfy a guard, and where they lead a plan.

variables   the few values of each fact that stand for all
compiled    a guard made ready for the search
solver      facts that satisfy a guard, or none: exact over those values
examples    such facts in full, for the real engine and for people
paths       every situation that a plan can come into, and the way there
progress    under which circumstances a plan gets on from there
witness     what a finding shows: a way, facts, conditions that exclude each other
proof       all of them for one definition
"""
