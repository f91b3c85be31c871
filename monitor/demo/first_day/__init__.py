"""The demo as a first day: a centre whose forty cases stand in every state, made through the domain's own calls."""
