"""The calls of the mtrain service, each bounded in time, each answer checked before it is believed.

The service is a Flask application. Known of it is what its public clients do: reads need no login and some take a
JSON body with GET, writes take the session cookie of a login, bodies go raw without a Content-Type, lists come in
pages whose size the server caps. A 200 after a write has been wrong, so whoever writes reads back (see `migration`).
"""
from __future__ import absolute_import, unicode_literals

import json
import random
import time

from six.moves.urllib.parse import quote, urlencode

from rig_agent.base.compat import monotonic, text_type
from rig_agent.base.errors import CheckFailed, NotFound, Refused, Unreachable, UsageError
from rig_agent.base.exchange import exchange
from rig_agent.base.masking import mask

SERVICE = 'mtrain'
READ_ATTEMPTS = 3
FIRST_PAUSE = 0.2  # seconds before a read is tried again; doubled each time
ROWS_A_PAGE = 100  # asked for; the server may give fewer
MOST_PAGES = 10000
DEFAULT_TIMEOUT = 20.0


def open_client(configuration, offline=False):
    """The client of the configured service. Contacts nothing. Raises Unreachable when told to stay offline."""
    if offline:
        raise Unreachable('mtrain is not asked, since --offline was given', where=mask(configuration['mtrain.url']),
                          advice='Leave out --offline, or give the regimen as a file or git:REF.')
    if not configuration['mtrain.url']:
        raise UsageError('No mtrain service is configured', expected='`mtrain: {url: http://host:port}`')
    return Client(configuration['mtrain.url'], configuration['mtrain.timeout'] or DEFAULT_TIMEOUT)


class Client(object):
    """One mtrain service.

    url: its address, a login in it masked once the client is made. timeout: seconds for one call with all its retries.
    Every call raises Unreachable (exit 7) when the service gives no answer, or one that cannot be what it says.
    """

    def __init__(self, url, timeout=DEFAULT_TIMEOUT):
        self._address = url.rstrip('/')
        self.url = mask(self._address)
        self.timeout = timeout
        self._cookies = None

    # -------------------------------------------------------------------------------------------- reads

    def check_up(self):
        """Raises Unreachable unless the service answers."""
        answer = self._read_answer('/')
        if answer.status != 200:
            raise self._misbehaved('GET', '/', '200', 'status %d' % answer.status)

    def script_of(self, mouse):
        """What `/get_script/` says of a mouse: at least `script` and `name` (of the stage).

        None when it says no, by any status: an unknown mouse, or a service in trouble.
        """
        answer = self._read_answer('/get_script/', {'LabTracks_ID': mouse})
        if answer.status != 200:
            return None
        document = self._document(answer, '/get_script/', dict)
        data = self._member(document, 'data', dict, '/get_script/')
        for key in ('script', 'name'):
            self._member(data, key, text_type, '/get_script/')
        return data

    def state_of(self, regimen_name, stage_name):
        """The state `{id, regimen_id, stage_id}` of a stage of a regimen. Raises NotFound."""
        answer = self._read_answer('/get_state/', {'regimen_name': regimen_name, 'stage_name': stage_name})
        if answer.status != 200:
            raise self._missing('mtrain has no stage `%s` in a regimen `%s`' % (stage_name, regimen_name), answer,
                                '/get_state/')
        return self._state(self._document(answer, '/get_state/', dict), '/get_state/')

    def state_of_mouse(self, mouse):
        """The state of a mouse, or None for a mouse without one. Raises NotFound for an unknown mouse."""
        path = '/api/v1/subjects/%s' % quote(mouse.encode('utf-8'), safe=str(''))
        answer = self._read_answer(path)
        if answer.status != 200:
            raise self._missing('mtrain does not know the mouse %s' % mouse, answer, path,
                                'Compare the id with the cage card; `rig-agent mice` lists the known ones.')
        subject = self._document(answer, path, dict)
        if text_type(subject.get('LabTracks_ID')) != mouse:
            raise self._misbehaved('GET', path, 'the mouse %s' % mouse, repr(subject.get('LabTracks_ID')).lstrip('u'))
        return None if subject.get('state') is None else self._state(subject['state'], path)

    def regimen(self, number):
        """The regimen with an id: id, name, active, stages[], states[]. Raises NotFound."""
        path = '/api/v1/regimens/%s' % _number(number)
        answer = self._read_answer(path)
        if answer.status != 200:
            raise self._missing('mtrain has no regimen with the id %s' % number, answer, path)
        regimen = self._document(answer, path, dict)
        self._member(regimen, 'name', text_type, path)
        return regimen

    def rows(self, kind):
        """Every row of `regimens`, `states`, `stages` or `subjects`, over all pages, each once."""
        seen, page, last = set(), 1, 1
        while page <= min(last, MOST_PAGES):
            path = '/api/v1/%s?%s' % (kind, urlencode([('page', page), ('results_per_page', ROWS_A_PAGE)]))
            document = self._document(self._answer_200(path), path, dict)
            last = self._member(document, 'total_pages', int, path)
            for row in self._member(document, 'objects', list, path):
                if not isinstance(row, dict):
                    raise self._misbehaved('GET', path, 'rows', repr(row).lstrip('u')[:80])
                identity = text_type(row.get('LabTracks_ID') if kind == 'subjects' else row.get('id'))
                if identity not in seen:  # rows that move while pages are read come twice
                    seen.add(identity)
                    yield row
            page += 1

    def regimens_named(self, name):
        """The rows of every regimen of this name; names are meant to be unique."""
        return [row for row in self.rows('regimens') if row.get('name') == name]

    def sessions_of(self, mouse):
        """The behaviour sessions of a mouse: [{id, date: 'Tue, 27 Sep 2022 00:00:00 GMT', ...}]."""
        path = '/get_behavior_sessions/'
        document = self._document(self._answer_200(path, {'LabTracks_ID': mouse}), path, dict)
        return [row for row in self._member(document, 'results', list, path) if isinstance(row, dict)]

    # -------------------------------------------------------------------------------------------- writes

    def log_in(self, user, password):
        """Open a session for writes. Raises Refused when the service does not give one."""
        import requests
        self._cookies = requests.cookies.RequestsCookieJar()
        body = urlencode([('username', user.encode('utf-8')), ('password', password.encode('utf-8'))])
        answer = exchange(SERVICE, 'POST', self._address + '/', body.encode('ascii'),
                          {'Content-Type': 'application/x-www-form-urlencoded'}, self._cookies, self.timeout)
        if answer.status >= 500:
            raise self._misbehaved('POST', '/', 'a session', 'status %d: %s' % (answer.status, answer.excerpt()))
        # A refused login may well be a 200 with the login page again: only a cookie is a session.
        if answer.status not in (200, 302, 303) or not len(self._cookies):
            raise Refused('mtrain did not accept the login of %s' % user, where=self.url,
                          found='status %d, %s' % (answer.status, 'a cookie' if len(self._cookies) else 'no cookie'),
                          advice='Check RIG_AGENT_MTRAIN_USER and RIG_AGENT_MTRAIN_PASSWORD, or type them when asked.')

    def set_state(self, mouse, state):
        """Put a mouse on a state. A write: tried once in each of the two encodings in use. Read back afterwards."""
        path = '/set_state/%s' % quote(mouse.encode('utf-8'), safe=str(''))
        state = {key: state[key] for key in ('id', 'regimen_id', 'stage_id')}
        try:
            self._write(path, _json_bytes({'state': state}))
        except CheckFailed:
            if self.state_of_mouse(mouse) == state:
                return
            form = urlencode([('state', json.dumps(state, sort_keys=True))]).encode('ascii')
            self._write(path, form, {'Content-Type': 'application/x-www-form-urlencoded'})

    def add_subject(self, mouse, state):
        """Make a mouse known, on a state. A write: tried once. Read back afterwards."""
        self._write('/add_subject/', _json_bytes({'LabTracks_ID': mouse, 'state': state}))

    def add_regimen(self, document):
        """Upload a whole regimen. A write: tried once. Read back afterwards."""
        self._write('/set_regimen/', _json_bytes(document))

    # -------------------------------------------------------------------------------------------- the wire

    def _read_answer(self, path, body=None):
        """The answer to a GET, whatever its status; failures and 5xx are tried again while the time lasts."""
        deadline = monotonic() + self.timeout
        for attempt in range(1, READ_ATTEMPTS + 1):
            answer, failure = None, None
            try:
                answer = exchange(SERVICE, 'GET', self._address + path, None if body is None else _json_bytes(body),
                                  timeout=max(0.1, deadline - monotonic()))
            except Unreachable as error:
                failure = error
            if answer is not None and answer.status < 500:
                return answer
            pause = FIRST_PAUSE * 2 ** (attempt - 1) * random.uniform(0.8, 1.2)
            if attempt == READ_ATTEMPTS or monotonic() + pause >= deadline:
                break
            time.sleep(pause)
        if failure is not None:
            raise failure
        return answer

    def _answer_200(self, path, body=None):
        answer = self._read_answer(path, body)
        if answer.status != 200:
            raise self._misbehaved('GET', path, '200', 'status %d: %s' % (answer.status, self._message(answer)))
        return answer

    def _write(self, path, body, headers=None):
        if self._cookies is None:
            raise Refused('mtrain was not logged in to before a write', where=self.url + path)
        answer = exchange(SERVICE, 'POST', self._address + path, body, headers, self._cookies, self.timeout)
        if answer.status in (401, 403) or 300 <= answer.status < 400:
            raise Refused('mtrain takes no writes with this login', where=self.url + path,
                          found='status %d' % answer.status, advice='Log in as a user who may write.')
        if answer.status >= 500:
            raise self._misbehaved('POST', path, '200', 'status %d: %s' % (answer.status, answer.excerpt()))
        if answer.status != 200:
            raise CheckFailed('mtrain refused the write', where=self.url + path,
                              found='status %d: %s' % (answer.status, self._message(answer)))

    # -------------------------------------------------------------------------------------------- belief

    def _document(self, answer, path, kind):
        if answer.is_page:
            raise self._misbehaved('GET', path, 'JSON', 'a web page')
        try:
            document = json.loads(answer.content.decode('utf-8'), parse_constant=_refuse_constant)
        except (ValueError, RuntimeError):  # RuntimeError: nested too deeply to be read
            raise self._misbehaved('GET', path, 'JSON', answer.excerpt(80) or 'nothing')
        if not isinstance(document, kind):
            raise self._misbehaved('GET', path, 'a JSON object', answer.excerpt(80))
        return document

    def _member(self, document, key, kind, path):
        value = document.get(key)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self._misbehaved('GET', path, '`%s` as %s' % (key, _kind_name(kind)),
                                   repr(value).lstrip('u')[:80] if key in document else 'no such key')
        return value

    def _state(self, document, path):
        if not isinstance(document, dict) or any(document.get(key) is None for key in ('id', 'regimen_id', 'stage_id')):
            raise self._misbehaved('GET', path, 'a state with id, regimen_id and stage_id',
                                   repr(document).lstrip('u')[:80])
        return {key: document[key] for key in ('id', 'regimen_id', 'stage_id')}

    def _misbehaved(self, method, path, expected, found):
        return Unreachable('mtrain gave no usable answer', where='%s %s' % (method, self.url + path),
                           expected=expected, found=found,
                           advice='See whether the service is up and the address is right; then try again.')

    def _missing(self, what, answer, path, advice=None):
        if answer.status not in (400, 404, 410):
            return self._misbehaved('GET', path, '200', 'status %d: %s' % (answer.status, self._message(answer)))
        return NotFound(what, where=self.url + path, advice=advice,
                        found='status %d: %s' % (answer.status, self._message(answer)))

    def _message(self, answer):
        try:
            return mask(text_type(json.loads(answer.content.decode('utf-8'))['message']))[:300]
        except Exception:  # any other body: its beginning has to do
            return answer.excerpt()


def _json_bytes(value):
    return json.dumps(value, sort_keys=True, allow_nan=False).encode('ascii')


def _refuse_constant(name):
    raise ValueError('%s is no JSON' % name)


def _number(value):
    if isinstance(value, bool) or not text_type(value).isdigit():
        raise Unreachable('mtrain gave no usable answer', expected='a number as id', found=repr(value).lstrip('u')[:80])
    return text_type(value)


def _kind_name(kind):
    return {dict: 'an object', list: 'a list', int: 'a number', text_type: 'text'}[kind]
