"""Matthews correlation coefficient of a binary task (paper: section A.3)."""

from collections.abc import Sequence

import datasets
import evaluate


CITATION = """@article{matthews1975comparison,
  title={Comparison of the predicted and observed secondary structure of {T4} phage lysozyme},
  author={Matthews, Brian W.}, journal={Biochimica et Biophysica Acta}, volume={405}, number={2}, pages={442--451},
  year={1975}, doi={10.1016/0005-2795(75)90109-9}}"""
CLASSES = {"positive": 1, "negative": 0, 1: 1, 0: 0}


def mcc(predictions: Sequence[str | int], references: Sequence[str | int]) -> float:
    """Matthews correlation coefficient: (TP TN - FP FN) / sqrt((TP + FP)(TP + FN)(TN + FP)(TN + FN)).

    From -1 (every answer wrong) over 0 (no better than chance) to 1 (every answer right); higher is better. It equals
    the Pearson correlation of the two 0/1 vectors. Where predictions or references are all of one class the
    denominator is 0 and the value 0.0, by convention.

    Args:
        predictions: n labels, "positive" and "negative" or 1 and 0.
        references: n labels, written likewise.

    Raises:
        ValueError: no rows, a different number of rows, or a label of another spelling.

    Examples:
        >>> round(mcc(["positive", "negative", "negative"], ["positive", "positive", "negative"]), 4)
        0.5
        >>> mcc([0, 0, 0], [1, 0, 1])
        0.0
    """
    from sklearn.metrics import matthews_corrcoef

    unknown = (set(predictions) | set(references)) - CLASSES.keys()
    if unknown or len(predictions) != len(references) or not len(references):
        raise ValueError(
            f"{len(predictions)} predictions, {len(references)} references, unknown labels "
            f"{sorted(map(repr, unknown))[:5]}; give one 'positive' or 'negative' (or 1 or 0) per row and side"
        )
    binary = [[CLASSES[label] for label in labels] for labels in (references, predictions)]
    return float(matthews_corrcoef(*binary)) if all(len(set(labels)) == 2 for labels in binary) else 0.0


class Mcc(evaluate.Metric):
    """`evaluate.load("mcc").compute(predictions=..., references=...)` -> `{"mcc": float}`; see `mcc`."""

    def _info(self) -> evaluate.MetricInfo:
        text, integer = datasets.Value("string"), datasets.Value("int64")
        return evaluate.MetricInfo(
            description=__doc__,
            citation=CITATION,
            inputs_description=mcc.__doc__,
            features=[
                datasets.Features({"predictions": text, "references": text}),
                datasets.Features({"predictions": integer, "references": integer}),
            ],
        )

    def _compute(self, predictions: list, references: list) -> dict[str, float]:
        return {"mcc": mcc(predictions, references)}
