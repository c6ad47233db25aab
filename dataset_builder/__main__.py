"""Build, install and publish the instruction dataset.

python -m dataset_builder synthetic --out sources            # made-up upstream files in the real layouts
python -m dataset_builder build --sources sources --out biology-instructions
python -m dataset_builder install biology-instructions     # then load_dataset("biology-instructions", "ncrna_family")
"""

import argparse
import logging
import os
import sys
from pathlib import Path


def main() -> int:
    """Run one command; 1 on an error that the user can mend."""
    parser = argparse.ArgumentParser(
        prog="python -m dataset_builder", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="upstream files -> Parquet, manifest.json and card")
    sources = os.environ.get("BIOLOGY_INSTRUCTIONS_SOURCES")
    what = "folder of upstream files; the variable BIOLOGY_INSTRUCTIONS_SOURCES by default"
    build.add_argument("--sources", type=Path, default=sources, required=not sources, help=what)
    build.add_argument("--out", type=Path, required=True, help="the dataset folder to make or replace")
    build.add_argument("--tasks", nargs="+", metavar="TASK", help="task ids and corpora; all by default")
    build.add_argument("--seed", type=int, default=0, help="which templates the rows get")
    install = commands.add_parser("install", help="make load_dataset('biology-instructions', …) work offline")
    install.add_argument("dataset", type=Path, help="a dataset folder made by build")
    synthetic = commands.add_parser("synthetic", help="write synthetic upstream files of every task")
    synthetic.add_argument("--out", type=Path, required=True)
    synthetic.add_argument("--rows", type=int, default=200, help="training rows per task")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")

    from dataset_builder.files import SourceError

    try:
        run(args)
    except SourceError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def run(args: argparse.Namespace) -> None:
    """Dispatch; heavy modules are imported only by the command that needs them."""
    if args.command == "build":
        from dataset_builder.build import build, names_to_build, split_sizes

        manifest = build(args.sources, args.out, names_to_build(args.tasks), args.seed)
        for folder, sizes in split_sizes(manifest).items():
            print(f"{folder:32} " + "  ".join(f"{split} {rows:,}" for split, rows in sizes.items()))
        print(f"digest {manifest['digest']} -> {args.out}")
    elif args.command == "install":
        from dataset_builder.install import install

        names = install(args.dataset)
        print(f"installed: load_dataset('biology-instructions', name) for name in {', '.join(names)}")
    else:
        from dataset_builder import synthetic

        synthetic.write(args.out, rows=args.rows)
        print(f"synthetic upstream files -> {args.out}")


if __name__ == "__main__":
    sys.exit(main())
