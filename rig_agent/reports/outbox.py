"""The outbox: records of ended sessions that wait to be delivered, in one SQLite file of the home.

A session's id is its key, so a record is queued once however often that is tried, and a row stays behind when it was
delivered or dropped. SQLite's rollback journal is used, not its write-ahead log, which network homes cannot share.
"""
from __future__ import absolute_import, unicode_literals

import contextlib
import json
import os
import random
import sqlite3
import time

from rig_agent.base.compat import database_path, read_json, reason_of, text_type, to_text
from rig_agent.base.errors import CheckFailed, NotFound, UsageError
from rig_agent.base.files import make_folder
from rig_agent.base.locks import held
from rig_agent.base.masking import mask, mask_value
from rig_agent.base.units import utc_now

FILE = 'outbox.sqlite'
FIRST_WAIT, LONGEST_WAIT = 30.0, 6 * 3600.0  # seconds between attempts to deliver one record
TABLE = '''CREATE TABLE IF NOT EXISTS outbox (
    id TEXT PRIMARY KEY, folder TEXT, state TEXT NOT NULL, queued TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt REAL NOT NULL DEFAULT 0, reason TEXT, settled TEXT, document TEXT)'''
STATES = ('queued', 'refused', 'delivered', 'dropped')
WAITING = ('queued', 'refused')


class Outbox(object):
    """The outbox of one home. Safe against any number of processes, and against their death at any moment.

    An entry is a dictionary: id, folder (name of the session's folder), state (`queued`; `refused` by the receiver,
    not tried again by itself; `delivered`; `dropped`), queued and settled (UTC), attempts, next_attempt (seconds since
    the epoch), reason (why the last attempt failed), document (JSON text, None once settled).
    """

    def __init__(self, home):
        self.path = os.path.join(home, FILE)

    # -------------------------------------------------------------------------------------------- filling

    def put(self, record, folder=None):
        """Queue the record of an ended session; False when its id has been seen before."""
        return bool(self._put_all([(record, folder)]))

    def _put_all(self, records):
        count = 0
        with self._transaction() as database:
            for record, folder in records:
                document = text_type(json.dumps(mask_value(record), sort_keys=True))
                count += database.execute(
                    'INSERT OR IGNORE INTO outbox (id, folder, state, queued, document) VALUES (?, ?, ?, ?, ?)',
                    [record['id'], folder, 'queued', utc_now(), document]).rowcount
        return count

    def collect(self, sessions_folder):
        """Queue every ended session that was not queued yet; returns how many.

        So nothing is lost when whoever followed a session died with its console before it could be queued.
        """
        try:
            names = sorted(to_text(name) for name in os.listdir(sessions_folder))
        except EnvironmentError:
            return 0
        if not names:
            return 0
        with self._transaction() as database:
            known = {row['folder'] for row in database.execute('SELECT folder FROM outbox')}
        ended = [(_ended(os.path.join(sessions_folder, name, 'session.json')), name)
                 for name in names if name not in known]
        ended = [(record, name) for record, name in ended if record]
        return self._put_all(ended) if ended else 0

    # -------------------------------------------------------------------------------------------- looking

    def entries(self, settled=False):
        """The entries that wait, the oldest first; with `settled` also those that were delivered or dropped."""
        with self._transaction() as database:
            return database.execute('SELECT * FROM outbox WHERE state IN (%s) ORDER BY queued, rowid'
                                    % ', '.join('?' * len(STATES if settled else WAITING)),
                                    STATES if settled else WAITING).fetchall()

    def entry(self, identity):
        """The entry of an id or of its beginning. Raises NotFound, UsageError when several begin so."""
        found = [entry for entry in self.entries(settled=True) if entry['id'].startswith(identity)]
        if not found or not identity:
            raise NotFound('The outbox has no session `%s`' % identity, where=self.path,
                           advice='`rig-agent outbox list --all` shows every id.')
        if len(found) > 1 and found[0]['id'] != identity:
            raise UsageError('Several sessions begin with `%s`' % identity,
                             found=', '.join(entry['id'] for entry in found), advice='Give more of the id.')
        return found[0]

    def due(self, everything=True):
        """The queued entries to try now: all, or those whose pause is over."""
        now = time.time()
        return [entry for entry in self.entries() if entry['state'] == 'queued'
                # A pause that ends further away than any pause is long: the clock was set back.
                and (everything or not now < entry['next_attempt'] < now + 2 * LONGEST_WAIT)]

    # -------------------------------------------------------------------------------------------- settling

    def delivered(self, identity):
        self._settle(identity, 'delivered')

    def failed(self, identity, reason, forever=False):
        """Note a failed attempt: tried again after a growing pause, or, when refused `forever`, only after `retry`."""
        with self._transaction() as database:
            row = database.execute('SELECT attempts FROM outbox WHERE id = ?', [identity]).fetchone()
            attempts = (row['attempts'] if row else 0) + 1
            wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts - 1, 20)) * random.uniform(0.5, 1.5)
            database.execute('UPDATE outbox SET attempts = ?, next_attempt = ?, reason = ?, state = ? '
                             "WHERE id = ? AND state = 'queued'",
                             [attempts, time.time() + wait, mask(reason), 'refused' if forever else 'queued', identity])

    def retry(self, identity):
        """Let an entry be tried at once. Raises CheckFailed when it has been settled."""
        with self._transaction() as database:
            if not database.execute("UPDATE outbox SET state = 'queued', attempts = 0, next_attempt = 0 "
                                    "WHERE id = ? AND state IN ('queued', 'refused')", [identity]).rowcount:
                raise CheckFailed('This session does not wait in the outbox', where=identity)

    def drop(self, identity):
        """Give an entry up: it is never delivered."""
        self._settle(identity, 'dropped')

    def _settle(self, identity, state):
        with self._transaction() as database:
            database.execute('UPDATE outbox SET state = ?, settled = ?, document = NULL WHERE id = ? '
                             "AND state IN ('queued', 'refused')", [state, utc_now(), identity])

    # -------------------------------------------------------------------------------------------- one at a time

    @contextlib.contextmanager
    def flushing(self, patience, say=None):
        """Hold the right to deliver, which one process has at a time and loses when it dies.

        patience: seconds to wait for another flush. Raises Refused when it is still at work then.
        """
        with self._said(EnvironmentError):
            make_folder(os.path.dirname(self.path))
            with held(self.path + '.lock', 'delivers outcomes', say, patience):
                yield

    @contextlib.contextmanager
    def _transaction(self):
        database = None
        with self._said(EnvironmentError, sqlite3.Error):
            try:
                make_folder(os.path.dirname(self.path))
                database = sqlite3.connect(database_path(self.path), timeout=30, isolation_level=None)
                database.row_factory = _as_dictionary
                database.execute('PRAGMA synchronous = FULL')
                database.execute('BEGIN IMMEDIATE')
                database.execute(TABLE)
                yield database
                database.execute('COMMIT')
            finally:
                if database is not None:
                    database.close()  # what was not committed is rolled back

    @contextlib.contextmanager
    def _said(self, *kinds):
        try:
            yield
        except kinds as error:
            raise CheckFailed(
                'The outbox cannot be used', where=self.path, found=reason_of(error),
                advice='Free space there or make it writable. If the file is damaged, move it away: a new one is '
                       "filled from the sessions' folders, and the receiver knows by their ids which it has already.")


def _ended(path):
    """The record at `path` when its session has ended, else None."""
    try:
        record = read_json(path)
    except (EnvironmentError, ValueError):
        return None
    ended = isinstance(record, dict) and record.get('state') == 'ended' and isinstance(record.get('id'), text_type)
    return record if ended else None


def _as_dictionary(cursor, row):
    return {to_text(column[0]): value for column, value in zip(cursor.description, row)}
