"""What the YAML files name by `!function`: the harness loads this file by its path, from any folder."""

import sys
from pathlib import Path


sys.path.append(str(Path(__file__).resolve().parents[2]))

from metrics.harness import load, process_results, question, task_coverage, task_score  # noqa: E402


__all__ = ["load", "process_results", "question", "task_coverage", "task_score"]
