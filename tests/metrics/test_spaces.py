import ast
import doctest
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from metrics.spaces import NAMES, assemble, install_one


@pytest.mark.parametrize("name", NAMES)
def test_examples_in_the_docstrings(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"metrics.{name}.{name}"))
    assert result.attempted >= 2 and not result.failed


@pytest.mark.parametrize("name", NAMES)
def test_a_space_needs_no_file_of_the_project_but_its_own(name: str, tmp_path: Path) -> None:
    assemble(name, tmp_path)
    files = {path.stem for path in tmp_path.glob("*.py")}
    imports = {
        path.stem: [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
        for path in tmp_path.glob("*.py")
    }
    relative = {file: {node.module for node in nodes if node.level} for file, nodes in imports.items()}
    assert relative[name] == files - {name, "app"}  # evaluate fetches what the main file imports, and nothing else
    assert all(modules <= files for modules in relative.values())
    absolute = {node.module.split(".")[0] for nodes in imports.values() for node in nodes if not node.level}
    assert not absolute & {"metrics", "dataset_builder"}


def test_evaluate_fetches_all_that_a_space_needs(tmp_path: Path) -> None:
    import evaluate

    assemble("biology_instructions", tmp_path)
    module = evaluate.load(str(tmp_path / "biology_instructions.py"))
    scores = module.compute(predictions=["EC 1.1.1.1"], references=['["1.1.1.1"]'], tasks=["ec_number"])
    assert scores["ec_number"]["value"] == 1.0
    assert type(module).__module__.startswith("evaluate_modules.")


def test_assemble_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'mc' is no metric; expected one of auc, "):
        assemble("mc", tmp_path)
    (tmp_path / "mine.txt").touch()
    with pytest.raises(FileExistsError, match="not empty"):
        assemble("mcc", tmp_path)


CHECK = """
import doctest, importlib.util, pathlib, evaluate
assert importlib.util.find_spec("dataset_builder") is None
for readme in sorted(pathlib.Path(FOLDER).glob("*/README.md")):
    text = readme.read_text().replace("```", "")
    test = doctest.DocTestParser().get_doctest(text, {}, readme.parent.name, str(readme), 0)
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test)
    assert result.attempted > 2 and not result.failed, readme
    print(readme.parent.name)
"""


def test_installed_metrics_load_offline_from_anywhere_and_compute_what_their_cards_say(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = os.environ | {"HF_HOME": str(home), "HF_HUB_OFFLINE": "1", "HF_UPDATE_DOWNLOAD_COUNTS": "0"}
    for name in [name for name in environment if name.startswith(("HF_MODULES", "HF_EVALUATE", "PYTHONPATH"))]:
        del environment[name]
    run = {"env": environment, "check": True, "capture_output": True, "text": True}
    installed = subprocess.run([sys.executable, "-m", "metrics", "install"], **run).stdout
    assert [line.partition(":")[0] for line in installed.splitlines()] == list(NAMES)
    assert all(Path(line.split(": ")[1]).is_relative_to(home) for line in installed.splitlines())

    check = CHECK.replace("FOLDER", repr(str(Path("metrics").resolve())))
    loaded = subprocess.run([sys.executable, "-I", "-c", check], cwd=elsewhere, **run).stdout
    assert loaded.split() == list(NAMES)


def test_install_again_changes_nothing_and_the_last_one_is_the_newest(tmp_path: Path) -> None:
    first = install_one("pcc", tmp_path / "evaluate-metric--pcc")
    older = first.rename(first.with_name("0" * 64))
    os.utime(older / "pcc.py", (0, 0))
    second = install_one("pcc", tmp_path / "evaluate-metric--pcc")
    os.utime(second / "pcc.py", (0, 0))
    os.utime(older / "pcc.py", (1, 1))
    assert install_one("pcc", tmp_path / "evaluate-metric--pcc") == second == first
    assert (second / "pcc.py").stat().st_mtime > (older / "pcc.py").stat().st_mtime
    assert {path.name for path in second.parent.iterdir()} == {"__init__.py", older.name, second.name}
