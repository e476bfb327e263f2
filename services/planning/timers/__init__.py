"""Timers of plans: reminders, transitions by the clock, and what admins do about those that failed."""
