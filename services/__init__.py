"""The two services, `planning` and `identity`, and the package `kit` that both use."""
