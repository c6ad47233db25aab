"""What comes before training: a model from scratch where there is none; the data, before a GPU waits for it.

    python -m trl_recipes create trl_recipes/tiny/model.yaml --dataset biology-instructions --out runs/tiny/stage0
    python -m trl_recipes prepare trl_recipes/tiny/stage2.yaml

Training itself is trl_recipes/sft.py, which `accelerate launch` starts.
"""

import argparse
import sys
from pathlib import Path


def main() -> int:
    """Run one command; 1 on an error that the user can mend."""
    parser = argparse.ArgumentParser(
        prog="python -m trl_recipes", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create", help="a random model and a tokenizer trained on the dataset")
    create.add_argument("shape", type=Path, help="YAML with the model's sizes")
    create.add_argument("--dataset", default="biology-instructions", help="folder, installed name or Hub id")
    create.add_argument("--out", type=Path, required=True)
    create.set_defaults(run=run_create)
    prepare = commands.add_parser("prepare", help="tokenise, mix and pack a recipe's data, which training then finds")
    prepare.add_argument("recipe", type=Path)
    prepare.add_argument("--set", dest="changes", nargs="+", default=[], metavar="KEY=VALUE")
    prepare.set_defaults(run=run_prepare)
    args = parser.parse_args()

    from trl_recipes.recipe import RecipeError

    try:
        args.run(args)
    except RecipeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def run_create(args: argparse.Namespace) -> None:
    """`create`."""
    from trl_recipes.scratch import create

    create(args.shape, args.dataset, args.out)
    print(f"model and tokenizer -> {args.out}")


def run_prepare(args: argparse.Namespace) -> None:
    """`prepare`."""
    from trl_recipes.data import load_data
    from trl_recipes.recipe import load_recipe
    from trl_recipes.trainer import arguments_of, tokenizer_of

    recipe = load_recipe(args.recipe, args.changes)
    rows, cuts = load_data(recipe, tokenizer_of(recipe), arguments_of(recipe, use_cpu=True))
    print(
        f"{len(rows):,} rows to train on, {cuts.tokens:,} tokens; of {cuts.rows:,} instruction rows "
        f"{cuts.shortened:,} were shortened and {cuts.dropped:,} dropped"
    )


if __name__ == "__main__":
    sys.exit(main())
