"""The 21 tasks for lighteval 0.13, zero-shot, by --custom-tasks metrics/lighteval_tasks.py: as biology_instructions|0
all of them, as biology_instructions:<task>|0 one.

The environment variable BIOLOGY_INSTRUCTIONS_DATASET names another dataset than the installed one: a folder or Hub id.
lighteval has one system prompt for all tasks: give it ours as `system_prompt` of the model (dataset_builder/tasks.py).
No standard error is given: lighteval's bootstrap divides by the root of the number of resamples, and is too small.
"""

import os
import sys
from functools import cache
from pathlib import Path

from lighteval.metrics.metrics_sample import SampleLevelComputation
from lighteval.metrics.utils.metric_utils import CorpusLevelMetric
from lighteval.models.model_output import ModelResponse
from lighteval.tasks.lighteval_task import LightevalTaskConfig
from lighteval.tasks.requests import Doc, SamplingMethod


sys.path.append(str(Path(__file__).resolve().parents[1]))

from dataset_builder.tasks import TASKS  # noqa: E402
from metrics.harness import Item, item_of, question, scored  # noqa: E402


DATASET = os.environ.get("BIOLOGY_INSTRUCTIONS_DATASET", "biology-instructions")


class AsItem(SampleLevelComputation):
    """A row with its answer."""

    def compute(self, doc: Doc, model_response: ModelResponse, **others: object) -> Item:
        return item_of(doc.specific, model_response.final_text[0])


def scores(items: list[Item]) -> dict[str, float]:
    """The task's score and the share of usable answers; as a dict, of which lighteval takes no standard error."""
    found = scored(items)
    return {"score": found.value, "coverage": found.coverage}


def doc_of(row: dict, task_name: str) -> Doc:
    """What lighteval asks of a row."""
    known = {name: row[name] for name in ("task", "subtask", "label")} | {"constant": constant(row["task"])}
    return Doc(task_name=task_name, query=question(row), choices=[row["label"]], gold_index=0, specific=known)


@cache
def constant(task: str) -> str:
    """What an unusable answer counts as: the training majority or mean."""
    from metrics.benchmark.baselines import constants

    return constants(DATASET, None, [task])[task].label


METRIC = CorpusLevelMetric(
    metric_name="score",
    higher_is_better=True,
    category=SamplingMethod.GENERATIVE,
    sample_level_fn=AsItem(),
    corpus_level_fn=scores,
)
TASKS_TABLE = [
    LightevalTaskConfig(
        name=f"biology_instructions:{task}",
        prompt_function=doc_of,
        hf_repo=DATASET,
        hf_subset=task,
        hf_avail_splits=["test"],
        evaluation_splits=["test"],
        few_shots_split="test",
        generation_size=128,
        stop_sequence=[],
        metrics=[METRIC],
        version=1,
    )
    for task in TASKS
]
