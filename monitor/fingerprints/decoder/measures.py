"""The measures that confine a decoder, by name: which of them hold differs from system to system."""

from enum import StrEnum

CPU_SECONDS = 3600
"""Processor time of a decoder's whole life; the parent replaces it long before."""


class Measure(StrEnum):
    """One thing that holds."""

    NO_NEW_PRIVILEGES = "no-new-privileges"
    CALLS = "calls"
    """Of the kernel, none but those for decoding: no file, network, program, other process."""
    FILES = "files"
    """None may be opened."""
    NETWORK = "network"
    """It is in a network of its own, without a device that is up."""
    USER = "user"
    """Not the administrator: it was never, or became nobody."""
    LIMITS = "limits"
    """No new file or descriptor, no byte written to a file, an hour of processor time, no core dump."""
    NOT_DUMPABLE = "not-dumpable"
    """Other processes of the same user may not read its memory."""
