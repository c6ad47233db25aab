"""Squared Pearson correlation, which the paper reports as R2 (section A.3)."""

from collections.abc import Sequence

import datasets
import evaluate

from metrics.pcc.pcc import pcc


CITATION = """@misc{he2024biologyinstructions,
  title={Biology-Instructions: A Dataset and Benchmark for Multi-Omics Sequence Understanding Capability of Large
  Language Models}, author={He, Haonan and others}, year={2024}, eprint={2412.19191}, archivePrefix={arXiv}}"""


def r2(predictions: Sequence[float], references: Sequence[float]) -> float:
    """Squared Pearson correlation coefficient.

    From 0 (no linear relation) to 1 (perfect, of either sign); higher is better. This is the paper's definition. It
    ignores scale, offset and sign, so it is not the coefficient of determination 1 - SS_res / SS_tot, of which it is
    an upper bound. Where either side is constant (one row included) it is 0.0 by convention.

    Args:
        predictions: n finite numbers.
        references: n finite numbers.

    Raises:
        ValueError: no rows, a different number of rows, or a number that is not finite.

    Examples:
        >>> round(r2([1.0, 2.0, 3.0], [1.0, 2.0, 4.0]), 4)
        0.9643
        >>> r2([0.5, 0.5, 0.5], [1.0, 2.0, 4.0])
        0.0
    """
    return pcc(predictions, references) ** 2


class R2(evaluate.Metric):
    """`evaluate.load("r2").compute(predictions=..., references=...)` -> `{"r2": float}`; see `r2`."""

    def _info(self) -> evaluate.MetricInfo:
        number = datasets.Value("float64")
        return evaluate.MetricInfo(
            description=__doc__,
            citation=CITATION,
            inputs_description=r2.__doc__,
            features=datasets.Features({"predictions": number, "references": number}),
        )

    def _compute(self, predictions: list[float], references: list[float]) -> dict[str, float]:
        return {"r2": r2(predictions, references)}
