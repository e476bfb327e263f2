"""Clients of Rencana: `WebClient`, `MobileClient`, `PartnerClient` and `AdminClient`, each in a module of its own.

`python -m devtools.clients build` generates the modules from graphql/operations. Each document is a method.
"""
