"""Ratios: the same work by the services and by a minimal handler, on one database and in one run (`make bench`)."""
