"""How probable each possible answer is under the model's own prompt; no label is seen.

Regression: a model's answer is a distribution over numbers. All numbers of the field's range and precision are
trees of digits, so that the expected value is exact over what the field can say. What is approximate: each number is
taken in the tokens that the tokenizer gives it, the answer is taken to begin so, and of several numbers each is
asked after the expected values of those before it.
"""

import logging
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.tasks import TASKS, Field, Task
from metrics.benchmark.asking import Batch, Settings
from metrics.benchmark.candidates import answer_text, candidates, field_prefixes, label_names, numbers, numbers_text
from metrics.benchmark.generation import encode, environment, load_model
from metrics.benchmark.passes import Scores, after, attends_to_all, float32_head
from metrics.benchmark.trie import Forest, forest


if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LOGIT_BYTES = 2**30  # of the logits of a batch's trees, in float32
ANSWER_TOKENS = 64  # room that a prompt leaves in the context
SMALLEST = 1e-300  # stands for smaller probabilities: a logarithm has to be a number

log = logging.getLogger(__name__)


def answers(rows: pa.Table, settings: Settings) -> Iterator[dict | Batch]:
    """The environment, then batches: see `metrics.benchmark.asking.Backend`."""
    import torch

    tokenizer, model = load_model(settings.model, settings.revision)
    float32_head(model)
    if not attends_to_all(model):
        log.warning("%s: its layers do not attend to all tokens; every answer is read alone", type(model).__name__)
    yield environment(tokenizer, model) | {"batch_size": settings.batch_size}
    with torch.inference_mode():
        yield from score_rows(rows, tokenizer, model, settings.batch_size)


def score_rows(
    rows: pa.Table,
    tokenizer: "PreTrainedTokenizerBase",
    model: "PreTrainedModel",
    batch_size: int,
    scores_after: "Callable[[list[list[int]], PreTrainedModel], Scores]" = after,
) -> Iterator[Batch]:
    """Scores of all rows, task by task, the longest questions first.

    `scores_after`: `after`, or `alone`, which says the same and shares nothing.

    A batch's `answers` are the most probable ones, or those that say the expected numbers. Its `more` has, per row,
    `label_scores`: of every label the log-probability that the answer says it, given that it is one of the possible
    answers (None for regression); `expected`: expected values by field (None for the others); and `answer_mass`: the
    probability that the answer is one of the possible ones (of several numbers: the first).
    """
    context = model.config.get_text_config().max_position_embeddings - ANSWER_TOKENS
    row_bytes = 4 * model.get_output_embeddings().weight.shape[0]
    for name in pc.unique(rows["task"]).to_pylist():
        task = TASKS[name]
        judge = judge_of(task, tokenizer)
        size = max(1, min(batch_size, LOGIT_BYTES // (row_bytes * (1 + judge.fed))))
        part = rows.filter(pc.equal(rows["task"], name))
        chats = list(zip(part["id"].to_pylist(), part["prompt"].to_pylist(), strict=True))
        chats.sort(key=lambda chat: len(chat[1][-1]["content"]), reverse=True)
        for i in range(0, len(chats), size):
            start = time.perf_counter()
            ids, prompts = zip(*chats[i : i + size], strict=True)
            encoded, cut = zip(*(encode(prompt, tokenizer, context) for prompt in prompts), strict=True)
            texts, more = judge(scores_after(list(encoded), model), len(ids))
            shortened = [row for row, was_cut in zip(ids, cut, strict=True) if was_cut]
            yield Batch(list(ids), texts, shortened, time.perf_counter() - start, more)


def judge_of(task: Task, tokenizer: "PreTrainedTokenizerBase") -> "Labels | Numbers":
    """What asks for the task's possible answers and reads their probabilities."""
    return Numbers(task, tokenizer) if task.kind == "regression" else Labels(task, tokenizer)


class Labels:
    """The possible answers of a classification task, and what their probabilities say of its labels."""

    def __init__(self, task: Task, tokenizer: "PreTrainedTokenizerBase") -> None:
        self.task, self.names = task, label_names(task)
        said = [candidate.labels for candidate in candidates(task)]
        sequences = tokenizer([candidate.text for candidate in candidates(task)], add_special_tokens=False)[
            "input_ids"
        ]
        self.possible = forest(sequences)
        self.fed, self.answers = self.possible.fed, len(sequences)
        self.sets = list(dict.fromkeys(said))
        self.of_label = np.array([[name in labels for labels in said] for name in self.names], dtype=np.float64)
        self.of_set = np.array([[labels == one for labels in said] for one in self.sets], dtype=np.float64)

    def __call__(self, scores: Scores, rows: int) -> tuple[list[str], dict[str, list]]:
        """Answers and `more` of a batch."""
        shares, mass = normalised(scores([[]] * rows, self.possible))
        of_labels = np.log(np.maximum(shares @ self.of_label.T, SMALLEST)).tolist()
        best = (shares @ self.of_set.T).argmax(axis=1)
        return [answer_text(self.task, self.sets[i]) for i in best], {
            "label_scores": [dict(zip(self.names, row, strict=True)) for row in of_labels],
            "expected": [None] * rows,
            "answer_mass": mass.tolist(),
        }


class Numbers:
    """All numbers that a regression answer can say, field after field, and their expected values."""

    def __init__(self, task: Task, tokenizer: "PreTrainedTokenizerBase") -> None:
        self.task, self.tokenizer, self.prefixes = task, tokenizer, field_prefixes(task)
        low = [field.low for field in task.fields]
        self.possible = [self.numbers_after(self.text_before(low[:i]), field) for i, field in enumerate(task.fields)]
        self.fed = max(each.fed for each in self.possible)
        self.answers = sum(len(each.sequences) for each in self.possible)
        self.values = [np.array(list(map(float, numbers(field)))) for field in task.fields]

    def text_before(self, values: list[float]) -> str:
        """What is said before the number that follows these."""
        return numbers_text(self.task, values) + self.prefixes[len(values)]

    def tokens(self, text: str) -> list[int]:
        return self.tokenizer(text, add_special_tokens=False)["input_ids"]

    def numbers_after(self, before: str, field: Field) -> Forest:
        """The field's numbers in the tokens that they have after the text `before`."""
        known = len(self.tokens(before))
        texts = [f"{before} {number}" for number in numbers(field)]
        return forest([self.tokens(text)[known:] for text in texts])

    def __call__(self, scores: Scores, rows: int) -> tuple[list[str], dict[str, list]]:
        """Answers and `more` of a batch."""
        expected: list[list[float]] = [[] for _ in range(rows)]
        masses = []
        for following, values in zip(self.possible, self.values, strict=True):
            between = [self.tokens(self.text_before(said)) for said in expected]
            shares, mass = normalised(scores(between, following))
            masses.append(mass.tolist())
            for said, value in zip(expected, (shares @ values).tolist(), strict=True):
                said.append(value)
        names = [field.name for field in self.task.fields]
        return [numbers_text(self.task, said) for said in expected], {
            "label_scores": [None] * rows,
            "expected": [dict(zip(names, said, strict=True)) for said in expected],
            "answer_mass": masses[0],
        }


def normalised(scores: "torch.Tensor") -> tuple[np.ndarray, np.ndarray]:
    """Log-probabilities of shape (b, k) -> each one's share of their sum, float64 (b, k); and the sum (b,)."""
    scores = scores.double()
    return scores.softmax(1).cpu().numpy(), scores.exp().sum(1).cpu().numpy()
