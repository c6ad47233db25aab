"""Recipes: one YAML file per stage, holding only what differs from the defaults; unknown keys fail."""

import dataclasses
import difflib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import yaml


class Loader(yaml.SafeLoader):
    """YAML as people write it: 2e-3 is a number here, which YAML 1.1 reads as text."""


Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"[+-]?\d+(\.\d*)?[eE][+-]?\d+$"), "+-0123456789")


STAGES = (1, 2, 3)
DTYPES = ("float32", "bfloat16", "float16")


class RecipeError(ValueError):
    """A recipe or command line that cannot be run: the message says what to change."""


@dataclass(frozen=True)
class Lora:
    """LoRA on the linear layers `targets`, the LoRA+ way (paper, section 4.1).

    Attributes:
        targets: `all-linear` (every linear layer but the output layer) or names such as `v_proj`.
        plus_ratio: learning rate of the B matrices over the base rate; A stays at the base rate.
    """

    rank: int
    alpha: int
    plus_ratio: float
    targets: str | list[str] = "all-linear"


@dataclass(frozen=True)
class Recipe:
    """One training stage.

    Attributes:
        stage: 1 continued pre-training, 2 instruction tuning, 3 reasoning tuning.
        base: name of the model family in Hub names: chatmultiomics-<base>-stage<k>.
        variant: what sets the run apart from the base's other runs of the stage; the end of its name on the Hub.
        model: folder or Hub id to start from.
        dataset: folder of a build, installed name, or Hub id.
        data: dataset config -> how many times its rows are repeated in an epoch (paper: [2, 1, 1] in stage 1).
        balanced: of every task only as many rows as the smallest has, those whose ids hash lowest (paper, appendix C).
        other_strand: every second repeat of a config shows the reverse complement where strand does not matter.
        out: folder of the run.
        global_batch: rows of a step, of all processes (paper, Table 3); micro-batches and accumulation follow from it
            and the number of processes. None leaves them to `training`.
        lora: None trains no LoRA.
        full: names of modules trained in full rank at the base rate, by the end of their names; `all` for every one.
        frozen: names of modules that `full: all` leaves out.
        hub: owner on the Hub to whom every checkpoint and, at the end, the model is pushed; None pushes nothing.
        dtype: dtype of the frozen weights and of the exported model; trained weights are always kept in float32.
        compile: compile the layers, on a GPU: pays from some hundred steps on, where rows are packed by documents.
        training: arguments of trl.SFTConfig.
    """

    stage: int
    base: str
    model: str
    data: dict[str, int]
    out: str
    training: dict[str, Any]
    dataset: str = "biology-instructions"
    variant: str = ""
    balanced: bool = False
    other_strand: bool = False
    global_batch: int | None = None
    lora: Lora | None = None
    full: list[str] | str = field(default_factory=list)
    frozen: list[str] = field(default_factory=list)
    dtype: str = "bfloat16"
    hub: str | None = None
    compile: bool = False


def load_recipe(path: Path, changes: list[str]) -> Recipe:
    """The recipe of a YAML file with `key=value` changes (dotted keys reach inside: training.max_steps=10).

    Raises:
        RecipeError: the file is missing or no YAML mapping, a key is unknown, or a value cannot be meant.
    """
    try:
        settings = parse(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        where = "the recipes are in trl_recipes/<base model>/stage<k>.yaml"
        raise RecipeError(f"{path}: no such recipe ({error}); {where}") from error
    if not isinstance(settings, dict):
        raise RecipeError(f"{path}: {settings!r}; expected a mapping of keys to values")
    for change in changes:
        key, equals, value = change.partition("=")
        if not equals:
            raise RecipeError(f"--set {change!r}: expected key=value, such as training.max_steps=10")
        *parents, last = key.split(".")
        target = settings
        for parent in parents:
            target = target.setdefault(parent, {})
            if not isinstance(target, dict):
                raise RecipeError(f"--set {change!r}: {parent} is {target!r}, which has no keys")
        target[last] = parse(value, f"--set {change!r}")
    if isinstance(settings.get("lora"), dict):
        settings["lora"] = build(Lora, settings["lora"], f"{path}: lora")
    recipe = build(Recipe, settings, str(path))
    check_values(recipe, str(path))
    return recipe


def parse(text: str, where: str) -> Any:
    """What a YAML text says."""
    try:
        return yaml.load(text, Loader)
    except yaml.YAMLError as error:
        raise RecipeError(f"{where}: not YAML: {error}") from error


def check_values(recipe: Recipe, where: str) -> None:
    """Values of the right type that mean nothing are named."""
    if recipe.stage not in STAGES:
        raise RecipeError(f"{where}: stage: {recipe.stage}; expected one of {', '.join(map(str, STAGES))}")
    if recipe.dtype not in DTYPES:
        raise RecipeError(f"{where}: dtype: {recipe.dtype!r}; expected one of {', '.join(DTYPES)}")
    if isinstance(recipe.full, str) and (recipe.full != "all" or recipe.lora):
        raise RecipeError(f"{where}: full: {recipe.full!r}; expected a list of module names, or, without lora, `all`")
    if not (recipe.lora or recipe.full):
        raise RecipeError(f"{where}: neither lora nor full: nothing would be trained")
    if not recipe.data:
        raise RecipeError(f"{where}: data: empty; expected dataset configs with their repeats, such as {{mini: 1}}")
    if recipe.global_batch is not None and recipe.global_batch < 1:
        raise RecipeError(f"{where}: global_batch: {recipe.global_batch}; expected rows of a step, 1 or more")
    if recipe.global_batch and "gradient_accumulation_steps" in recipe.training:
        raise RecipeError(
            f"{where}: global_batch says how many rows a step has: leave training.gradient_accumulation_steps out, or "
            "set global_batch=null"
        )
    for config, repeats in recipe.data.items():
        if repeats < 1:
            raise RecipeError(
                f"{where}: data: {config}: {repeats!r}; expected how many times its rows come, 1 or more"
            )


def build(cls: type, settings: dict[str, Any], where: str):
    """`cls(**settings)`, with unknown and missing keys and values of another type named."""
    known = [f.name for f in dataclasses.fields(cls)]
    for key in settings:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise RecipeError(f"{where}: unknown key {key!r}; {hint}known keys: {', '.join(known)}")
    required = [f.name for f in dataclasses.fields(cls) if f.default is f.default_factory is dataclasses.MISSING]
    missing = [name for name in required if name not in settings]
    if missing:
        raise RecipeError(f"{where}: missing {', '.join(missing)}")
    for key, kind in get_type_hints(cls).items():
        if key in settings and not is_a(settings[key], kind):
            raise RecipeError(
                f"{where}: {key}: {settings[key]!r}; expected {kind.__name__ if isinstance(kind, type) else kind}"
            )
    return cls(**settings)


def is_a(value: Any, kind: Any) -> bool:
    """Whether a value is of an annotated type; whole numbers are floats too, but truth values are no numbers."""
    kinds = get_args(kind)
    if get_origin(kind) is dict:
        return isinstance(value, dict) and all(is_a(k, kinds[0]) and is_a(v, kinds[1]) for k, v in value.items())
    if get_origin(kind) is list:
        return isinstance(value, list) and all(is_a(each, kinds[0]) for each in value)
    if kinds:
        return any(is_a(value, one) for one in kinds)
    if kind is Any:
        return True
    return isinstance(value, (int, float) if kind is float else kind) and isinstance(value, bool) <= (kind is bool)
