"""Pearson correlation coefficient (paper: section A.3)."""

from collections.abc import Sequence

import datasets
import evaluate
import numpy as np

from metrics.inputs import paired_numbers


CITATION = """@article{pearson1895note,
  title={Note on regression and inheritance in the case of two parents}, author={Pearson, Karl},
  journal={Proceedings of the Royal Society of London}, volume={58}, pages={240--242}, year={1895},
  doi={10.1098/rspl.1895.0041}}"""


def pcc(predictions: Sequence[float], references: Sequence[float]) -> float:
    """Pearson correlation coefficient: covariance over the product of the standard deviations.

    From -1 (perfect negative linear relation) over 0 (none) to 1 (perfect positive); higher is better. It ignores
    scale and offset. Where either side is constant (one row included) it is undefined, and 0.0 by convention.

    Args:
        predictions: n finite numbers.
        references: n finite numbers.

    Raises:
        ValueError: no rows, a different number of rows, or a number that is not finite.

    Examples:
        >>> round(pcc([1.0, 2.0, 3.0], [1.0, 2.0, 4.0]), 4)
        0.982
        >>> pcc([0.5, 0.5, 0.5], [1.0, 2.0, 4.0])
        0.0
    """
    from scipy.stats import pearsonr

    x, y = paired_numbers(predictions, references)
    if (x == x[0]).all() or (y == y[0]).all():
        return 0.0
    # A power of two changes no digit and no correlation, but keeps sums of huge numbers finite; less the first value,
    # numbers that are all but equal keep the digits that tell them apart.
    x, y = (np.ldexp(values, -np.frexp(np.abs(values).max())[1]) for values in (x, y))
    x, y = x - x[0], y - y[0]
    return float(pearsonr(x, y).statistic)


class Pcc(evaluate.Metric):
    """`evaluate.load("pcc").compute(predictions=..., references=...)` -> `{"pcc": float}`; see `pcc`."""

    def _info(self) -> evaluate.MetricInfo:
        number = datasets.Value("float64")
        return evaluate.MetricInfo(
            description=__doc__,
            citation=CITATION,
            inputs_description=pcc.__doc__,
            features=datasets.Features({"predictions": number, "references": number}),
        )

    def _compute(self, predictions: list[float], references: list[float]) -> dict[str, float]:
        return {"pcc": pcc(predictions, references)}
