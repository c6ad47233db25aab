"""Spearman's rank correlation coefficient (paper: section A.3)."""

from collections.abc import Sequence

import datasets
import evaluate

from metrics.inputs import paired_numbers


CITATION = """@article{spearman1904proof,
  title={The proof and measurement of association between two things}, author={Spearman, Charles},
  journal={The American Journal of Psychology}, volume={15}, number={1}, pages={72--101}, year={1904},
  doi={10.2307/1412159}}"""


def spearman(predictions: Sequence[float], references: Sequence[float]) -> float:
    """Spearman's rank correlation: Pearson correlation of the ranks, tied values sharing their mean rank.

    From -1 (the order reversed) over 0 (no monotonic relation) to 1 (the same order); higher is better. Where either
    side is constant (one row included) it is undefined, and 0.0 by convention.

    Args:
        predictions: n finite numbers.
        references: n finite numbers.

    Raises:
        ValueError: no rows, a different number of rows, or a number that is not finite.

    Examples:
        >>> round(spearman([10.0, 20.0, 20.0, 90.0], [1.0, 2.0, 3.0, 4.0]), 4)
        0.9487
        >>> spearman([0.5, 0.5, 0.5], [1.0, 2.0, 4.0])
        0.0
    """
    from scipy.stats import spearmanr

    x, y = paired_numbers(predictions, references)
    if (x == x[0]).all() or (y == y[0]).all():
        return 0.0
    return float(spearmanr(x, y).statistic)


class Spearman(evaluate.Metric):
    """`evaluate.load("spearman").compute(predictions=..., references=...)` -> `{"spearman": float}`."""

    def _info(self) -> evaluate.MetricInfo:
        number = datasets.Value("float64")
        return evaluate.MetricInfo(
            description=__doc__,
            citation=CITATION,
            inputs_description=spearman.__doc__,
            features=datasets.Features({"predictions": number, "references": number}),
        )

    def _compute(self, predictions: list[float], references: list[float]) -> dict[str, float]:
        return {"spearman": spearman(predictions, references)}
