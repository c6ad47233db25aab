"""Every saved checkpoint to the Hub while training goes on; nothing local is deleted before the Hub has it.

A recipe's `hub` names the owner. Each checkpoint becomes the tag `step-<n>` (a loadable model) and the branch
`checkpoint` (what training goes on from: adapter or weights, optimizer, scheduler, random states), so that a fresh
machine continues the run with the same command. transformers' own push skips a save while another one runs, reads no
upload's error, and may delete files that are being sent.
"""

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from model_cards.folders import repository_name
from model_cards.publish import PublishError, Repository, connect, publish, repository
from trl_recipes.answers import FILE
from trl_recipes.recipe import Recipe


if TYPE_CHECKING:
    from concurrent.futures import Future

BRANCH = "checkpoint"
LOG = "log.jsonl"
LAUNCHER = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")  # what makes a process one of several
LOCAL_ONLY = shutil.ignore_patterns("training_args.bin", "README.md")  # a pickle, and TRL's card

log = logging.getLogger(__name__)


def repository_of(recipe: Recipe) -> Repository:
    """The run's model repository, made if it is not there.

    Raises:
        PublishError: the Hub cannot be reached or does not accept the token.
    """
    return repository(connect(recipe.hub), f"{recipe.hub}/{name_of(recipe)}", "model", private=False)


def name_of(recipe: Recipe) -> str:
    """The name of the run's repository below its owner."""
    return repository_name(recipe.base, recipe.stage, recipe.variant)


def fetch_checkpoint(recipe: Recipe, out: Path) -> Path | None:
    """The checkpoint that the Hub has of this run, put where training looks for it, with the log up to it.

    Returns:
        Its folder below `out`; None where the Hub has none.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

    partial = out / ".checkpoint.partial"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        HfApi().snapshot_download(f"{recipe.hub}/{name_of(recipe)}", revision=BRANCH, local_dir=partial)
    except (RepositoryNotFoundError, RevisionNotFoundError):
        return None
    state = partial / "trainer_state.json"
    if not state.is_file():
        return None
    shutil.rmtree(partial / ".cache", ignore_errors=True)
    step = json.loads(state.read_text(encoding="utf-8"))["global_step"]
    target = out / "checkpoints" / f"checkpoint-{step}"
    target.parent.mkdir(parents=True, exist_ok=True)
    (partial / LOG).replace(out / LOG)
    partial.replace(target)
    log.info("checkpoint of step %s fetched from the Hub: %s", step, target)
    return target


def saved_checkpoints(out: Path) -> dict[int, Path]:
    """The checkpoints on disk, by step."""
    return {int(path.name.rpartition("-")[2]): path for path in (out / "checkpoints").glob("checkpoint-*")}


class CheckpointPusher:
    """Pushes checkpoints one after another in the background.

    Args:
        keep: at most so many of the newest checkpoints stay on disk (None: all), of those that the Hub has.
    """

    def __init__(self, target: Repository, out: Path, keep: int | None) -> None:
        self.target, self.out, self.keep = target, out, keep
        self.worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="push")
        self.waiting: dict[int, Future] = {}
        self.pushed: set[int] = set()
        left = sorted(self.saved())  # of a run that was stopped, perhaps before the Hub had them
        self.newest = max(left, default=0)
        for step in left:
            self.push(step)

    def push(self, step: int) -> None:
        """Push a saved step, and again every earlier one that failed."""
        for failed in [s for s, future in self.waiting.items() if future.done() and future.exception()]:
            log.warning("step %s is not on the Hub yet: %s", failed, self.waiting[failed].exception())
            self.waiting[failed] = self.worker.submit(self.send, failed)
        self.waiting[step] = self.worker.submit(self.send, step)

    def send(self, step: int) -> None:
        """One step to the Hub, verified; then older ones may go from the disk."""
        refs = self.target.refs()
        branches, tags = ({ref.name for ref in group} for group in (refs.branches, refs.tags))
        for branch in {"steps", BRANCH} - branches:
            self.target.api.create_branch(self.target.id, branch=branch, exist_ok=True)
        tag = f"step-{step}"
        self.target.push_tag(self.out / "steps" / tag, tag, "steps", exists=tag in tags)
        if step == max(self.pushed | {step, self.newest}):
            self.send_checkpoint(step)
        self.pushed.add(step)
        self.rotate()

    def send_checkpoint(self, step: int) -> None:
        """What training goes on from."""
        with TemporaryDirectory() as place:
            checkpoint = self.out / "checkpoints" / f"checkpoint-{step}"
            shutil.copytree(checkpoint.resolve(), f"{place}/{step}", copy_function=os.symlink, ignore=LOCAL_ONLY)
            shutil.copy(self.out / LOG, f"{place}/{step}")
            self.target.push(Path(place) / str(step), BRANCH)

    def rotate(self) -> None:
        """Delete all but the `keep` newest of the checkpoints that the Hub has."""
        for step in sorted(self.pushed & set(self.saved()))[: -self.keep] if self.keep else ():
            shutil.rmtree(self.out / "checkpoints" / f"checkpoint-{step}")
            shutil.rmtree(self.out / "steps" / f"step-{step}", ignore_errors=True)

    def saved(self) -> list[int]:
        """The steps whose checkpoints are on disk."""
        return list(saved_checkpoints(self.out))

    def finish(self) -> None:
        """Wait for all pushes, trying those that failed once more.

        Raises:
            PublishError: a step is still not on the Hub.
        """
        for step, future in list(self.waiting.items()):
            if future.exception():
                self.waiting[step] = self.worker.submit(self.send, step)
        missing = {step: error for step, future in self.waiting.items() if (error := future.exception())}
        self.worker.shutdown()
        if missing:
            steps = ", ".join(f"step-{step} ({error})" for step, error in missing.items())
            raise PublishError(f"{self.target.id}: not on the Hub: {steps}; run `python -m model_cards publish`")


def publish_checked(recipe: Recipe, out: Path) -> None:
    """Publish a finished run; then a process of its own loads what the Hub has, and asks it what the export was asked.

    Raises:
        PublishError: the Hub does not hold the model that was trained.
    """
    publish(recipe.hub, None, [out], metrics=False, private=False)
    command = [sys.executable, "-m", "trl_recipes", "check", f"{recipe.hub}/{name_of(recipe)}", "--answers"]
    alone = {name: value for name, value in os.environ.items() if name not in LAUNCHER}
    where = {"cwd": Path(__file__).parents[1], "env": alone}
    done = subprocess.run([*command, (out / "merged" / FILE).resolve()], **where, capture_output=True, text=True)
    if done.returncode < 0:  # such as by the kernel, where memory is short
        ended = signal.Signals(-done.returncode).name
        raise PublishError(f"{name_of(recipe)}: its check was ended by {ended}; run the same command again")
    if done.returncode:
        raise PublishError(done.stderr.rpartition("\nerror: ")[2].strip())
    log.info("%s", done.stdout.strip())


def push_callback(pusher: CheckpointPusher):
    """The callback that hands every saved step to the pusher; it comes after the one that exports the step."""
    from transformers import TrainerCallback

    class Push(TrainerCallback):
        def on_save(self, args, state, control, **kwargs):
            pusher.push(state.global_step)

    return Push()


def push_before_leaving(pusher: CheckpointPusher) -> None:
    """Finish the pushes of a run that is asked to stop; what fails now is pushed when the run goes on."""
    try:
        pusher.finish()
    except PublishError as error:
        log.warning("%s", error)
