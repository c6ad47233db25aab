"""Protein-centric Fmax of a multi-label task, as in the CAFA challenges (paper: section A.3)."""

from collections.abc import Mapping, Sequence

import datasets
import evaluate
import numpy as np

from metrics.inputs import label_scores


CITATION = """@article{radivojac2013large,
  title={A large-scale evaluation of computational protein function prediction},
  author={Radivojac, Predrag and others}, journal={Nature Methods}, volume={10}, number={3}, pages={221--227},
  year={2013}, doi={10.1038/nmeth.2340}}"""


def fmax(predictions: Sequence[Mapping | Sequence], references: Sequence[Sequence[str]]) -> float:
    """Largest F1 over thresholds of protein-averaged precision and recall.

    From 0 (no true label is predicted) to 1 (at some threshold the predicted sets are the true ones); higher is
    better. A protein's labels at a threshold are those that score at least it. Precision is averaged over the
    proteins that have a predicted label there, recall over all proteins. The thresholds are the distinct scores, so
    labels that tie come in together, whatever their order; there is no threshold below the lowest score, so
    predicting nothing at all scores 0.0.

    Args:
        predictions: n rows: mappings label -> score (any real numbers, log-probabilities included), the same as lists
            of `{"label": ..., "score": ...}`, or collections of labels, which all score alike.
        references: n collections of true labels, none of them empty.

    Raises:
        ValueError: no rows, a different number of rows, a row without a true label, or a score that is not a number.

    Examples:
        >>> fmax([["1.1.1.1"], []], [["1.1.1.1"], ["2.7.11.1"]])  # precision 1 over one protein, recall 1/2
        0.6666666666666666
        >>> fmax([{"1.1.1.1": 0.9, "1.1.1.2": 0.4}], [["1.1.1.1"]])
        1.0
        >>> fmax([[], []], [["1.1.1.1"], ["2.7.11.1"]])
        0.0
    """
    if len(predictions) != len(references) or not len(references) or not all(len(row) for row in references):
        empty = [i for i, row in enumerate(references) if not len(row)][:1]
        raise ValueError(
            f"{len(predictions)} predictions, {len(references)} references, first reference without a label: "
            f"{empty or 'none'}; give one row each, and leave out proteins without a true label"
        )
    hits = [
        (protein, score, label in true, len(true))
        for protein, (row, true) in enumerate(zip(map(label_scores, predictions), map(set, references), strict=True))
        for label, score in row.items()
    ]
    if not hits:
        return 0.0
    protein, score, hit, n_true = (np.array(column, dtype=np.float64) for column in zip(*hits, strict=True))

    # Within each protein, best score first: after its k-th label the protein has precision (hits so far) / k.
    order = np.lexsort((-score, protein))
    protein, score, hit, n_true = protein[order], score[order], hit[order], n_true[order]
    starts = np.flatnonzero(np.diff(protein, prepend=-1))
    sizes = np.diff(starts, append=len(protein))
    k = np.arange(1, len(protein) + 1) - np.repeat(starts, sizes)
    so_far = np.cumsum(hit)
    precision = (so_far - np.repeat(so_far[starts] - hit[starts], sizes)) / k
    step = precision - np.where(k == 1, 0, np.roll(precision, 1))

    # Over all proteins, best score first: running sums, read where a group of tied scores ends.
    order = np.argsort(-score, kind="stable")
    ends = np.flatnonzero(np.append(score[order][1:] != score[order][:-1], True))
    started = np.cumsum(k[order] == 1)[ends]
    mean_precision = np.cumsum(step[order])[ends] / started
    mean_recall = np.cumsum((hit / n_true)[order])[ends] / len(references)
    total = mean_precision + mean_recall
    return float(np.max(2 * mean_precision * mean_recall / np.where(total > 0, total, 1)))


class Fmax(evaluate.Metric):
    """`evaluate.load("fmax").compute(predictions=..., references=...)` -> `{"fmax": float}`; see `fmax`.

    The form of the first row is expected of all: with scores it must not be empty.
    """

    def _info(self) -> evaluate.MetricInfo:
        labels = datasets.List(datasets.Value("string"))
        scores = datasets.List({"label": datasets.Value("string"), "score": datasets.Value("float64")})
        return evaluate.MetricInfo(
            description=__doc__,
            citation=CITATION,
            inputs_description=fmax.__doc__,
            features=[
                datasets.Features({"predictions": labels, "references": labels}),
                datasets.Features({"predictions": scores, "references": labels}),
            ],
        )

    def _compute(self, predictions: list[list], references: list[list[str]]) -> dict[str, float]:
        return {"fmax": fmax(predictions, references)}
