"""What the processes that score import, once for all of them, before any is started (processes.py).

evaluate imports transformers, and that torch, for evaluators that no metric has: three quarters of the time and most
of the memory that its import takes. Where transformers is not to be had, it does without.
"""

import sys


if "transformers" not in sys.modules:
    sys.modules["transformers"] = None  # its import fails
    import evaluate  # noqa: F401

    del sys.modules["transformers"]

import metrics.benchmark.results  # noqa: E402, F401
