"""What both services need and neither owns: settings, the database, the clock, HTTP basics, messages."""
