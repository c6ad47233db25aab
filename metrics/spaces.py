"""Every metric as one self-contained folder: what a Hub Space holds, and what `evaluate.load` finds when offline.

In the project the modules import each other by their full names. `evaluate` fetches from a Space only the main file
and the files beside it that this one imports, so what leaves the project is flat: every imported project file beside
the main one, with relative imports, and all of them imported by it.
"""

import ast
import hashlib
import os
import shutil
from pathlib import Path
from tempfile import mkdtemp


ROOT = Path(__file__).parent
PACKAGES = {"metrics", "dataset_builder"}
NAMES = tuple(sorted(folder.name for folder in ROOT.iterdir() if (folder / f"{folder.name}.py").is_file()))


def assemble(name: str, destination: Path) -> None:
    """Write the files of one Space to `destination`, a folder that is new or empty.

    Args:
        name: one of NAMES.

    Raises:
        ValueError: no such metric; two project files of one name; an import that cannot be made relative.
        FileExistsError: there are files at the destination.
    """
    if name not in NAMES:
        raise ValueError(f"{name!r} is no metric; expected one of {', '.join(NAMES)}")
    destination.mkdir(parents=True, exist_ok=True)
    if any(destination.iterdir()):
        raise FileExistsError(f"{destination} is not empty; name a new folder")
    for file in ("README.md", "app.py", "requirements.txt"):
        shutil.copyfile(ROOT / name / file, destination / file)
    main = f"metrics.{name}.{name}"
    files = collect(main)
    for module, source in files.items():
        if module == main:
            source = import_all(source, [flat(other) for other in files if other != main])
        (destination / f"{flat(module)}.py").write_text(source, encoding="utf-8")


def collect(main: str) -> dict[str, str]:
    """The source of the module and of every project module it imports, by full name, with relative imports."""
    files, waiting = {}, [main]
    while waiting:
        module = waiting.pop()
        if module not in files:
            files[module], imported = relative(module)
            waiting += imported
    if len({flat(module) for module in files}) < len(files):
        raise ValueError(f"{main}: two of {', '.join(sorted(files))} have the same file name; rename one")
    return files


def relative(module: str) -> tuple[str, list[str]]:
    """The module's source with `from metrics.a.b import c` as `from .b import c`, and the modules it imports."""
    path = ROOT.parent / f"{module.replace('.', '/')}.py"
    source = path.read_text(encoding="utf-8")
    lines, imported = source.splitlines(keepends=True), []
    for node in ast.walk(ast.parse(source)):
        names = [node.module] if isinstance(node, ast.ImportFrom) else []
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else names
        if not any(name and name.split(".")[0] in PACKAGES for name in names):
            continue
        line = lines[node.lineno - 1]
        start = f"from {names[0]} import "
        if not line.lstrip().startswith(start):
            raise ValueError(
                f"{path}: line {node.lineno}: {line.strip()!r}; write it as `from package.module import x`"
            )
        lines[node.lineno - 1] = line.replace(start, f"from .{flat(names[0])} import ", 1)
        imported.append(names[0])
    return "".join(lines), imported


def import_all(source: str, modules: list[str]) -> str:
    """The main file, with an import of each module that it does not import itself before its first import."""
    body = ast.parse(source).body
    own = {node.module for node in body if isinstance(node, ast.ImportFrom) and node.level}
    first = next(node.lineno for node in body if isinstance(node, ast.Import | ast.ImportFrom)) - 1
    note = "# evaluate fetches only those of the files beside this one that it imports.\n"
    missing = [f"from .{module} import __name__ as _{module}\n" for module in sorted(set(modules) - own)]
    lines = source.splitlines(keepends=True)
    return "".join(lines[:first] + ([note] if missing else []) + missing + lines[first:])


def flat(module: str) -> str:
    """The last part of a module's name."""
    return module.rpartition(".")[2]


def install() -> list[Path]:
    """Put every metric where `evaluate.load(name)` looks when there is no network: HF_HOME/modules.

    A version is a folder named by its content. It appears whole or not at all, and the one installed last is the one
    that `evaluate` takes.

    Returns:
        The installed folders, in the order of NAMES.
    """
    from evaluate.loading import init_dynamic_modules

    metrics = Path(init_dynamic_modules()) / "metrics"
    return [install_one(name, metrics / f"evaluate-metric--{name}") for name in NAMES]


def install_one(name: str, home: Path) -> Path:
    """Install one metric as `<home>/<64 hex digits>/`."""
    home.mkdir(parents=True, exist_ok=True)
    for package in (home.parent, home):
        (package / "__init__.py").touch()
    folder = Path(mkdtemp(prefix=".", dir=home))
    try:
        assemble(name, folder)
        (folder / "__init__.py").touch()
        installed = home / content_sha256(folder)
        if not installed.exists():
            folder.chmod(0o755)
            folder.rename(installed)
        os.utime(installed / f"{name}.py")
        return installed
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def content_sha256(folder: Path) -> str:
    """sha256 over the names and contents of a folder's files, as 64 hex digits."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(f"{path.name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\0".encode())
    return digest.hexdigest()
