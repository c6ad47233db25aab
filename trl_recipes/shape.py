"""The sizes of a model without its weights: from its config.json, or from trl_recipes/<base>/model.yaml."""

from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from trl_recipes.recipe import Recipe, RecipeError


if TYPE_CHECKING:
    import transformers

HERE = Path(__file__).parent


def model_shape(base: str) -> "transformers.PreTrainedConfig":
    """The sizes in trl_recipes/<base>/model.yaml: of a Llama, unless `model_type` says otherwise."""
    from transformers import AutoConfig

    sizes = yaml.safe_load((HERE / base / "model.yaml").read_text(encoding="utf-8"))
    kind = sizes.pop("model_type", "llama")
    return AutoConfig.for_model(kind, **sizes, bos_token_id=0, eos_token_id=1, pad_token_id=2)


def recipe_shape(recipe: Recipe) -> "transformers.PreTrainedConfig":
    """The sizes of the recipe's model: a folder's, else those of model.yaml, else what the Hub says.

    Raises:
        RecipeError: nothing tells them.
    """
    from transformers import AutoConfig

    if not Path(recipe.model).is_dir() and (HERE / recipe.base / "model.yaml").is_file():
        return model_shape(recipe.base)
    try:
        return AutoConfig.from_pretrained(recipe.model)
    except (OSError, ValueError) as error:
        raise RecipeError(
            f"no folder {recipe.model}, no trl_recipes/{recipe.base}/model.yaml, and: {error}"
        ) from error
