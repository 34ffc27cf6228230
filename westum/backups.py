"""One file that holds a whole installation: the database's dump, every stored file, and a list of their hashes.

The secret key, the queue and the cache are not in it: a key is kept apart from the data that it protects, and the
database is the ledger from which the queue is made again.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

MANIFEST, DUMP, FILES = "manifest.json", "database.dump", "files"
FORM = 1  # of the backup; a restore refuses one that it does not know


def back_up(target):
    """Write the backup; returns the number of stored files in it.

    The dump comes first: a file is stored before its row, so every row of the dump finds its file.
    """
    target = Path(target)
    if target.exists():
        raise CommandError(f"{target} is there already, and a backup overwrites nothing.")
    partial = target.with_name(target.name + ".partial")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as folder, tarfile.open(partial, "w:gz") as archive:
            partial.chmod(0o600)
            dump = Path(folder, DUMP)
            _dump(dump)
            members = {DUMP: dump}
            members |= {f"{FILES}/{path.relative_to(settings.MEDIA_ROOT)}": path for path in _stored_files()}
            hashes = {}
            for name, path in members.items():
                hashes[name] = _sha256(path)
                archive.add(path, name, recursive=False)
            manifest = {
                "form": FORM,
                "made_at": timezone.now().isoformat(timespec="seconds"),
                "database": connection.vendor,
                "migrations": sorted(".".join(key) for key in MigrationLoader(connection).applied_migrations),
                "sha256": hashes,
            }
            listing = Path(folder, MANIFEST)
            listing.write_text(json.dumps(manifest, indent=1))
            archive.add(listing, MANIFEST)
        partial.rename(target)  # a backup with its own name is a whole one
    except OSError as fault:
        raise CommandError(f"The backup could not be written: {fault}") from None
    finally:
        partial.unlink(missing_ok=True)
    return len(members) - 1


def restore(source, *, force=False):
    """Replace the database and the stored files by those of the backup; returns its manifest.

    Nothing is touched before the whole backup has been unpacked and every hash is right.
    """
    if not force and not is_empty():
        raise CommandError("This installation holds people or files. To replace all of it: restore FILE --force")
    try:
        settings.DATA.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=settings.DATA) as folder, tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
            manifest = _checked(Path(folder))
            _copy_files(Path(folder, FILES))
            _load(Path(folder, DUMP))
            _remove_others(Path(folder, FILES))
    except (OSError, tarfile.TarError, EOFError) as fault:
        raise CommandError(f"The backup could not be read: {fault}") from None
    call_command("migrate", interactive=False, verbosity=0)
    return manifest


def is_empty():
    """Whether there is nothing here that a restore would destroy: neither people nor files."""
    try:
        return not get_user_model()._base_manager.exists() and not any(_stored_files())
    except DatabaseError:  # no tables yet
        connection.rollback()
        return not any(_stored_files())


def _stored_files():
    return sorted(path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


def _sha256(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _checked(folder):
    """The manifest of an unpacked backup whose files are those that it names, byte for byte."""
    manifest = json.loads((folder / MANIFEST).read_text())
    if manifest["form"] != FORM:
        raise CommandError("The backup was made by another version of this command.")
    if manifest["database"] != connection.vendor:
        raise CommandError(f"The backup is of {manifest['database']}, and this installation is on {connection.vendor}.")
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {MANIFEST}
    damaged = sorted(
        name
        for name in found | set(manifest["sha256"])
        if name not in found or _sha256(folder / name) != manifest["sha256"].get(name)
    )
    if damaged:
        raise CommandError(f"The backup is damaged; {len(damaged)} files differ from its list: {damaged[0]} …")
    known = {".".join(key) for key in MigrationLoader(None).disk_migrations}
    if unknown := sorted(set(manifest["migrations"]) - known):
        raise CommandError(f"The backup is of a newer Westum: this one does not know {unknown[-1]}.")
    return manifest


def _copy_files(source):
    """Put the files of the backup in place; a file is named by its hash, so those that are there already are right."""
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, root, dirs_exist_ok=True)


def _remove_others(source):
    """Remove the files that the backup does not have."""
    for path in _stored_files():
        if not (source / path.relative_to(settings.MEDIA_ROOT)).exists():
            path.unlink()


# The two databases


def _dump(target):
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(target)) as copy:
            connection.connection.backup(copy)  # one consistent state, while others go on writing
    else:
        _postgresql("pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--file", target)


def _load(dump):
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(dump)) as copy:
            connection.ensure_connection()
            copy.backup(connection.connection)
        connection.close()
    else:
        connection.close()
        script = dump.with_suffix(".sql")
        _postgresql("pg_restore", "--no-owner", "--no-privileges", "--file", script, dump)
        # All or nothing: what was there goes in the same transaction in which the backup comes.
        _postgresql(
            *("psql", "--quiet", "--no-psqlrc", "--single-transaction", "--set", "ON_ERROR_STOP=1"),
            *("--command", "DROP SCHEMA public CASCADE; CREATE SCHEMA public", "--file", script),
        )


def _postgresql(program, *args):
    """Run one of PostgreSQL's own programs on our database; the password goes by the environment."""
    path = shutil.which(program)
    if not path:
        raise CommandError(f"{program} is not installed. On Debian and Ubuntu: apt-get install postgresql-client")
    database = connection.settings_dict
    where = {
        "PGHOST": database["HOST"],
        "PGPORT": str(database["PORT"]),
        "PGUSER": database["USER"],
        "PGPASSWORD": database["PASSWORD"],
        "PGDATABASE": database["NAME"],
    }
    environment = os.environ | {name: value for name, value in where.items() if value}
    done = subprocess.run(  # noqa: S603
        [path, *args], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CommandError(f"{program} failed: {done.stderr.strip()}")
