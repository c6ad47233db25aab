"""The folder that the command `baselines` leaves: a predictions.parquet per baseline."""

from pathlib import Path

from metrics.benchmark.predictions import PREDICTIONS, read_predictions
from metrics.benchmark.stored import EvaluationError


NAMES = ("composition", "k-mer regression", "k-mer neighbours")


def folder_of(name: str) -> str:
    """The folder of a baseline."""
    return name.replace("-", "").replace(" ", "_")


def read_baselines(folder: Path, model: str, digest: str | None) -> dict[str, tuple[dict[str, str], dict]]:
    """The answers of the baselines that `write_baselines` left in a folder, and what each learned from, by name.

    Args:
        model: the model beside which they are shown; left out where it is itself among them.
        digest: of the dataset that is scored.

    Raises:
        EvaluationError: no such folder, or baselines of another build of the dataset.
    """
    found = {}
    for name in NAMES:
        table, about = read_predictions(folder / folder_of(name) / PREDICTIONS)
        if about["dataset"]["digest"] != digest:
            raise EvaluationError(
                f"{folder} holds baselines of build {about['dataset']['digest']} of the dataset, not of {digest}; "
                "make those of this build: python -m metrics baselines"
            )
        if about["model"] != model:
            found[name] = (
                dict(zip(table["id"].to_pylist(), table["answer"].to_pylist(), strict=True)),
                about["learned"],
            )
    return found
