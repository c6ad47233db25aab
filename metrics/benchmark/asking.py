"""What every backend is given and what it gives back: settings in, batches of answers out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from dataset_builder.service import Service


@dataclass(frozen=True)
class Settings:
    """Whom to ask, and how.

    Attributes:
        model: folder or Hub id, or the name under which a service has it.
        revision: branch, tag or commit of a Hub id.
        max_new_tokens: length of an answer, in tokens.
        batch_size: rows answered together; it changes speed and memory, not the answers (but for rounding).
        service: where the model is served, for the backend `openai`.
        spent: what the answers that there are have cost, in the currency of the service's prices.
    """

    model: str
    revision: str | None = None
    max_new_tokens: int = 128
    batch_size: int = 16
    service: Service | None = None
    spent: float = 0


@dataclass(frozen=True)
class Batch:
    """Rows answered together.

    Attributes:
        ids: the rows.
        answers: raw text of each.
        shortened: ids of the rows whose sequence was shortened to fit the context.
        seconds: what the batch took by the clock.
        more: what else is known of each answer, by the name of its column in predictions.parquet.
    """

    ids: list[str]
    answers: list[str]
    shortened: list[str]
    seconds: float
    more: dict[str, list] = field(default_factory=dict)


@dataclass(frozen=True)
class Backend:
    """One way to get answers.

    Attributes:
        identify: which weights exactly the settings name; raises EvaluationError where they cannot be asked.
        answers: of rows with `id` and `prompt`, the environment as a dict and then batches, each row in one of them.
    """

    identify: Callable[[Settings], str]
    answers: Callable[[pa.Table, Settings], Iterator[dict | Batch]]
