"""Two services that share a house: `identity` knows who, `planning` remembers; `kit` knows neither."""
