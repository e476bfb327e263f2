"""One function per command or question. A command: load facts, decide (pure), commit once."""
