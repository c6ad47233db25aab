"""What the whole suite shares: no network, a home for the Hugging Face libraries, one built dataset, one model."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


# Read by the libraries when they are imported, so set before any test module is.
HOME = tempfile.mkdtemp(prefix="biology-instructions-tests-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ |= {
    "HF_HOME": HOME,
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_UPDATE_DOWNLOAD_COUNTS": "0",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "DS_ACCELERATOR": "cpu",
}


@pytest.fixture(scope="session")
def real_sources() -> Path:
    """The folder of real upstream files; tests that need it are skipped where there is none."""
    folder = os.environ.get("BIOLOGY_INSTRUCTIONS_SOURCES", "")
    if not Path(folder).is_dir() or not folder:
        pytest.skip("BIOLOGY_INSTRUCTIONS_SOURCES names no folder of real upstream files")
    return Path(folder)


@pytest.fixture(scope="session")
def synthetic_sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthetic upstream files of every task and corpus."""
    from dataset_builder import synthetic

    root = tmp_path_factory.mktemp("synthetic") / "sources"
    synthetic.write(root, rows=80)
    return root


@pytest.fixture(scope="session")
def dataset(synthetic_sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset folder with every config, built from the synthetic files."""
    from dataset_builder.build import build, names_to_build

    out = tmp_path_factory.mktemp("dataset") / "biology-instructions"
    build(synthetic_sources, out, names_to_build(None))
    return out


@pytest.fixture(scope="session")
def real_dataset(real_sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset folder built from the real upstream files."""
    from dataset_builder.build import build, names_to_build
    from dataset_builder.workers import run_in_processes

    out = tmp_path_factory.mktemp("real") / "biology-instructions"
    build(real_sources, out, names_to_build(None), run=lambda plan: run_in_processes(plan, 2))
    return out


@pytest.fixture(scope="session")
def tiny_model(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny recipe's random Llama, with a tokenizer trained on `dataset`."""
    from trl_recipes.scratch import create

    out = tmp_path_factory.mktemp("model") / "stage0"
    create(Path("trl_recipes/tiny/model.yaml"), str(dataset), out)
    return out


@pytest.fixture(scope="session")
def served_model(tiny_model: Path) -> Iterator[str]:
    """The base URL of a real OpenAI-compatible server of the tiny model."""
    from tests.served_model import serving_model

    with serving_model(tiny_model) as base_url:
        yield base_url
