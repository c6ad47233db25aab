"""Baselines that are trained, in minutes, on the train split alone."""
