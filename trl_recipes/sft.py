"""Train one stage of ChatMultiOmics: the one entry point of all three stages.

    accelerate launch --config_file trl_recipes/accelerate/zero2.yaml trl_recipes/sft.py \
        --config trl_recipes/llama3.1-8b/stage2.yaml
    python trl_recipes/sft.py --config trl_recipes/tiny/stage1.yaml --set training.max_steps=10

Reads the recipe's dataset and model; writes <out>/run.json, log.jsonl, steps/, adapter/ and merged/. The same command
continues a run that was stopped. SIGTERM and SIGUSR1 make it save a checkpoint and exit with status 75.
"""

import argparse
import logging
import os
import sys
import warnings
from pathlib import Path


sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file, by accelerate too


def main() -> int:
    """Run one recipe; 1 on an error that the user can mend, 75 where a signal stopped it and it can go on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True, help="recipe: trl_recipes/<base model>/stage<k>.yaml")
    parser.add_argument(
        "--set", dest="changes", nargs="+", default=[], metavar="KEY=VALUE", help="changes to the recipe"
    )
    parser.add_argument("--fresh", action="store_true", help="start over instead of continuing from a checkpoint")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    warnings.simplefilter("ignore", FutureWarning)  # names that one library drops and another still uses
    warnings.filterwarnings("ignore", "'pin_memory'")  # says of a CPU that it is no GPU
    for library in ("httpx", "httpx2", "datasets", "fsspec", "DeepSpeed"):
        logging.getLogger(library).setLevel(logging.WARNING)

    from model_cards.publish import PublishError
    from trl_recipes.preemption import EXIT_STATUS, Preempted, hear_launcher
    from trl_recipes.recipe import RecipeError, load_recipe
    from trl_recipes.trainer import run

    hear_launcher()
    try:
        fresh = args.fresh and not int(os.environ.get("SLURM_RESTART_COUNT", 0))  # a job queued again goes on
        merged = run(load_recipe(args.config, args.changes), resume=not fresh)
    except (RecipeError, PublishError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except Preempted as stop:
        print(f"{stop}; the same command{' without --fresh' * args.fresh} goes on from there", file=sys.stderr)
        return EXIT_STATUS
    logging.info("model: %s", merged)
    return 0


if __name__ == "__main__":
    sys.exit(main())
