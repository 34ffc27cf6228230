"""A backup holds the whole installation, and a restore brings back exactly that. On both databases, in real files."""

import io
import json
import tarfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from tests.factories import UserFactory
from westum import backups
from westum.base import files
from westum.base.models import Installation, StoredFile

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def house():
    """One person and one file."""
    user = UserFactory(name="Åsa Öberg")
    return user, files.keep(b"%PDF-1.7 the paper", name="paper.pdf", content_type="application/pdf")


def content():
    """All that a restore must bring back: rows, and every stored file with its bytes."""
    people = [(user.pk, user.name) for user in UserFactory._meta.model.objects.order_by("pk")]
    papers = list(StoredFile.objects.order_by("pk").values_list("pk", "sha256"))
    root = Path(settings.MEDIA_ROOT)
    return people, papers, {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_restore_brings_back_what_was_backed_up(house, tmp_path, capsys):
    before, target = content(), tmp_path / "westum.tar.gz"
    assert list(before[2].values()) == [b"%PDF-1.7 the paper"]
    call_command("backup", str(target))
    assert target.stat().st_mode & 0o777 == 0o600
    user, _ = house
    user.name = "Somebody else"
    user.save()
    UserFactory(name="A later one")
    files.keep(b"%PDF-1.7 a later paper", name="later.pdf", content_type="application/pdf")
    call_command("restore", str(target), force=True)
    assert content() == before
    assert "Restored as it was at" in capsys.readouterr().out


def test_restore_works_on_an_empty_installation_without_force(house, tmp_path):
    before, target = content(), tmp_path / "westum.tar.gz"
    backups.back_up(target)
    user, paper = house
    paper.delete()
    user.delete()
    for path in backups._stored_files():
        path.unlink()
    assert backups.is_empty()
    backups.restore(target)
    assert content() == before


def test_restore_refuses_an_installation_that_is_in_use(house, tmp_path):
    before, target = content(), tmp_path / "westum.tar.gz"
    backups.back_up(target)
    with pytest.raises(CommandError, match="holds people or files"):
        backups.restore(target)
    assert content() == before


def test_a_backup_overwrites_nothing_and_leaves_no_half_file(house, tmp_path):
    target = tmp_path / "westum.tar.gz"
    backups.back_up(target)
    with pytest.raises(CommandError, match="is there already"):
        backups.back_up(target)
    with pytest.raises(CommandError, match="could not be written"):
        backups.back_up(tmp_path / "missing" / "westum.tar.gz")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["media", "westum.tar.gz"]


def changed(source, target, change):
    """A copy of a backup in which `change(name, bytes)` has had its hand; None leaves a member out."""
    with tarfile.open(source) as old, tarfile.open(target, "w:gz") as new:
        for member in old:
            data = change(member.name, old.extractfile(member).read())
            if data is not None:
                member.size = len(data)
                new.addfile(member, io.BytesIO(data))
    return target


def edit_manifest(**fields):
    def change(name, data):
        return json.dumps(json.loads(data) | fields).encode() if name == backups.MANIFEST else data

    return change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda name, data: data[:-1] + b"!" if name.startswith("files/") else data, "is damaged; 1 files differ"),
        (lambda name, data: None if name.startswith("files/") else data, "is damaged; 1 files differ"),
        (lambda name, data: data[:-9] if name == backups.DUMP else data, "is damaged; 1 files differ"),
        (lambda name, data: None if name == backups.MANIFEST else data, "could not be read"),
        (edit_manifest(form=2), "another version of this command"),
        (edit_manifest(database="oracle"), "The backup is of oracle"),
        (edit_manifest(migrations=["consortium.9999_tomorrow"]), "does not know consortium.9999_tomorrow"),
    ],
)
def test_a_bad_backup_is_refused_before_anything_is_touched(house, tmp_path, change, sentence):
    backups.back_up(tmp_path / "good.tar.gz")
    before = content()
    bad = changed(tmp_path / "good.tar.gz", tmp_path / "bad.tar.gz", change)
    with pytest.raises(CommandError, match=sentence):
        backups.restore(bad, force=True)
    assert content() == before


def test_a_truncated_backup_is_refused(house, tmp_path):
    target = tmp_path / "westum.tar.gz"
    backups.back_up(target)
    target.write_bytes(target.read_bytes()[:-200])
    before = content()
    with pytest.raises(CommandError, match="could not be read"):
        backups.restore(target, force=True)
    assert content() == before


def test_a_backup_holds_no_secret_key(house, tmp_path):
    Installation.objects.get_or_create()
    target = tmp_path / "westum.tar.gz"
    backups.back_up(target)
    with tarfile.open(target) as archive:
        for member in archive:
            assert settings.SECRET_KEY.encode() not in archive.extractfile(member).read()
    assert connection.vendor in {"sqlite", "postgresql"}
