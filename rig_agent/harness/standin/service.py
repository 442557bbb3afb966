"""The calls of mtrain as its public clients use them, answered from a Store."""
from __future__ import absolute_import, unicode_literals

import calendar
import json
import time
import uuid
from email.utils import formatdate

from six.moves.urllib.parse import parse_qs

from rig_agent.base.compat import text_type, to_native, to_text
from rig_agent.base.errors import UsageError
from rig_agent.harness.standin.receiver import add_receiver
from rig_agent.harness.standin.store import Wrong

PAGE_SIZE, LARGEST_PAGE = 10, 50  # the service's own cap is not known, only that it is below 200
COOKIE = 'session'


def bottle():
    """The web library, which only the stand-in needs."""
    try:
        import bottle as library
    except ImportError:
        raise UsageError('The stand-in needs the library bottle, which is not installed here',
                         advice='Install it with: python -m pip install bottle')
    return library


class Service(object):
    """The stand-in's answers, as a bottle application in `.application`.

    user, password: the one login. token: what the receiver of outcomes wants, None for nothing. lean: answer with no
    more than is sure to be there (`/get_script/` without md5 and parameters, regimens without their stages' content).
    set_state_encodings: which of `raw` and `form` it understands.
    """

    def __init__(self, store, user, password, token=None, lean=False, set_state_encodings=('raw', 'form')):
        self.store, self.user, self.password, self.lean = store, user, password, lean
        self.set_state_encodings = set_state_encodings
        self.logins = set()
        self.library = bottle()
        self.application = self.library.Bottle()
        self.application.default_error_handler = self._error
        for method, path, answer in (
                ('GET', '/', self.up), ('POST', '/', self.log_in), ('GET', '/get_script/', self.get_script),
                ('GET', '/get_state/', self.get_state), ('POST', '/set_state/<mouse>', self.set_state),
                ('POST', '/set_regimen/', self.set_regimen), ('POST', '/add_subject/', self.add_subject),
                ('POST', '/set_behavior_session/', self.set_behavior_session),
                ('GET', '/get_behavior_sessions/', self.get_behavior_sessions),
                ('GET', '/api/v1/subjects/<mouse>', self.subject),
                ('GET', '/api/v1/join/states/<number:int>', self.joined_state),
                ('GET', '/api/v1/<kind:re:regimens|states|stages>/<number:int>', self.row),
                ('GET', '/api/v1/<kind:re:regimens|states|stages|subjects>', self.page)):
            self.application.route(path, method, answer)
        add_receiver(self.application, self.library, store, token)

    # -------------------------------------------------------------------------------------------- reads

    def up(self):
        return ('<!DOCTYPE html><html><head><title>stand-in mtrain</title></head><body><h1>A stand-in for mtrain</h1>'
                '<p>For desks and tests only. Its <a href="/outcomes/">outcomes</a>.</p></body></html>')

    def get_script(self):
        stage = self._stage_of(self._body(dict).get('LabTracks_ID'))
        data = {'name': stage['name'], 'script': stage['script']}
        if not self.lean:
            data.update(script_md5=stage['script_md5'], parameters=stage['parameters'])
        return {'data': data}

    def get_state(self):
        body = self._body(dict)
        return (self.store.find_state(body.get('regimen_name'), body.get('stage_name'))
                or self._refuse(404, 'there is no such regimen with such a stage'))

    def get_behavior_sessions(self):
        return {'results': self.store.sessions(text_type(self._body(dict).get('LabTracks_ID')))}

    def subject(self, mouse):
        return self.store.subject(to_text(mouse)) or self._refuse(404, 'there is no such mouse')

    def row(self, kind, number):
        return self._leaner(self.store.row(kind, number) or self._refuse(404, 'there is no such row'))

    def joined_state(self, number):
        state = self.row('states', number)
        stage = self.store.row('stages', state['stage_id'])
        return {'id': number, 'stage': {'id': stage['id'], 'name': stage['name']},
                'regimen': {'id': state['regimen_id']}}

    def page(self, kind):
        query = self.library.request.query
        try:
            number, size = int(query.get('page') or 1), int(query.get('results_per_page') or PAGE_SIZE)
        except ValueError:
            self._refuse(400, 'page and results_per_page are numbers')
        size = max(1, min(size, LARGEST_PAGE))
        rows, count = self.store.page(kind, max(1, number), size)
        return {'objects': [self._leaner(row) for row in rows], 'page': number, 'num_results': count,
                'total_pages': (count + size - 1) // size}

    # -------------------------------------------------------------------------------------------- writes

    def log_in(self):
        form = parse_qs(self._raw().decode('utf-8', 'replace'))
        if form.get('username') == [self.user] and form.get('password') == [self.password]:
            cookie = uuid.uuid4().hex
            self.logins.add(cookie)
            self.library.response.set_cookie(to_native(COOKIE), to_native(cookie), path='/', httponly=True)
            return 'welcome'
        return '<!DOCTYPE html><html><body><form>Wrong user or password</form></body></html>'  # with status 200

    def set_state(self, mouse):
        self._logged_in()
        raw = self._raw()
        try:
            encoding, state = 'raw', json.loads(raw.decode('utf-8'))['state']
        except (ValueError, KeyError, TypeError):
            try:
                encoding, state = 'form', json.loads(parse_qs(raw.decode('utf-8'))['state'][0])
            except (ValueError, KeyError):
                self._refuse(400, 'no state')
        if encoding not in self.set_state_encodings:
            self._refuse(400, 'no state')
        self._try(self.store.set_state, to_text(mouse), state)
        return 'ok'

    def set_regimen(self):
        self._logged_in()
        self._try(self.store.add_regimen, self._body(dict))
        return 'ok'

    def add_subject(self):
        self._logged_in()
        body = self._body(dict)
        self._try(self.store.add_subject, text_type(body.get('LabTracks_ID')), body.get('state'))
        return 'ok'

    def set_behavior_session(self):
        trials = self._body(dict).get('data_list')
        if not isinstance(trials, list) or not trials or not all(isinstance(trial, dict) for trial in trials):
            self._refuse(400, 'data_list is a list of trial records')
        mouse = text_type(trials[0].get('LabTracks_ID'))
        date = formatdate(calendar.timegm(time.localtime()), usegmt=True)[:17] + '00:00:00 GMT'  # the lab's day
        return {'state': self._try(self.store.add_session, mouse, date, trials)}

    # -------------------------------------------------------------------------------------------- the wire

    def _raw(self):
        return self.library.request.body.read()

    def _body(self, kind):
        try:
            body = json.loads(self._raw().decode('utf-8'))
        except ValueError:
            self._refuse(400, 'the body is no JSON')
        return body if isinstance(body, kind) else self._refuse(400, 'the body is no object')

    def _stage_of(self, mouse):
        subject = self.store.subject(text_type(mouse))
        if not subject or not subject['state']:
            self._refuse(404, 'there is no such mouse')
        return self.store.row('stages', subject['state']['stage_id'])

    def _leaner(self, row):
        if self.lean and 'stages' in row:
            row = dict(row, stages=[{'id': stage['id'], 'name': stage['name']} for stage in row['stages']])
        return row

    def _logged_in(self):
        if self.library.request.get_cookie(to_native(COOKIE)) not in self.logins:
            self._refuse(401, 'log in first')

    def _try(self, call, *arguments):
        try:
            return call(*arguments)
        except Wrong as reason:
            self._refuse(400, text_type(reason))

    def _refuse(self, status, message):
        raise self.library.HTTPError(status, message)

    def _error(self, error):
        self.library.response.content_type = 'application/json'
        return json.dumps({'message': text_type(error.body)})
