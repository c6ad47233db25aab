"""What comes before training: a model where there is none; the data, before a GPU waits for it; what it will take. And
what comes after: whether the Hub holds the model that was trained.

    python -m trl_recipes create trl_recipes/tiny/model.yaml --dataset biology-instructions --out runs/tiny/stage0
    python -m trl_recipes prepare trl_recipes/tiny/stage2.yaml
    python -m trl_recipes plan trl_recipes/llama3.1-8b/stage2.yaml --gpus 8
    python -m trl_recipes check my-lab/chatmultiomics-llama3.1-8b-stage2 --revision step-5000

Training itself is trl_recipes/sft.py, which `accelerate launch` starts.
"""

import argparse
import sys
import warnings
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
    plan = commands.add_parser("plan", help="tokens, steps, memory and hours that a recipe will take")
    plan.add_argument("recipe", type=Path)
    plan.add_argument("--set", dest="changes", nargs="+", default=[], metavar="KEY=VALUE")
    plan.add_argument("--gpus", type=int, required=True)
    plan.add_argument("--gpu-gib", type=float, default=139, help="memory of one (default: an H200's)")
    plan.add_argument("--row-tokens", type=float, help="mean, where the data is not here to be counted")
    plan.add_argument("--tokens-per-second", type=float, help="of one GPU (default: as measured for the stage)")
    plan.add_argument("--price", type=float, help="of one GPU for an hour")
    plan.set_defaults(run=run_plan)
    check = commands.add_parser("check", help="whether a pushed model answers as it did in training")
    check.add_argument("model", help="Hub id or folder")
    check.add_argument("--revision", help="branch, tag or commit, such as step-5000 (default: main)")
    check.add_argument("--answers", type=Path, help="the training run's answers.json (default: the model's own)")
    check.set_defaults(run=run_check)
    args = parser.parse_args()
    warnings.simplefilter("ignore", FutureWarning)  # names that one library drops and another still uses

    from trl_recipes.recipe import RecipeError

    try:
        args.run(args)
    except (RecipeError, OSError) as error:
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


def run_plan(args: argparse.Namespace) -> None:
    """`plan`."""
    from trl_recipes.plan import plan
    from trl_recipes.recipe import load_recipe

    recipe = load_recipe(args.recipe, args.changes)
    for line in plan(recipe, args.gpus, args.gpu_gib, args.row_tokens, args.tokens_per_second, args.price):
        print(line)


def run_check(args: argparse.Namespace) -> None:
    """`check`."""
    from trl_recipes.answers import check

    print(check(args.model, args.revision, args.answers))


if __name__ == "__main__":
    sys.exit(main())
