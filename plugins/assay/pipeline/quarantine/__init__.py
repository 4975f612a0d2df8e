"""Quarantined rows: look at them, repair, replay and discard them, and what follows for builds."""
