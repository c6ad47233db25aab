"""Build, check, install and publish the instruction dataset.

python -m dataset_builder download --out sources             # upstream files from their publishers
python -m dataset_builder synthetic --out sources            # or made-up ones in the real layouts
python -m dataset_builder build --sources sources --out biology-instructions
python -m dataset_builder reason biology-instructions        # stage-3 answers, argued from the sequences
python -m dataset_builder audit biology-instructions         # duplicates, leakage, contradictory labels
python -m dataset_builder install biology-instructions       # load_dataset("biology-instructions", "ncrna_family")
python -m dataset_builder push biology-instructions --org <org>
python -m dataset_builder templates                          # how varied the wording is
"""

import argparse
import logging
import os
import sys
from pathlib import Path


def main() -> int:
    """Run one command; 1 on an error that the user can mend."""
    args = arguments().parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    for name in ("dataset_builder", "model_cards"):
        logging.getLogger(name).setLevel(logging.INFO)

    from dataset_builder.files import SourceError

    try:
        return COMMANDS[args.command](args) or 0
    except (SourceError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    from dataset_builder.reasoning.panel import add_panel

    parser = argparse.ArgumentParser(
        prog="python -m dataset_builder", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)

    download = commands.add_parser("download", help="fetch upstream files from their publishers")
    download.add_argument("tasks", nargs="*", metavar="TASK", help="task ids and corpora; all by default")
    download.add_argument("--out", type=Path, default=Path("sources"), help="the folder that build reads (sources)")
    download.add_argument("--yes", action="store_true", help="do not ask after the list of files, sizes and licences")
    download.add_argument("--dry-run", action="store_true", help="show the list and stop")

    synthetic = commands.add_parser("synthetic", help="write synthetic upstream files of every task")
    synthetic.add_argument("--out", type=Path, required=True)
    synthetic.add_argument("--rows", type=int, default=200, help="training rows per task")

    build = commands.add_parser("build", help="upstream files -> Parquet, manifest.json and card")
    sources = os.environ.get("BIOLOGY_INSTRUCTIONS_SOURCES")
    what = "folder of upstream files; the variable BIOLOGY_INSTRUCTIONS_SOURCES by default"
    build.add_argument("--sources", type=Path, default=sources, required=not sources, help=what)
    build.add_argument("--out", type=Path, required=True, help="the dataset folder to make or replace")
    build.add_argument("--tasks", nargs="+", metavar="TASK", help="task ids and corpora; all by default")
    build.add_argument("--seed", type=int, default=0, help="which templates the rows get")
    build.add_argument("--workers", type=int, default=os.cpu_count(), help="tasks built at once; one per core")
    build.add_argument("--engine", choices=("local", "datatrove"), default="local", help="what runs the workers")
    build.add_argument("--slurm", metavar="PARTITION", help="submit to Slurm by datatrove instead, a task per job")
    build.add_argument("--time", default="02:00:00", help="with --slurm: limit of each job")
    build.add_argument("--memory-gb", type=int, default=4, help="with --slurm: memory of each job")

    reason = commands.add_parser("reason", help="write the answers of the config reasoning anew")
    reason.add_argument("dataset", type=Path, help="a dataset folder made by build")
    reason.add_argument(
        "--backend",
        choices=("grounded", "openai"),
        default="grounded",
        help="grounded: by evidence, no model (the default); openai: by a model behind an OpenAI-compatible endpoint",
    )
    reason.add_argument("--rows", type=int, default=8_000, help="argued answers (8,000); plain rows are 3 for every 8")
    reason.add_argument("--workers", type=int, default=os.cpu_count(), help="of grounded: processes; one per core")
    add_panel(reason)

    audit = commands.add_parser("audit", help="duplicates, leakage and contradictory labels -> audit.json and card")
    audit.add_argument("dataset", type=Path, help="a dataset folder made by build")
    audit.add_argument("--no-align", action="store_true", help="leave MMseqs2 out though it is there")
    audit.add_argument("--workers", type=int, default=os.cpu_count(), help="tasks audited at once; one per core")

    install = commands.add_parser("install", help="make load_dataset('biology-instructions', …) work offline")
    install.add_argument("dataset", type=Path, help="a dataset folder made by build")

    push = commands.add_parser("push", help="publish a dataset folder to the Hub of HF_ENDPOINT, and tag its version")
    push.add_argument("dataset", type=Path, help="a dataset folder made by build")
    push.add_argument("--org", required=True, help="user or organisation: the dataset is <org>/biology-instructions")
    push.add_argument("--private", action="store_true", help="if it is made anew, make it private")

    templates = commands.add_parser("templates", help="counts and diversity of the wording; faults; new wording")
    templates.add_argument("tasks", nargs="*", metavar="TASK", help="task ids; all by default")
    templates.add_argument("--grow", metavar="MODEL", help="ask this model for new templates")
    templates.add_argument("--base-url", help="with --grow: an OpenAI-compatible endpoint; its key is OPENAI_API_KEY")
    templates.add_argument("--out", type=Path, help="with --grow: folder for the enlarged template files")
    templates.add_argument("--count", type=int, default=20, help="with --grow: new templates per list")
    return parser


def download(args: argparse.Namespace) -> int:
    from dataset_builder.build import names_to_build
    from dataset_builder.download import download

    complete = download(args.out, names_to_build(args.tasks), yes=args.yes, dry_run=args.dry_run)
    return 0 if complete else 1


def synthetic(args: argparse.Namespace) -> None:
    from dataset_builder import synthetic

    synthetic.write(args.out, rows=args.rows)
    print(f"synthetic upstream files -> {args.out}")


def build(args: argparse.Namespace) -> None:
    from dataset_builder.build import build, names_to_build, prepare, split_sizes

    names = names_to_build(args.tasks)
    if args.slurm:
        from dataset_builder.cluster import submit

        plan = prepare(args.sources, args.out, names, args.seed)
        job = submit(plan, args.out.resolve(), args.slurm, args.time, args.memory_gb)
        print(f"submitted; job {job.job_id} finishes {args.out}. If a job fails, run the same command again")
        return
    manifest = build(args.sources, args.out, names, args.seed, engine(args), args.workers)
    for folder, sizes in split_sizes(manifest).items():
        if not folder.startswith("mini/"):  # at most 1,000 rows of each split above
            print(f"{folder:32} " + "  ".join(f"{split} {rows:,}" for split, rows in sizes.items()))
    print(f"digest {manifest['digest']} -> {args.out}")


def engine(args: argparse.Namespace):
    """What builds the open units of a plan."""
    if args.engine == "datatrove":
        from dataset_builder.cluster import run_local

        return lambda plan: run_local(plan, args.out.resolve(), args.workers)
    from dataset_builder.workers import run_in_processes

    return lambda plan: run_in_processes(plan, args.workers)


def reason(args: argparse.Namespace) -> None:
    import pyarrow.parquet as pq

    from dataset_builder.reasoning.config import rewrite
    from dataset_builder.reasoning.variety import report

    record = rewrite(args.dataset, backend(args), args.rows)
    for task in sorted({**record["tasks"], **record["plain"]}):
        print(f"{task:32} argued {record['tasks'].get(task, 0):,}  plain {record['plain'].get(task, 0):,}")
    for why, rows in record["rejected"].items():
        print(f"rejected: {rows:,}: {why}")
    print(report(pq.read_table(args.dataset / "reasoning")))
    print(f"{record['accepted']:,} argued answers {record['how']} -> {args.dataset}")


def backend(args: argparse.Namespace):
    """What writes the answers."""
    from dataset_builder.files import SourceError
    from dataset_builder.reasoning.parallel import grounded

    if args.rows < 1:
        raise SourceError(f"--rows {args.rows}: give a positive number")
    if args.backend == "openai":
        from dataset_builder.reasoning.model import by_model
        from dataset_builder.reasoning.panel import panel_of

        return by_model(panel_of(vars(args)), args.calls or args.dataset.with_name(f"{args.dataset.name}-calls"))
    if args.model or args.base_url:
        raise SourceError("--model and --base-url are for --backend openai")
    return grounded(args.workers)


def audit(args: argparse.Namespace) -> None:
    from dataset_builder.audit import audit, table
    from dataset_builder.card import write_card

    print(table(audit(args.dataset, align=not args.no_align, workers=args.workers)))
    write_card(args.dataset)


def install(args: argparse.Namespace) -> None:
    from dataset_builder.install import install

    names = install(args.dataset)
    print(f"installed: load_dataset('biology-instructions', name) for name in {', '.join(names)}")


def push(args: argparse.Namespace) -> int:
    from model_cards.folders import FolderError
    from model_cards.publish import PublishError, publish

    try:
        publish(args.org, args.dataset, [], metrics=False, private=args.private)
    except (FolderError, PublishError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def templates(args: argparse.Namespace) -> int:
    from dataset_builder.build import names_to_build
    from dataset_builder.tasks import TASKS

    names = [name for name in names_to_build(args.tasks) if name in TASKS]
    if args.grow:
        from dataset_builder.growing import grow

        grow(names, args.grow, args.base_url, args.out, args.count)
        return 0
    from dataset_builder.diversity import run

    return run(names)


COMMANDS = {
    "download": download,
    "synthetic": synthetic,
    "build": build,
    "reason": reason,
    "audit": audit,
    "install": install,
    "push": push,
    "templates": templates,
}

if __name__ == "__main__":
    sys.exit(main())
