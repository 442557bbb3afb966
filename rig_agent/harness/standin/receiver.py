"""The receiver of outcomes: `POST /outcomes/` takes a record, `GET /outcomes/` shows rigs and what ended on them.

What a receiver does, here and anywhere: the body is the JSON of one session's record, the header `Idempotency-Key`
carries the session's id; a record is kept once however often it comes; any 2xx says that it is kept.
"""
from __future__ import absolute_import, unicode_literals

import json

from rig_agent.base.compat import text_type
from rig_agent.base.units import format_duration, utc_now
from rig_agent.reports.markup import badge, document, join, name, section, table, tag

COLUMNS = ('Outcome', 'Rig', 'Stage', 'Mouse', 'Ended', 'Took', 'Session')
MOST = 100  # sessions on the page


def add_receiver(application, library, store, token=None):
    """Give a bottle application the receiver's two calls, and `/outcomes/all.json` for programs."""

    def receive():
        request = library.request
        if token and request.headers.get('Authorization') != 'Bearer ' + token:
            raise library.HTTPError(401, 'the token is missing or wrong')
        try:
            record = json.loads(request.body.read().decode('utf-8'))
        except ValueError:
            raise library.HTTPError(422, 'the body is no JSON')
        identity = record.get('id') if isinstance(record, dict) else None
        if not identity or not isinstance(identity, text_type):
            raise library.HTTPError(422, 'the body is no record with an id')
        if request.headers.get('Idempotency-Key') != identity:
            raise library.HTTPError(422, 'Idempotency-Key is not the id of the session')
        new = store.receive(identity, utc_now(), record)
        library.response.status = 201 if new else 200
        return {'id': identity, 'new': new}

    def everything():
        return {'outcomes': store.outcomes()}

    def page():
        return page_of([row['record'] for row in store.outcomes()])

    application.route('/outcomes/', 'POST', receive)
    application.route('/outcomes/', 'GET', page)
    application.route('/outcomes/all.json', 'GET', everything)


def page_of(records):
    """The page: rigs with their last outcome, then the latest outcomes of all rigs; records come newest first."""
    last = {}
    for record in records:
        last.setdefault(_cells(record)[1], record)
    return document('Outcomes', tag('h1', 'Outcomes'),
                    tag('p', '%d session(s) received by a stand-in, for desks and tests.' % len(records)),
                    section('Rigs', _table([last[rig] for rig in sorted(last)])),
                    section('Latest sessions', _table(records[:MOST])))


def _table(records):
    rows = []
    for record in records:
        cells = _cells(record)
        simulated = ' (simulated)' if record.get('simulated') is True else ''
        rows.append([badge(cells[0]), name(cells[1]), join([name(cells[2]), simulated])] + cells[3:])
    return table(COLUMNS, rows) if rows else tag('p', 'Nothing was received yet.')


def _cells(record):
    """The cells of one record; what is missing or of another type is a dash."""
    def text(*keys):
        value = record
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return text_type(value) if isinstance(value, (text_type, int, float)) else '-'
    times = record.get('times') if isinstance(record.get('times'), dict) else {}
    duration = times.get('duration_s')
    ended = text('times', 'ended')
    return [text('outcome'), text('rig', 'id'), text('stage'), text('subject'),
            ended[:16].replace('T', ' ') + ' UTC' if len(ended) > 16 else ended,
            format_duration(duration) if isinstance(duration, (int, float)) else '-', text('id')[:8]]
