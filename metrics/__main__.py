"""The metrics from the command line.

python -m metrics install                                                # then evaluate.load("mixed_score"), offline
python -m metrics evaluate --model runs/stage2/merged --dataset biology-instructions --out runs/stage2/evaluation
python -m metrics baselines --dataset biology-instructions --out baselines     # then --baselines baselines
python -m metrics evaluate --backend openai --base-url http://localhost:8000/v1 --model <name> --dataset … --out …
python -m metrics score --predictions predictions.parquet --dataset biology-instructions --out scored
python -m metrics compare one/predictions.parquet other/predictions.parquet --dataset … --out compared
python -m metrics score --predictions predictions.parquet --dataset … --out as-published --scorer opencompass --explain
python -m metrics audit-reasoning --dataset biology-instructions --out audited --explain      # or --predictions …
"""

import argparse
import logging
from pathlib import Path


def main() -> None:
    """Run the command that the arguments name."""
    parser = argparse.ArgumentParser(
        prog="python -m metrics", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    add_install(commands)
    add_evaluate(commands)
    add_score(commands)
    add_baselines(commands)
    add_compare(commands)
    add_audit_reasoning(commands)
    args = vars(parser.parse_args())
    try:
        args.pop("run")(**args)
    except OSError as error:
        raise SystemExit(f"error: {error}") from None


def add_install(commands: argparse._SubParsersAction) -> None:
    """`install`: make evaluate.load("<metric>") work from any directory with the network off."""
    text = 'Make evaluate.load("<metric>") work from any directory with the network off, for this HF_HOME.'
    commands.add_parser("install", help=text, description=text).set_defaults(run=install)


def install() -> None:
    """Install every metric and print what went where."""
    from metrics.spaces import install as install_all

    for folder in install_all():
        print(f"{folder.parent.name.removeprefix('evaluate-metric--')}: {folder}")


def add_evaluate(commands: argparse._SubParsersAction) -> None:
    """`evaluate`: ask a model the questions of the dataset and score its answers."""
    from dataset_builder.service import add_service

    text = "Ask a model the dataset's questions; write predictions.parquet and results.json; go on where it stopped."
    parser = commands.add_parser("evaluate", help=text, description=text)
    parser.add_argument("--model", required=True, help="folder, Hub id, or the name that a service has for it")
    parser.add_argument(
        "--backend",
        choices=("transformers", "vllm", "openai"),
        default="transformers",
        help="transformers (the default); vllm where it is installed; openai, any OpenAI-compatible endpoint",
    )
    parser.add_argument("--revision", help="branch, tag or commit of a Hub id")
    add_dataset(parser)
    add_shown_baselines(parser)
    parser.add_argument("--config", help="a config of many tasks (conditioned, mini); every task's own by default")
    parser.add_argument("--split", choices=("test", "validation"), default="test")
    parser.add_argument("--tasks", nargs="+", metavar="TASK", help="task ids; all that the dataset has by default")
    parser.add_argument("--limit", type=int, default=0, help="rows per task, chosen by hash; all by default")
    parser.add_argument(
        "--prompt",
        choices=("chat", "reasoning", "open-source", "closed-source"),
        default="chat",
        help="the dataset's own messages (chat, the default), its questions under the system prompt that asks for "
        "reasons, or a format of the paper for baselines (Table 9)",
    )
    parser.add_argument(
        "--mode",
        choices=("generate", "loglikelihood", "both"),
        default="generate",
        help="write answers (the default), rank the possible answers by their probability, or both side by side",
    )
    parser.add_argument(
        "--validation",
        type=int,
        default=0,
        metavar="ROWS",
        help="rows per yes-or-no task of the validation split, scored to choose the threshold of its probabilities",
    )
    parser.add_argument("--batch-size", type=int, default=16, help="rows answered together (default: %(default)s)")
    parser.add_argument("--max-new-tokens", type=int, help="length of an answer (default: 128; 1,024 with reasons)")
    add_service(parser)
    parser.set_defaults(run=lambda **args: report("evaluate", args))


def add_score(commands: argparse._SubParsersAction) -> None:
    """`score`: score answers that there are."""
    text = "Score the answers of a predictions.parquet; write results.json."
    more = (
        "strict never looks at a label to read an answer. paper and opencompass compute what the evaluators of the "
        "paper and of OpenCompass do, faults included, to be put beside published numbers; answers that those give to "
        "a sentiment or zero-shot model are unusable here (metrics/scorers)."
    )
    parser = commands.add_parser("score", help=text, description=f"{text} {more}")
    parser.add_argument("--predictions", type=Path, required=True, help="predictions.parquet")
    add_dataset(parser)
    add_shown_baselines(parser)
    parser.add_argument(
        "--scorer", choices=("strict", "paper", "opencompass"), default="strict", help="default: strict"
    )
    parser.add_argument(
        "--explain",
        action="store_true",
        help="also write and show the answers that the three scorers do not read or count alike, and why",
    )
    parser.set_defaults(run=lambda **args: report("score", args))


def add_baselines(commands: argparse._SubParsersAction) -> None:
    """`baselines`: train them, answer and score."""
    text = "Train baselines on the train split alone (minutes on 2 cores), answer the test split and score them."
    more = "Length and letters, k-mer regression and k-mer neighbours; evaluate and score show them by --baselines."
    parser = commands.add_parser("baselines", help=text, description=f"{text} {more}")
    add_dataset(parser)
    parser.add_argument("--tasks", nargs="+", metavar="TASK", help="task ids; all that the dataset has by default")
    parser.set_defaults(run=lambda **args: report("baselines", args))


def add_compare(commands: argparse._SubParsersAction) -> None:
    """`compare`: two models on the same rows."""
    text = "Compare two models' answers to the same rows by a paired bootstrap; write comparison.json."
    more = "Per task, sub-task and over the mean: the difference, its 95% interval, p, and what the rows can resolve."
    parser = commands.add_parser("compare", help=text, description=f"{text} {more}")
    parser.add_argument("first", type=Path, help="predictions.parquet, or the folder of one")
    parser.add_argument("second", type=Path, help="likewise")
    add_dataset(parser)
    parser.set_defaults(run=lambda **args: report("compare", args))


def add_audit_reasoning(commands: argparse._SubParsersAction) -> None:
    """`audit-reasoning`: check what reasoning answers say against their sequences."""
    text = "Check every claim of reasoning answers against their sequences; write audit.json."
    more = (
        "Per task: the shares of answers that are faithful, that state a wrong fact (a number, a motif, a position, "
        "the conclusion, …), that claim what no sequence can support, and that give away an answer they were shown."
    )
    parser = commands.add_parser("audit-reasoning", help=text, description=f"{text} {more}")
    parser.add_argument(
        "--predictions",
        type=Path,
        help="predictions.parquet of a model; by default the answers of the dataset's own config `reasoning`",
    )
    add_dataset(parser)
    parser.add_argument(
        "--explain", action="store_true", help="also write findings.jsonl: every answer that is not faithful, and why"
    )
    parser.set_defaults(run=lambda **args: report("audit-reasoning", args))


def add_dataset(parser: argparse.ArgumentParser) -> None:
    """What all but `install` need."""
    parser.add_argument("--dataset", required=True, help="built dataset folder, installed name or Hub id")
    parser.add_argument("--out", type=Path, required=True, help="folder of what the command writes")


def add_shown_baselines(parser: argparse.ArgumentParser) -> None:
    """What `evaluate` and `score` both show."""
    parser.add_argument(
        "--baselines", type=Path, help="folder of `python -m metrics baselines`, shown beside the model"
    )


def report(command: str, args: dict) -> None:
    """Run a command that gives results and print them; exit with 1 and one line on an error that the user can mend."""
    from dataset_builder.endpoint import EndpointError
    from dataset_builder.service import service_of
    from metrics.benchmark import evaluation
    from metrics.benchmark.compare import compare
    from metrics.benchmark.ranks import rank
    from metrics.benchmark.table import render, render_comparison
    from metrics.benchmark.trained.run import write_baselines
    from metrics.reasoning.audit import audit
    from metrics.reasoning.audit import render as render_audit

    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("metrics").setLevel(logging.ERROR if rank() else logging.INFO)
    try:
        if command == "evaluate":
            args["service"] = service_of(args)
        commands = {"evaluate": evaluation.evaluate, "score": evaluation.score}
        commands |= {"baselines": write_baselines, "compare": compare, "audit-reasoning": audit}
        results = commands[command](**args)
    except (evaluation.EvaluationError, EndpointError) as error:
        raise SystemExit(f"error: {error}") from None
    except KeyboardInterrupt:
        raise SystemExit("stopped; the answers so far are kept, and the same command goes on from them") from None
    if rank():
        return  # the first process tells
    rendered = {"compare": render_comparison, "audit-reasoning": render_audit}.get(command, render)
    print(rendered(results))
    if command == "score" and args["explain"]:
        from metrics.scorers.explain import render as render_explanations

        print(render_explanations(args["out"] / evaluation.EXPLANATIONS))


if __name__ == "__main__":
    main()
