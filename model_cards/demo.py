"""The whole workflow on this machine: upstream files in, dataset, three training stages, scores, cards, Hub out.

    make demo                              synthetic files of all 21 tasks
    make demo SOURCES=<folder>             real upstream files
    python -m model_cards.demo --out demo [--sources <folder>]

Needs no network and no account: the Hub is one on loopback (tests/local_hub). Every step is the command that a user
would run, printed before it runs. The last steps make the README's four calls against what was published.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path


ORG = "biology"
QUIET = {"TOKENIZERS_PARALLELISM": "false", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
ACCELERATE = "accelerate launch --config_file trl_recipes/accelerate/cpu.yaml"


def main() -> int:
    """Run the workflow in a fresh folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of the demo; made anew")
    parser.add_argument(
        "--sources", type=Path, help="folder of real upstream files; synthetic ones are made without it"
    )
    args = parser.parse_args()
    if args.sources and not args.sources.is_dir():
        parser.error(f"{args.sources}: no such folder of upstream files")
    if args.out.exists() and not (args.out / "hub").is_dir() and any(args.out.iterdir()):
        parser.error(f"{args.out} holds something else than an earlier demo; choose another --out")
    shutil.rmtree(args.out, ignore_errors=True)
    run(args.out.resolve(), args.sources.resolve() if args.sources else None)
    return 0


def run(out: Path, sources: Path | None) -> None:
    """Every step in order, in the project's folder; stops at the first that fails."""
    from tests.local_hub import LocalHub

    started = time.time()
    with LocalHub(out / "hub", orgs=(ORG,)) as hub:
        shell = Shell(os.environ | hub.environment(out / "home") | QUIET)
        print(f"Hub on loopback: {hub.url}", flush=True)
        if not sources:
            sources = out / "sources"
            shell.step(f"python -m dataset_builder synthetic --out {sources}")
        dataset = out / "biology-instructions"
        shell.step(f"python -m dataset_builder build --sources {sources} --out {dataset}")
        shell.step(f"python -m dataset_builder install {dataset}")
        shell.step("python -m metrics install")
        runs = [out / "runs" / "tiny" / f"stage{k}" for k in range(4)]
        shell.step(f"python -m trl_recipes create trl_recipes/tiny/model.yaml --out {runs[0]}")
        models = [runs[0], *(run / "merged" for run in runs[1:])]
        for k in (1, 2, 3):
            changes = f"model={models[k - 1]} out={runs[k]}"
            shell.step(f"{ACCELERATE} trl_recipes/sft.py --config trl_recipes/tiny/stage{k}.yaml --set {changes}")
            asked = "--dataset biology-instructions --limit 24 --batch-size 64"
            shell.step(f"python -m metrics evaluate --model {models[k]} {asked} --out {runs[k] / 'evaluation'}")
            shell.step(f"python -m model_cards render --run {runs[k]}")
        results = " ".join(f"'tiny, stage {k}={runs[k] / 'evaluation'}'" for k in (1, 2, 3))
        shell.step(f"python -m model_cards tables --results {results} --out {out / 'benchmark'}")
        folders = " ".join(map(str, runs[1:]))
        publish = f"python -m model_cards publish --org {ORG} --dataset {dataset} --metrics --runs {folders}"
        shell.step(publish)
        print("\n# Again: nothing is left to transfer")
        shell.step(publish)
        print("\n# The four calls, against what was published")
        shell.step(f"python -m model_cards.four_calls --org {ORG}")
        published = f"dataset={ORG}/biology-instructions model={ORG}/chatmultiomics-tiny-stage2"
        changes = f"{published} out={out / 'runs/tiny/from-the-hub'} training.max_steps=2"
        shell.step(f"{ACCELERATE} trl_recipes/sft.py --config trl_recipes/tiny/stage3.yaml --set {changes}")
    print(f"\ndemo finished in {time.time() - started:.0f} s: {out}")


class Shell:
    """Runs commands in the project's folder with the Hub's environment, and prints each before it runs."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.project = Path(__file__).resolve().parents[1]
        self.environment = environment | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"}

    def step(self, command: str) -> None:
        """One command line; its output goes to the terminal."""
        started = time.time()
        print(f"\n$ {command}", flush=True)
        self.run(shlex.split(command))
        print(f"  ({time.time() - started:.0f} s)", flush=True)

    def run(self, arguments: list[str]) -> None:
        """Run it; a failure ends the demo."""
        done = subprocess.run(arguments, cwd=self.project, env=self.environment, check=False)
        if done.returncode:
            sys.exit(f"demo stopped: exit status {done.returncode} of {shlex.join(arguments)[:200]}")


if __name__ == "__main__":
    sys.exit(main())
