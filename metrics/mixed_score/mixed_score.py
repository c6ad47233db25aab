"""Mixed score of siRNA efficiency: regression error and recovery of the low range in one number (paper: A.3.1)."""

from collections.abc import Sequence

import datasets
import evaluate
import numpy as np

from metrics.inputs import paired_numbers


CITATION = """@misc{he2024biologyinstructions,
  title={Biology-Instructions: A Dataset and Benchmark for Multi-Omics Sequence Understanding Capability of Large
  Language Models}, author={He, Haonan and others}, year={2024}, eprint={2412.19191}, archivePrefix={arXiv}}"""
LOW_RANGE = 30.0  # % mRNA remaining: below it an siRNA works
WORST_ERROR = 100.0


def mixed_score(predictions: Sequence[float], references: Sequence[float]) -> float:
    """0.5 (1 - MAE / 100) + 0.5 F1 (1 - Range-MAE / 100), on percent of mRNA remaining.

    From 0 to 1 (every number right, some of them in the low range); higher is better. Its parts:

    - MAE: mean absolute error over all rows, at most 100.
    - F1: of the class "remaining < 30" (strictly), for predictions and references alike; 0 where no row is in it on
      both sides.
    - Range-MAE: mean absolute error over the rows whose reference is in [0, 30], both ends included, as the paper
      words it (its published evaluator is known to select by the prediction instead); at most 100, and 100 where
      there is no such row.

    A constant prediction just below 30 scores about 0.5 on typical labels: report that baseline beside any score.

    Args:
        predictions: n finite numbers, % mRNA remaining.
        references: n finite numbers, likewise; they may exceed 100.

    Raises:
        ValueError: no rows, a different number of rows, or a number that is not finite.

    Examples:
        >>> round(mixed_score([10.0, 40.0, 80.0], [20.0, 25.0, 80.0]), 4)  # MAE 25/3, F1 2/3, Range-MAE 12.5
        0.75
        >>> mixed_score([50.0, 50.0], [50.0, 50.0])  # no row in the low range: F1 is 0
        0.5
    """
    from sklearn.metrics import f1_score

    predicted, true = paired_numbers(predictions, references)
    in_range = (true >= 0) & (true <= LOW_RANGE)
    with np.errstate(over="ignore"):  # an error beyond the largest float is infinite, and capped like any other
        errors = np.abs(predicted - true)
        mae = min(errors.mean(), WORST_ERROR)
        range_mae = min(errors[in_range].mean(), WORST_ERROR) if in_range.any() else WORST_ERROR
    f1 = f1_score(true < LOW_RANGE, predicted < LOW_RANGE, zero_division=0)
    return float(0.5 * (1 - mae / 100) + 0.5 * f1 * (1 - range_mae / 100))


class MixedScore(evaluate.Metric):
    """`evaluate.load("mixed_score").compute(predictions=..., references=...)` -> `{"mixed_score": float}`."""

    def _info(self) -> evaluate.MetricInfo:
        number = datasets.Value("float64")
        return evaluate.MetricInfo(
            description=__doc__,
            citation=CITATION,
            inputs_description=mixed_score.__doc__,
            features=datasets.Features({"predictions": number, "references": number}),
        )

    def _compute(self, predictions: list[float], references: list[float]) -> dict[str, float]:
        return {"mixed_score": mixed_score(predictions, references)}
