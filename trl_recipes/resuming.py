"""Where a stopped run goes on: its last whole checkpoint, and whether these processes can continue it."""

import dataclasses
import fcntl
import json
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from transformers import TrainerCallback
from transformers.trainer_callback import ExportableState

from trl_recipes.hub import fetch_checkpoint, saved_checkpoints
from trl_recipes.preemption import Preempted
from trl_recipes.recipe import Recipe, RecipeError


if TYPE_CHECKING:
    import trl

log = logging.getLogger(__name__)

STATE = "trainer_state.json"
PROBE = 2**24  # bytes; less was free if a save failed for lack of them
# of a recipe: another one has other weights or rows; what `training` holds, length of the run included, may change
LEARNS = ("stage", "base", "data", "balanced", "other_strand", "lora", "full", "frozen")


@dataclass(frozen=True)
class Split:
    """How the rows of a step, and under ZeRO the optimizer, are shared out.

    Attributes:
        rows: of a micro-batch.
        accumulation: micro-batches of a process in a step.
        processes: number of them; one per GPU.
        zero_stage: of DeepSpeed; 0 without it.
    """

    rows: int
    accumulation: int
    processes: int
    zero_stage: int

    @property
    def rows_a_step(self) -> int:
        """Rows of all processes in one step."""
        return self.rows * self.accumulation * self.processes

    def __str__(self) -> str:
        how = f"ZeRO-{self.zero_stage}" if self.zero_stage else "no DeepSpeed"
        product = f"{self.rows} x {self.accumulation} x {self.processes} processes = {self.rows_a_step}"
        return f"{product} rows a step, {how}"


def split_of(arguments: "trl.SFTConfig") -> Split:
    """The split of a run with these arguments in the processes that there are."""
    plugin = arguments.deepspeed_plugin
    return Split(
        arguments.per_device_train_batch_size,
        arguments.gradient_accumulation_steps,
        arguments.world_size,
        plugin.zero_stage if plugin else 0,
    )


class RunRecord(TrainerCallback, ExportableState):
    """Keeps in trainer_state.json, for whoever continues the run, its split and what its recipe trains on what."""

    def __init__(self, split: Split, recipe: Recipe) -> None:
        self.split, self.recipe = split, recipe

    def on_train_begin(self, args, state, control, **kwargs):
        state.stateful_callbacks[type(self).__name__] = self.state()

    def state(self) -> dict:
        """What trainer_state.json keeps."""
        split, recipe = map(dataclasses.asdict, (self.split, self.recipe))
        return {"args": {"split": split, "recipe": {key: recipe[key] for key in LEARNS}}, "attributes": {}}


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """No other run writes to `out` meanwhile.

    Raises:
        RecipeError: one does.
    """
    out.mkdir(parents=True, exist_ok=True)
    with open(out / ".lock", "w") as held:
        try:
            fcntl.lockf(held, fcntl.LOCK_EX | fcntl.LOCK_NB)  # ends with this process; its forks do not inherit it
        except (BlockingIOError, PermissionError):
            raise RecipeError(f"another run writes to {out}: wait for its end, or choose another `out`") from None
        except OSError as error:  # some clusters' disks have no locks
            log.warning("two runs at once in %s would not be noticed: %s", out, error)
        with full_disk_named(out):
            yield


@contextmanager
def full_disk_named(out: Path) -> Iterator[None]:
    """What fails because nothing more can be written to `out` says so; torch.save does not.

    Raises:
        RecipeError: the disk, or the share of it that the user has, is full.
    """
    try:
        yield
    except Preempted:  # has failed at nothing
        raise
    except Exception as error:
        try:
            with TemporaryFile(dir=out) as probe:
                probe.write(bytes(PROBE))
        except OSError as full:
            raise RecipeError(f"{out}: {full.strerror}; make room, and the same command goes on") from error
        raise


def last_checkpoint(recipe: Recipe, arguments: "trl.SFTConfig") -> str | None:
    """The newest whole checkpoint on disk, or else the one that the Hub has; None where the run starts.

    What a killed process left half written is deleted. The machines of a run share the folder of its recipe.

    Raises:
        RecipeError: it is of another recipe, or these processes cannot continue it.
    """
    with arguments.main_process_first(local=False, desc="find the last checkpoint"):
        found = saved_checkpoints(Path(recipe.out))
        for path in found.values():
            if not is_whole(path):
                shutil.rmtree(path, ignore_errors=True)
        whole = [step for step, path in found.items() if path.is_dir()]
        last = found[max(whole)] if whole else recipe.hub and fetch_checkpoint(recipe, Path(recipe.out))
    if not last:
        return None
    check_run(last, RunRecord(split_of(arguments), recipe))
    return str(last)


def is_whole(checkpoint: Path) -> bool:
    """Whether trainer_state.json, which Trainer writes last, is there and complete."""
    try:
        json.loads((checkpoint / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


def check_run(checkpoint: Path, now: RunRecord) -> None:
    """Whether a run takes the steps that the run of the checkpoint would have taken.

    A step takes the next rows of one shuffled order, so any split of as many rows goes on with the same data; under
    ZeRO each process holds its part of the optimizer's state, so their number must stay too.

    Raises:
        RecipeError: another recipe, another number of rows or DeepSpeed stage, or with DeepSpeed of processes.
    """
    state = json.loads((checkpoint / STATE).read_text(encoding="utf-8"))
    record, name = state["stateful_callbacks"], RunRecord.__name__
    if name not in record:  # of a version that kept none
        return
    learned, learns = record[name]["args"]["recipe"], now.state()["args"]["recipe"]
    for key in LEARNS:
        if learned[key] != learns[key]:
            raise RecipeError(
                f"{checkpoint} is of another recipe: {key} was {learned[key]!r} and is {learns[key]!r}; choose another"
                " `out`, or start over with --fresh"
            )
    then = Split(**record[name]["args"]["split"])
    if then.rows_a_step != now.split.rows_a_step:
        cure = f"set global_batch={then.rows_a_step}"
    elif then.zero_stage != now.split.zero_stage:
        cure = f"use the DeepSpeed setting of the run: {f'ZeRO-{then.zero_stage}' if then.zero_stage else 'none'}"
    elif then.zero_stage and then.processes != now.split.processes:
        cure = f"DeepSpeed keeps a part of the optimizer in each process: run {then.processes} processes"
    else:
        return
    step = Path(now.recipe.out) / "steps" / f"step-{state['global_step']}"
    raise RecipeError(
        f"{checkpoint} was saved with {then}; this run has {now.split}. {cure}; or go on from its weights with a new "
        f"optimizer, by --set model={step} out=<another folder>; or start over with --fresh"
    )
