"""Make a model from scratch for the recipes that start from none.

    python -m trl_recipes create trl_recipes/tiny/model.yaml --dataset biology-instructions --out runs/tiny/stage0

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
    args = parser.parse_args()

    from trl_recipes.recipe import RecipeError
    from trl_recipes.scratch import create as create_model

    try:
        create_model(args.shape, args.dataset, args.out)
    except RecipeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"model and tokenizer -> {args.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
