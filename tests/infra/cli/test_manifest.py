"""Manifests with the installation's own address."""

from pathlib import Path

import yaml

from tests.infra.cli.conftest import Quillux


def test_the_slack_manifest_names_our_address_everywhere(quillux: Quillux, folder: Path) -> None:
    (folder / "quillux.toml").write_text("[server]\npublic_url = 'https://ask.acme.test/'\n")
    done = quillux("manifest", "slack")
    assert done.returncode == 0
    assert "example.com" not in done.stdout
    manifest = yaml.safe_load(done.stdout)
    assert manifest["settings"]["interactivity"]["request_url"] == "https://ask.acme.test/slack/events"


def test_without_an_address_nothing_is_written(quillux: Quillux, folder: Path) -> None:
    for words in ((), ("--url", "http://ask.acme.test")):
        done = quillux("manifest", "slack", "--out", "slack.yaml", *words)
        assert done.returncode == 2
        assert "https only" in done.stderr
    assert not (folder / "slack.yaml").exists()


def test_socket_mode_needs_no_address(quillux: Quillux, folder: Path) -> None:
    done = quillux("manifest", "slack", "--socket", "--out", "slack.yaml")
    assert done.returncode == 0
    assert yaml.safe_load((folder / "slack.yaml").read_text())["settings"]["socket_mode_enabled"] is True
