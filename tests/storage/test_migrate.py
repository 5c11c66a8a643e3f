"""Migrations lead to the tables that schema.py describes, on both databases, once."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from storage import migrate
from storage.faults import RecordUnavailable
from storage.record import Record
from storage.schema import metadata
from tests.storage.office import add


def described(engine):
    """Give all that the database knows of its tables: SQLite as it was told, PostgreSQL as it understood."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
            return {name: _told(sql) for name, sql in rows if "alembic" not in name}
        queries = (
            "SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity"
            " FROM information_schema.columns WHERE table_schema = 'public'",
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace",
            "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        )
        rows = [row for query in queries for row in connection.execute(text(query))]
        return sorted(map(str, (tuple(row) for row in rows if "alembic" not in row[0])))


def _told(sql):
    """Take away what makes no difference: white space, the order of constraints, brackets around brackets."""
    plain = re.sub(r"[\s\"]+", " ", sql).replace("((at + 0))", "(at + 0)")
    body, _, options = plain.rpartition(")")
    return sorted(part.strip() for part in re.split(r", (?=CONSTRAINT)", body)), options


def test_migrations_make_what_the_schema_describes(empty_url, request, tmp_path, postgres):
    """Tables, columns, keys, indexes with their conditions: the same by either way."""
    migrate.upgrade(empty_url)
    if empty_url.startswith("sqlite"):
        other_url = f"sqlite:///{tmp_path}/other.db"
    else:
        other_url = postgres.url(postgres.database("template1"))
    migrated, made = (create_engine(migrate.driver_url(url)) for url in (empty_url, other_url))
    try:
        metadata.create_all(made)
        assert described(migrated) == described(made)
    finally:
        migrated.dispose()
        made.dispose()


def test_the_newest_migration_is_the_one_that_is_asked_for():
    """What the program takes for the newest is the last in the folder, and there is one last."""
    assert ScriptDirectory(str(migrate._FOLDER)).get_heads() == [migrate.HEAD]


def test_an_empty_database_gets_its_tables(empty_url, clock):
    """Opening a record makes what is missing, and opening it again changes nothing."""
    for number in (1, 2):
        with Record.open(empty_url, now=clock) as record:
            add(record)
            assert len(record.read_now(lambda reader: reader.contacts())) == number


def test_processes_that_start_at_once_make_the_tables_once(empty_url, clock):
    """Four that open an empty record at the same moment all get there."""

    def start(_):
        with Record.open(empty_url, now=clock) as record:
            return add(record).id

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(start, range(4)))
    with Record.open(empty_url, now=clock) as record:
        assert {each.id for each in record.read_now(lambda reader: reader.contacts())} == made


def test_a_record_of_a_newer_version_is_not_touched(url, clock):
    """A program that is older than the record says so instead of guessing."""
    with Record.open(url, now=clock) as record:
        record.write_now(lambda tx: tx.link.plain("UPDATE alembic_version SET version_num = '9999'", {}))
    with pytest.raises(RecordUnavailable, match="another version"):
        Record.open(url, now=clock)


def test_tables_of_something_else_are_not_touched(empty_url, clock):
    """A database that has other tables of these names is refused, all or nothing."""
    engine = create_engine(migrate.driver_url(empty_url))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE flags (country TEXT)"))
    with pytest.raises(RecordUnavailable, match="cannot be made"):
        Record.open(empty_url, now=clock)
    assert set(inspect(engine).get_table_names()) == {"flags"}
    engine.dispose()
