"""The 21 tasks and their groups for lm-evaluation-harness (`--include_path metrics/lm_eval`).

The YAML files follow from dataset_builder/tasks.py: `python -m metrics.lm_eval` writes them anew.
"""
