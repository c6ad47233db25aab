"""Render model cards and the benchmark's tables, and publish to the Hub that HF_ENDPOINT names.

python -m model_cards render --run runs/tiny/stage2 --org my-lab       # runs/tiny/stage2/card/README.md
python -m model_cards tables --results "tiny, stage 2=runs/tiny/stage2/evaluation/results.json" --out benchmark
python -m model_cards publish --org my-lab --dataset biology-instructions --metrics --runs runs/tiny/stage*
"""

import argparse
import logging
import sys
from pathlib import Path


def main() -> int:
    """Run one command; 1 on an error that the user can mend."""
    parser = argparse.ArgumentParser(
        prog="python -m model_cards", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    render = commands.add_parser("render", help="<run>/card/ from run.json, log.jsonl and evaluation/results.json")
    render.add_argument("--run", type=Path, required=True, help="folder of one finished stage")
    render.add_argument("--org", default="your-org", help="owner that the card's links name (default: %(default)s)")
    render.add_argument("--dataset", type=Path, help="the build that the run was trained on")
    tables = commands.add_parser("tables", help="the paper's tables and figures with your results beside them")
    tables.add_argument("--results", nargs="*", default=[], metavar="[NAME=]FILE", help="results.json files")
    tables.add_argument("--out", type=Path, required=True, help="folder of README.md, tables.tex and the figures")
    tables.add_argument("--bars", nargs="+", metavar="TASK", help="tasks of the bars (default: one of each omics)")
    publish = commands.add_parser("publish", help="send what differs, then compare what the Hub lists")
    publish.add_argument("--org", required=True, help="owner of the repositories: your user name or organisation")
    publish.add_argument("--dataset", type=Path, help="a folder made by python -m dataset_builder build")
    publish.add_argument("--runs", type=Path, nargs="+", default=[], metavar="DIR", help="folders of finished stages")
    publish.add_argument("--metrics", action="store_true", help="every metric, as a Space")
    publish.add_argument("--private", action="store_true", help="make new repositories private")
    args = parser.parse_args()
    if args.command == "publish" and not (args.dataset or args.runs or args.metrics):
        publish.error("nothing to publish: give --dataset, --runs or --metrics")
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stdout)
    logging.getLogger("model_cards").setLevel(logging.INFO)

    from model_cards.folders import FolderError
    from model_cards.publish import PublishError

    try:
        run(args)
    except (FolderError, PublishError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def run(args: argparse.Namespace) -> None:
    """Dispatch; heavy modules are imported only by the command that needs them."""
    if args.command == "render":
        from model_cards.folders import read_run
        from model_cards.render import render

        print(render(read_run(args.run), args.org, args.dataset) / "README.md")
    elif args.command == "tables":
        from model_cards.benchmark import write_benchmark

        write_benchmark(args.results, args.out, **({"bar_tasks": args.bars} if args.bars else {}))
        print(args.out / "README.md")
    else:
        from model_cards.publish import publish

        publish(args.org, args.dataset, args.runs, args.metrics, args.private)


if __name__ == "__main__":
    sys.exit(main())
