"""Mutations: each takes one input, calls one use case and returns its result or every problem."""
