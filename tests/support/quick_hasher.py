"""Argon2id with next to no work: tests hash hundreds of passphrases that nobody will ever guess at."""

from argon2 import PasswordHasher

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
