"""Three stages killed with SIGKILL at random moments end at the weights of three stages that nobody disturbed.

    python -m trl_recipes.kills --dataset biology-instructions --out runs/kills

Trains the tiny recipes once undisturbed, then again: killed so many times, at moments that a seed draws, each time
continued by the same command. Prints every kill, and whether weights, losses and token counts are equal; 1 where not.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path


STAGES = (1, 2, 3)
LATER = 5.0  # seconds
OUTPUT = "output.txt"
SHORT = ("training.max_steps=12", "training.save_steps=4", "training.logging_steps=1")


def main() -> int:
    """Both runs, and the comparison."""
    parser = argparse.ArgumentParser(
        prog="python -m trl_recipes.kills", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", default="biology-instructions", help="folder, installed name or Hub id")
    parser.add_argument("--out", type=Path, required=True, help="a new folder")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--set", dest="changes", nargs="+", default=SHORT, metavar="KEY=VALUE", help="to all recipes")
    args = parser.parse_args()
    if args.out.exists():
        parser.error(f"{args.out} is there already; choose another --out")

    from trl_recipes.scratch import create

    create(Path(__file__).parent / "tiny" / "model.yaml", args.dataset, args.out / "stage0")
    straight, killed = args.out / "straight", args.out / "killed"
    for stage in STAGES:
        finish(start(stage, args, straight), straight)
        print(f"stage {stage} undisturbed", flush=True)
    draw = random.Random(args.seed)
    moments = sorted(draw.uniform(0, len(STAGES)) for _ in range(args.kills))
    for stage in STAGES:
        steps = len(lines(straight / f"stage{stage}" / "log.jsonl"))
        for moment in moments:
            if stage - 1 <= moment < stage:
                kill(stage, args, killed, (moment - stage + 1) * steps)
        finish(start(stage, args, killed), killed)
    return compare(straight, killed)


def start(stage: int, args: argparse.Namespace, runs: Path) -> subprocess.Popen:
    """The stage's command, as a process group of its own."""
    model = runs / f"stage{stage - 1}" / "merged" if stage > 1 else args.out / "stage0"
    settings = (f"model={model}", f"dataset={args.dataset}", f"out={runs / f'stage{stage}'}", *args.changes)
    here = Path(__file__).parent
    command = [sys.executable, here / "sft.py", "--config", here / "tiny" / f"stage{stage}.yaml", "--set", *settings]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}  # one order of summation, however busy the machine
    runs.mkdir(exist_ok=True)
    with open(runs / OUTPUT, "ab") as output:
        return subprocess.Popen(command, env=environment, stdout=output, stderr=output, process_group=0)


def finish(process: subprocess.Popen, runs: Path) -> None:
    """Wait for its end, which must be a good one."""
    if process.wait():
        sys.exit(f"error: exit status {process.returncode}: see {runs / OUTPUT}")


def kill(stage: int, args: argparse.Namespace, runs: Path, moment: float) -> None:
    """Start or continue the stage, and kill it once it has logged so many steps; a fraction of a step is LATER longer.

    Before its first step a run starts up: 0.3 is 0.3 LATER after its start. If it ends sooner, it begins anew.
    """
    folder = runs / f"stage{stage}"
    while (process := start(stage, args, runs)) and ended_before(process, folder / "log.jsonl", moment):
        finish(process, runs)
        shutil.rmtree(folder)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    saved = max((int(path.name.rpartition("-")[2]) for path in folder.glob("checkpoints/checkpoint-*")), default=0)
    logged = len(lines(folder / "log.jsonl"))
    print(f"stage {stage} killed at {moment:.2f}: step {logged} logged, step {saved} saved", flush=True)


def ended_before(process: subprocess.Popen, log: Path, moment: float) -> bool:
    """Wait for the moment; whether the process ended first."""
    while process.poll() is None and len(lines(log)) < int(moment):
        time.sleep(0.01)
    try:
        process.wait(timeout=moment % 1 * LATER)
    except subprocess.TimeoutExpired:
        return False
    return True


def lines(log: Path) -> list[str]:
    """Whole lines of a log; none where there is no log yet."""
    if not log.is_file():
        return []
    return [line for line in log.read_text(encoding="utf-8").splitlines(keepends=True) if line.endswith("\n")]


def compare(straight: Path, killed: Path) -> int:
    """Say for every stage what is equal; 0 where all is."""
    differences = 0
    for stage in STAGES:
        one, other = (runs / f"stage{stage}" for runs in (straight, killed))
        steps, again = (
            [
                {k: v for k, v in json.loads(line).items() if k != "tokens_per_second"}
                for line in lines(run / "log.jsonl")
            ]
            for run in (one, other)
        )
        weights = [(run / "merged" / "model.safetensors").read_bytes() for run in (one, other)]
        found = {"weights": weights[0] == weights[1], f"log of {len(steps)} steps": steps == again}
        print(
            f"stage {stage}: "
            + ", ".join(f"{name} {'equal' if same else 'DIFFERENT'}" for name, same in found.items())
        )
        differences += list(found.values()).count(False)
    return int(differences > 0)


if __name__ == "__main__":
    sys.exit(main())
