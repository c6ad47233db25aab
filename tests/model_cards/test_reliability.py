"""Probabilities in a card: their scores in a table, and a picture whose points are the bins."""

import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from metrics.benchmark.calibration import calibration
from model_cards.figures import DARK, LIGHT
from model_cards.folders import read_run
from model_cards.reliability import draw_reliability, reliability
from model_cards.render import render
from tests.model_cards.runs import RESULTS, add_results, make_manifest, make_run


RANDOM = np.random.default_rng(0)
SURE = RANDOM.random(500)
PART = calibration(SURE, RANDOM.random(500) < SURE**2)  # too sure


def with_probabilities(results: dict) -> dict:
    block = {"metrics": {"auroc": {"value": 0.6543, "interval": [0.6, 0.7]}}, "calibration": PART}
    tasks = results["tasks"]
    return results | {
        "probabilities": {},
        "tasks": tasks | {"core_promoter": tasks["core_promoter"] | {"probabilities": block}},
    }


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_points_are_the_bins_and_nothing_leaves_the_picture(theme) -> None:
    tasks = ("core_promoter", "ncrna_family", "ec_number", "solubility", "rna_protein")
    figure = reliability(dict.fromkeys(tasks, PART), theme)
    figure.canvas.draw()
    panels = [axes for axes in figure.axes if axes.get_visible()]
    assert len(panels) == 5
    expected = [(each["predicted"], each["observed"]) for each in PART["bins"]]
    for axes in panels:
        assert np.allclose(axes.collections[0].get_offsets(), expected)
        assert f"ECE {100 * PART['ece']:.1f}" in axes.get_title()
        box = axes.title.get_window_extent()
        assert box.y1 <= figure.bbox.y1 and box.x1 <= figure.bbox.x1


def test_the_picture_is_opaque_in_both_themes(tmp_path: Path) -> None:
    assert draw_reliability(RESULTS, tmp_path) == "" and not list(tmp_path.iterdir())
    assert "reliability-dark.png" in draw_reliability(with_probabilities(RESULTS), tmp_path)
    for name, corner in (("reliability.png", 1.0), ("reliability-dark.png", 0x0D / 255)):
        pixels = imread(tmp_path / name)
        assert pixels[0, 0, 0] == pytest.approx(corner, abs=0.01) and pixels[..., 3].min() == 1
    assert {path.suffix for path in tmp_path.iterdir()} == {".png", ".svg"}


def test_a_card_shows_scores_of_probabilities(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    sizes = {"num_hidden_layers": 4, "hidden_size": 128, "vocab_size": 2048, "architectures": ["LlamaForCausalLM"]}
    (model / "config.json").write_text(json.dumps(sizes | {"model_type": "llama"}))
    (model / "tokenizer.json").write_text("{}")
    (model / "model.safetensors").write_bytes(bytes(100))
    run = make_run(tmp_path / "run", 2, model)
    add_results(run)
    path = run / "evaluation" / "results.json"
    path.write_text(json.dumps(with_probabilities(json.loads(path.read_text()))))
    card = render(read_run(run), "org", make_manifest(tmp_path / "build", synthetic=True))
    text = (card / "README.md").read_text()
    assert "| Core Promoter Detection | auroc | 65.43 | " in text and "expected calibration error" in text
    assert (card / "reliability.png").is_file()
