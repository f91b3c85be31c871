"""Compile the kernels of the search once, before each of the tests' processes would.

The machine code is kept beside the sources, where every later process and run finds it.
"""

import monitor.matching.closest
import monitor.matching.linear_scan
import monitor.matching.region_scan
import monitor.matching.tables  # noqa: F401  # importing compiles
