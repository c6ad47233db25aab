"""Macro-averaged area under the ROC curve of a multi-label task (paper: section A.3)."""

from collections.abc import Mapping, Sequence

import datasets
import evaluate
import numpy as np

from metrics.inputs import label_scores


CITATION = """@article{hanley1982meaning,
  title={The meaning and use of the area under a receiver operating characteristic ({ROC}) curve},
  author={Hanley, James A. and McNeil, Barbara J.}, journal={Radiology}, volume={143}, number={1}, pages={29--36},
  year={1982}, doi={10.1148/radiology.143.1.7063747}}"""


def auc(predictions: Sequence[Mapping | Sequence], references: Sequence[Sequence]) -> float:
    """Mean over classes of the area under the ROC curve.

    From 0 to 1 (in every class each true row outscores each other row); 0.5 is chance, and higher is better. Only
    classes with both outcomes among the references count, all with the same weight; where there is none the value is
    0.5. Tied scores count half. With hard label sets the area of a class is its balanced accuracy.

    Args:
        predictions: n rows: numbers of shape (n, k), one score per class; or mappings label -> score, a label that
            is not there ranking below every score; or collections of labels.
        references: n rows: 0 and 1 of shape (n, k) for scores of that shape, otherwise collections of labels.

    Raises:
        ValueError: no rows, different shapes, or a score that is not a number.

    Examples:
        >>> auc([[0.9, 0.2], [0.4, 0.1], [0.6, 0.8]], [[1, 0], [0, 0], [1, 1]])
        1.0
        >>> auc([["m6A"], ["m6A"], []], [["m6A"], [], ["Psi"]])  # m6A 0.75, Psi 0.5
        0.625
    """
    from scipy.stats import rankdata
    from sklearn.metrics import roc_auc_score

    scores, truth = as_matrices(predictions, references)
    both = truth.any(axis=0) & ~truth.all(axis=0)
    # Ranks have the same curve as scores, and stand for -inf too, which roc_auc_score refuses.
    areas = [roc_auc_score(truth[:, k], rankdata(scores[:, k])) for k in np.flatnonzero(both)]
    return float(np.mean(areas)) if areas else 0.5


def as_matrices(predictions: Sequence, references: Sequence) -> tuple[np.ndarray, np.ndarray]:
    """Scores (float64) and truth (bool), both of shape (n, k)."""
    labels = {label for row in references for label in row}
    if labels and labels <= {0, 1}:
        scores, truth = np.asarray(predictions, dtype=np.float64), np.asarray(references, dtype=bool)
        if np.isnan(scores).any():
            raise ValueError("predictions hold NaN; give every class a number")
    else:
        rows = [label_scores(row) for row in predictions]
        classes = sorted(labels)
        scores = np.array([[row.get(label, -np.inf) for label in classes] for row in rows], dtype=np.float64)
        truth = np.array([[label in row for label in classes] for row in references], dtype=bool)
    if scores.shape != truth.shape or not len(scores):
        raise ValueError(
            f"predictions have the shape {scores.shape} and references {truth.shape}; "
            "give both the same number of rows and classes, and at least one row"
        )
    return scores, truth


class Auc(evaluate.Metric):
    """`evaluate.load("auc").compute(predictions=..., references=...)` -> `{"auc": float}`; see `auc`."""

    def _info(self) -> evaluate.MetricInfo:
        labels = datasets.List(datasets.Value("string"))
        return evaluate.MetricInfo(
            description=__doc__,
            citation=CITATION,
            inputs_description=auc.__doc__,
            features=[
                datasets.Features({"predictions": labels, "references": labels}),
                datasets.Features(
                    {
                        "predictions": datasets.List(datasets.Value("float64")),
                        "references": datasets.List(datasets.Value("int64")),
                    }
                ),
            ],
        )

    def _compute(self, predictions: list[list], references: list[list]) -> dict[str, float]:
        return {"auc": auc(predictions, references)}
