"""The receiver of outcomes: `POST /outcomes/` takes a record, `GET /outcomes/` shows rigs and what ended on them.

What a receiver does, here and anywhere: the body is the JSON of one session's record, the header `Idempotency-Key`
carries the session's id; a record is kept once however often it comes; any 2xx says that it is kept.
"""
from __future__ import absolute_import, unicode_literals

import json

from rig_agent.base.compat import text_type
from rig_agent.base.units import format_duration, utc_now

COLUMNS = ('rig', 'stage', 'mouse', 'outcome', 'ended', 'took', 'session')
STYLE = '''body { font: 15px/1.4 sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em; color: #222 }
table { border-collapse: collapse; width: 100% } h2 { margin-top: 2em } .none { color: #666 }
th, td { text-align: left; padding: .35em .8em; border-bottom: 1px solid #ddd; white-space: nowrap }
td:nth-child(2) { white-space: normal; overflow-wrap: anywhere }
th { border-bottom: 2px solid #888 } .good { color: #17622b } .bad { color: #a31515; font-weight: bold }'''


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
        library.response.set_header(str('Content-Security-Policy'),
                                    str("default-src 'none'; style-src 'unsafe-inline'"))
        return _page([row['record'] for row in store.outcomes()], library.html_escape)

    application.route('/outcomes/', 'POST', receive)
    application.route('/outcomes/', 'GET', page)
    application.route('/outcomes/all.json', 'GET', everything)


def _page(records, escape):
    """Rigs with their last outcome, then the latest outcomes of all rigs; records come newest first."""
    last = {}
    for record in records:
        last.setdefault(_cells(record)[0], record)
    rigs = [last[rig] for rig in sorted(last)]
    return ''.join([
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Outcomes</title><style>', STYLE,
        '</style></head><body><h1>Outcomes</h1><h2>Rigs</h2>', _table(rigs, escape),
        '<h2>Latest sessions</h2>', _table(records[:100], escape),
        '<p class="none">%d session(s) received by a stand-in, for desks and tests.</p></body></html>' % len(records)])


def _table(records, escape):
    if not records:
        return '<p class="none">Nothing was received yet.</p>'
    lines = ['<table><tr>', ''.join('<th>%s</th>' % name for name in COLUMNS), '</tr>']
    for record in records:
        cells = [escape(cell) for cell in _cells(record)]
        cells[3] = '<span class="%s">%s</span>' % ('good' if cells[3] in ('completed', 'stopped') else 'bad', cells[3])
        lines.append('<tr>%s</tr>' % ''.join('<td>%s</td>' % cell for cell in cells))
    return ''.join(lines + ['</table>'])


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
    return [text('rig', 'id'), text('stage'), text('subject'), text('outcome'),
            ended[:16].replace('T', ' ') + ' UTC' if len(ended) > 16 else ended,
            format_duration(duration) if isinstance(duration, (int, float)) else '-', text('id')[:8]]
