"""Publishing to the Hub that HF_ENDPOINT names: only what differs is sent, and every push is read back and compared.

    dataset  <org>/biology-instructions: each build is one revision of main, tagged v<version>-<digest>
    Space    <org>/<metric>
    model    <org>/chatmultiomics-<base>-stage<k>: the final model with its card on main, each saved checkpoint as the
             tag step-<n>, the PEFT adapter on the branch adapter

Checkpoints are committed to a branch `steps`, so that main goes from one final model to the next and never holds
anything else, however often a publish is interrupted.
"""

import json
import logging
import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from dataset_builder.manifest import MANIFEST
from model_cards.folders import FolderError, Run, check_dataset, read_json, read_run
from model_cards.render import DATASET, base_model, render


if TYPE_CHECKING:
    from huggingface_hub import GitRefs, HfApi

WAITS_S = (1, 2, 4, 8, 16)  # after each failed attempt to make a branch what the folder is
KEPT = ".gitattributes"  # the Hub's own file

log = logging.getLogger(__name__)


class PublishError(RuntimeError):
    """The Hub cannot be used, or does not hold what was sent: the message says what to do."""


def publish(org: str, dataset: Path | None, runs: list[Path], metrics: bool, private: bool) -> None:
    """Publish what is given; what the Hub already has is not sent again.

    Args:
        org: owner of the repositories: the user or an organisation of theirs.
        private: make new repositories private; those that exist stay as they are.

    Raises:
        FolderError: a folder is not what it should be; nothing was sent.
        PublishError: the Hub cannot be reached or refuses; run the same command again to complete it.
    """
    from httpx2 import HTTPError

    if dataset:
        check_dataset(dataset)
    found = sorted(map(read_run, runs), key=lambda run: run.name)
    for one, other in zip(found, found[1:], strict=False):
        if one.name == other.name:
            raise FolderError(f"{one.path} and {other.path} are both {one.name}; give one of them")
    api = connect(org)
    for run in found:
        render(run, org, dataset)
    try:
        if dataset:
            publish_dataset(repository(api, f"{org}/{DATASET}", "dataset", private), dataset)
        if metrics:
            publish_metrics(api, org, private)
        for run in found:
            publish_run(repository(api, f"{org}/{run.name}", "model", private), run, org)
    except (HTTPError, OSError) as error:  # hf_xet raises OSErrors
        raise PublishError(
            f"{api.endpoint}: {first_line(error)}; run the same command again to complete it"
        ) from error


def connect(org: str) -> "HfApi":
    """The Hub, once it has accepted the token for writing to `org`.

    Raises:
        PublishError: it cannot be reached, or does not accept the token.
    """
    from httpx2 import TransportError
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError, OfflineModeIsEnabled

    api = HfApi()
    try:
        me = api.whoami()
    except LocalTokenNotFoundError:
        raise PublishError(f"no token for {api.endpoint}; set HF_TOKEN, or log in: hf auth login") from None
    except (TransportError, OfflineModeIsEnabled) as error:
        raise PublishError(
            f"cannot reach {api.endpoint} ({first_line(error)}); check HF_ENDPOINT and the network"
        ) from error
    except HfHubHTTPError as error:
        if error.response.status_code != 401:
            raise PublishError(f"{api.endpoint} is no Hub or in trouble: {first_line(error)}") from error
        raise PublishError(
            f"{api.endpoint} does not know this token; set HF_TOKEN to one of its own that may write"
        ) from None
    if me.get("auth", {}).get("accessToken", {}).get("role") == "read":
        raise PublishError(f"the token of {me['name']} may only read; set HF_TOKEN to one that may write")
    owners = [me["name"], *(member["name"] for member in me.get("orgs", []))]
    if org not in owners:
        raise PublishError(f"{me['name']} cannot publish as {org!r}; give --org one of: {', '.join(owners)}")
    return api


def publish_dataset(target: "Repository", folder: Path) -> None:
    """A build as one revision of main and the tag by which it is loaded for ever, such as v2.0.0-4977c857b582.

    A build whose tag is there is not sent again, whatever main is by now. The card is written anew, with the names of
    its place on the Hub; the folder stays as it is.
    """
    from dataset_builder.card import version_tag, write_card

    tag = version_tag(read_json(folder / MANIFEST))
    exists = tag in {ref.name for ref in target.refs().tags}
    with TemporaryDirectory() as place:
        staged = Path(place) / folder.resolve().name
        shutil.copytree(folder.resolve(), staged, copy_function=os.symlink)
        write_card(staged, target.id, f"{target.api.endpoint}/datasets/{target.id}")
        target.push_tag(staged, tag, "main", exists)
    refs = target.refs()
    commits = {ref.name: ref.target_commit for ref in [*refs.branches, *refs.tags]}
    if commits["main"] != commits[tag]:
        log.info("dataset %s main: another build; this one loads with revision=%r", target.id, tag)


def publish_metrics(api: "HfApi", org: str, private: bool) -> None:
    """Every metric as a Space."""
    from metrics.spaces import NAMES, assemble

    for name in NAMES:
        with TemporaryDirectory() as folder:
            assemble(name, Path(folder) / name)
            repository(api, f"{org}/{name}", "space", private).push(Path(folder) / name)


def publish_run(target: "Repository", run: Run, org: str) -> None:
    """The checkpoints, the adapter and, last, the final model with its card."""
    refs = target.refs()
    branches, tags = ({ref.name for ref in group} for group in (refs.branches, refs.tags))
    for branch, wanted in (("steps", run.steps), ("adapter", run.adapter)):
        if wanted and branch not in branches:
            target.api.create_branch(target.id, branch=branch, exist_ok=True)
    for step in run.steps:
        target.push_tag(step, step.name, "steps", exists=step.name in tags)
    for tag in sorted(tag for tag in tags - {step.name for step in run.steps} if tag.startswith("step-")):
        log.info("model %s %s: kept; %s has no such step", target.id, tag, run.path)
    with TemporaryDirectory() as folder:
        if run.adapter:
            target.push(stage_adapter(run, org, Path(folder) / "adapter"), "adapter")
        for part in ("merged", "card"):
            shutil.copytree(
                (run.path / part).resolve(), f"{folder}/main", copy_function=os.symlink, dirs_exist_ok=True
            )
        target.push(Path(folder) / "main")


def stage_adapter(run: Run, org: str, out: Path) -> Path:
    """The adapter's weights and configuration; that names the base by its place on the Hub, not on this machine."""
    out.mkdir()
    config = read_json(run.adapter / "adapter_config.json") | {"base_model_name_or_path": base_model(run, org)}
    (out / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    (out / "adapter_model.safetensors").symlink_to((run.adapter / "adapter_model.safetensors").resolve())
    return out


def repository(api: "HfApi", id: str, kind: str, private: bool) -> "Repository":
    """The repository, made if it is not there."""
    if not api.repo_exists(id, repo_type=kind):
        sdk = {"space_sdk": "gradio"} if kind == "space" else {}
        api.create_repo(id, repo_type=kind, private=private, exist_ok=True, **sdk)
    return Repository(api, id, kind)


@dataclass(frozen=True)
class Repository:
    """A repository on the Hub; `kind` is model, dataset or space."""

    api: "HfApi"
    id: str
    kind: str

    def push(self, folder: Path, branch: str = "main") -> None:
        """Make a branch what the folder is."""
        self.report(branch, self.send(folder, branch)[1])

    def push_tag(self, folder: Path, tag: str, branch: str, exists: bool) -> None:
        """Make a tag what the folder is, by a commit to the branch, unless the tag is right already."""
        from huggingface_hub.errors import RevisionNotFoundError

        sent = 0
        if not exists or any(self.differences(folder, tag)):
            commit, sent = self.send(folder, branch)
            if exists:
                with suppress(RevisionNotFoundError):  # someone else pushes the same
                    self.api.delete_tag(self.id, tag=tag, repo_type=self.kind)
            self.api.create_tag(self.id, tag=tag, revision=commit, repo_type=self.kind, exist_ok=True)
            if any(self.differences(folder, tag)):
                raise PublishError(f"{self.kind} {self.id} {tag}: not what was sent; run the same command again")
        self.report(tag, sent)

    def refs(self) -> "GitRefs":
        """Branches and tags."""
        return self.api.list_repo_refs(self.id, repo_type=self.kind)

    def report(self, revision: str, sent: int) -> None:
        log.info("%s %s %s: %s, verified", self.kind, self.id, revision, f"{sent} changed" if sent else "unchanged")

    def differences(self, folder: Path, revision: str) -> tuple[list[str], list[str]]:
        """Paths that the revision lacks or has with other content, and paths that only it has; content by hash."""
        found = self.api.verify_repo_checksums(self.id, repo_type=self.kind, revision=revision, local_dir=folder)
        changed = found.extra_paths + [mismatch["path"] for mismatch in found.mismatches]
        return sorted(changed), [path for path in found.missing_paths if path != KEPT]

    def send(self, folder: Path, branch: str) -> tuple[str, int]:
        """(a commit of the branch that is what the folder is, by the Hub's listing; files sent for it).

        A commit is made on the very head that was compared with the folder, or refused (412) and tried anew: so no
        commit mixes what two send at once, and the same folder sent twice at once is one commit.

        Raises:
            PublishError: there is none after the last attempt.
        """
        from httpx2 import HTTPError
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        sent, failure = 0, "the listing differs"
        for wait_s in WAITS_S:
            try:
                head = self.api.repo_info(self.id, repo_type=self.kind, revision=branch).sha
                changed, gone = self.differences(folder, head)
                if not changed and not gone:
                    return head, sent
                made = self.api.create_commit(
                    self.id,
                    [
                        *(CommitOperationAdd(path, folder / path) for path in changed),
                        *(CommitOperationDelete(path) for path in gone),
                    ],
                    commit_message=f"Publish {len(changed)} files, delete {len(gone)}",
                    repo_type=self.kind,
                    revision=branch,
                    parent_commit=head,
                )
                sent += len(changed) + len(gone)
                if not any(self.differences(folder, made.oid)):
                    return made.oid, sent
            except HTTPError as error:
                failure = first_line(error)
                if not worth_another_attempt(error):
                    raise
            time.sleep(wait_s)
        raise PublishError(f"{self.kind} {self.id} {branch}: {failure}; run the same command again to complete it")


def worth_another_attempt(error: Exception) -> bool:
    """Whether the connection broke, someone else committed (412), or the server failed."""
    status = error.response.status_code if hasattr(error, "response") else 500
    return status == 412 or status >= 500


def first_line(error: Exception) -> str:
    """What an exception says, or its name where it says nothing."""
    return (str(error) or repr(error)).splitlines()[0]
