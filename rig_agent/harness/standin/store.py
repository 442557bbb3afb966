"""What the stand-in remembers, in one SQLite file: regimens, stages, states, mice, their sessions, outcomes."""
from __future__ import absolute_import, unicode_literals

import contextlib
import json
import sqlite3

from rig_agent.base.compat import database_path, text_type, to_text

TABLES = '''
CREATE TABLE IF NOT EXISTS regimens (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, transitions TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS stages (id INTEGER PRIMARY KEY, name TEXT NOT NULL, script TEXT NOT NULL,
                                   script_md5 TEXT, parameters TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS states (id INTEGER PRIMARY KEY, regimen_id INTEGER NOT NULL REFERENCES regimens,
                                   stage_id INTEGER NOT NULL REFERENCES stages);
CREATE TABLE IF NOT EXISTS subjects (mouse TEXT PRIMARY KEY, state_id INTEGER REFERENCES states);
CREATE TABLE IF NOT EXISTS sessions (id INTEGER PRIMARY KEY, mouse TEXT NOT NULL, date TEXT NOT NULL,
                                     state_id INTEGER NOT NULL, trials TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS outcomes (number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, posts INTEGER NOT NULL,
                                     received TEXT NOT NULL, record TEXT NOT NULL);
'''
LISTS = {'regimens': 'id', 'stages': 'id', 'states': 'id', 'subjects': 'mouse'}


class Wrong(Exception):
    """A request that the service refuses, with the reason it gives."""


class Store(object):
    """The state of one stand-in. Every call is a transaction of its own, from any thread."""

    def __init__(self, path):
        self.path = path
        with self.transaction() as database:
            for statement in TABLES.split(';'):
                database.execute(statement)

    @contextlib.contextmanager
    def transaction(self):
        database = sqlite3.connect(database_path(self.path), timeout=30, isolation_level=None)
        database.row_factory = _as_dictionary
        try:
            database.execute('BEGIN IMMEDIATE')
            yield database
            database.execute('COMMIT')
        finally:
            database.close()  # what was not committed is rolled back

    # -------------------------------------------------------------------------------------------- regimens

    def add_regimen(self, document):
        """Take a whole regimen: name, stages, transitions. Raises Wrong when it is none or the name is taken."""
        if not isinstance(document, dict) or not isinstance(document.get('name'), text_type):
            raise Wrong('a regimen is an object with a name')
        stages = document.get('stages')
        if not isinstance(stages, dict) or not stages:
            raise Wrong('a regimen has stages')
        with self.transaction() as database:
            if database.execute('SELECT 1 FROM regimens WHERE name = ?', [document['name']]).fetchone():
                raise Wrong('there is a regimen %s already' % document['name'])
            regimen = database.execute('INSERT INTO regimens (name, transitions) VALUES (?, ?)', [
                document['name'], _json(document.get('transitions') or [])]).lastrowid
            for name, stage in stages.items():
                if not isinstance(stage, dict) or not isinstance(stage.get('script'), text_type):
                    raise Wrong('the stage %s has no script' % name)
                row = database.execute(
                    'INSERT INTO stages (name, script, script_md5, parameters) VALUES (?, ?, ?, ?)',
                    [name, stage['script'], stage.get('script_md5'), _json(stage.get('parameters') or {})]).lastrowid
                database.execute('INSERT INTO states (regimen_id, stage_id) VALUES (?, ?)', [regimen, row])

    def has_regimen(self, name):
        with self.transaction() as database:
            return bool(database.execute('SELECT 1 FROM regimens WHERE name = ?', [name]).fetchone())

    def find_state(self, regimen_name, stage_name):
        """The state of a stage of a regimen, or None."""
        with self.transaction() as database:
            row = database.execute(
                'SELECT states.* FROM states JOIN regimens ON regimens.id = regimen_id JOIN stages ON '
                'stages.id = stage_id WHERE regimens.name = ? AND stages.name = ?',
                [regimen_name, stage_name]).fetchone()
            return row

    # -------------------------------------------------------------------------------------------- mice

    def add_subject(self, mouse, state):
        with self.transaction() as database:
            if not mouse.isdigit():
                raise Wrong('%s is no LabTracks id' % mouse)
            if database.execute('SELECT 1 FROM subjects WHERE mouse = ?', [mouse]).fetchone():
                raise Wrong('the mouse %s is known already' % mouse)
            database.execute('INSERT INTO subjects VALUES (?, ?)', [mouse, _known_state(database, state)])

    def set_state(self, mouse, state):
        with self.transaction() as database:
            state = _known_state(database, state)
            if not database.execute('UPDATE subjects SET state_id = ? WHERE mouse = ?', [state, mouse]).rowcount:
                raise Wrong('there is no mouse %s' % mouse)

    def subject(self, mouse):
        """{LabTracks_ID, state}, or None."""
        with self.transaction() as database:
            row = database.execute('SELECT * FROM subjects WHERE mouse = ?', [mouse]).fetchone()
            return _subject(database, row) if row else None

    # -------------------------------------------------------------------------------------------- rows

    def page(self, kind, number, size):
        """(rows of the page, how many rows there are), pages from 1."""
        with self.transaction() as database:
            count = database.execute('SELECT count(*) AS n FROM %s' % kind).fetchone()['n']
            rows = database.execute('SELECT * FROM %s ORDER BY %s LIMIT ? OFFSET ?' % (kind, LISTS[kind]),
                                    [size, (number - 1) * size]).fetchall()
            shape = {'regimens': _regimen, 'stages': _stage, 'states': _state, 'subjects': _subject}[kind]
            return [shape(database, row) for row in rows], count

    def row(self, kind, number):
        """One row of regimens, stages or states, or None."""
        with self.transaction() as database:
            row = database.execute('SELECT * FROM %s WHERE id = ?' % kind, [number]).fetchone()
            return {'regimens': _regimen, 'stages': _stage, 'states': _state}[kind](database, row) if row else None

    # -------------------------------------------------------------------------------------------- behaviour sessions

    def sessions(self, mouse):
        with self.transaction() as database:
            return database.execute('SELECT id, date FROM sessions WHERE mouse = ? ORDER BY id', [mouse]).fetchall()

    def add_session(self, mouse, date, trials):
        """Keep the trials of a session and let the mouse advance; returns its state afterwards."""
        from rig_agent.harness.standin.transitions import next_stage
        with self.transaction() as database:
            subject = database.execute('SELECT * FROM subjects WHERE mouse = ?', [mouse]).fetchone()
            if not subject or subject['state_id'] is None:
                raise Wrong('the mouse %s is on no stage' % mouse)
            database.execute('INSERT INTO sessions (mouse, date, state_id, trials) VALUES (?, ?, ?, ?)',
                             [mouse, date, subject['state_id'], _json(trials)])
            state = database.execute('SELECT states.*, name FROM states JOIN stages ON stages.id = stage_id '
                                     'WHERE states.id = ?', [subject['state_id']]).fetchone()
            regimen = database.execute('SELECT * FROM regimens WHERE id = ?', [state['regimen_id']]).fetchone()
            complete = database.execute('SELECT count(*) AS n FROM sessions WHERE mouse = ? AND state_id = ?',
                                        [mouse, state['id']]).fetchone()['n']
            stage = next_stage(json.loads(regimen['transitions']), state['name'], complete, trials)
            row = database.execute('SELECT states.id FROM states JOIN stages ON stages.id = stage_id '
                                   'WHERE regimen_id = ? AND name = ?', [regimen['id'], stage]).fetchone()
            if row:
                database.execute('UPDATE subjects SET state_id = ? WHERE mouse = ?', [row['id'], mouse])
        return self.subject(mouse)['state']

    # -------------------------------------------------------------------------------------------- outcomes

    def receive(self, identity, received, record):
        """Keep a record under its session's id, once; True when it was new."""
        with self.transaction() as database:
            if database.execute('UPDATE outcomes SET posts = posts + 1 WHERE id = ?', [identity]).rowcount:
                return False
            database.execute('INSERT INTO outcomes (id, posts, received, record) VALUES (?, 1, ?, ?)',
                             [identity, received, _json(record)])
            return True

    def outcomes(self):
        """[{id, posts, received, record}], the newest first."""
        with self.transaction() as database:
            rows = database.execute('SELECT id, posts, received, record FROM outcomes ORDER BY number DESC')
            return [dict(row, record=json.loads(row['record'])) for row in rows]


def _as_dictionary(cursor, row):
    return {to_text(column[0]): value for column, value in zip(cursor.description, row)}


def _known_state(database, state):
    if not isinstance(state, dict):
        raise Wrong('a state is an object')
    row = database.execute('SELECT id FROM states WHERE id = ? AND regimen_id = ? AND stage_id = ?',
                           [state.get('id'), state.get('regimen_id'), state.get('stage_id')]).fetchone()
    if not row:
        raise Wrong('there is no such state')
    return row['id']


def _state(database, row):
    return {key: row[key] for key in ('id', 'regimen_id', 'stage_id')}


def _subject(database, row):
    state = database.execute('SELECT * FROM states WHERE id = ?', [row['state_id']]).fetchone()
    return {'LabTracks_ID': row['mouse'], 'state': _state(database, state) if state else None}


def _stage(database, row):
    states = database.execute('SELECT * FROM states WHERE stage_id = ?', [row['id']]).fetchall()
    return dict(row, parameters=json.loads(row['parameters']), states=[_state(database, state) for state in states])


def _regimen(database, row):
    states = database.execute('SELECT * FROM states WHERE regimen_id = ?', [row['id']]).fetchall()
    stages = database.execute('SELECT stages.* FROM stages JOIN states ON stages.id = stage_id WHERE regimen_id = ? '
                              'ORDER BY stages.id', [row['id']]).fetchall()
    return {'id': row['id'], 'name': row['name'], 'active': True, 'states': [_state(database, one) for one in states],
            'stages': [dict(one, parameters=json.loads(one['parameters'])) for one in stages]}


def _json(value):
    return text_type(json.dumps(value, sort_keys=True))
