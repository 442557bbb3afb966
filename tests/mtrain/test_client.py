"""The client of mtrain against the stand-in, a real HTTP server, in good and bad moods."""
from __future__ import absolute_import, unicode_literals

import base64
import json
import os
import time

import pytest
import requests
from six.moves.urllib.parse import parse_qs

from rig_agent.base.compat import to_text
from rig_agent.base.errors import CheckFailed, NotFound, Refused, Unreachable, UsageError
from rig_agent.harness.standin.faults import Fault
from rig_agent.harness.standin.server import StandIn
from rig_agent.mtrain.client import Client
from rig_agent.rig.subject import parse_mouse

REGIMEN = 'Wheel_Task1_v1.0.0'


def test_when_the_list_has_several_pages_every_row_comes_once(standin, client):
    for number in range(130):
        standin.store.add_subject('%d' % (800000 + number), standin.store.find_state(REGIMEN, 'HABITUATION'))
    mice = [row['LabTracks_ID'] for row in client.rows('subjects')]
    assert len(mice) == len(set(mice)) == 133
    pages = [path for method, path in standin.front.requests if path == '/api/v1/subjects']
    assert len(pages) == 3  # the server gives 50 a page however many are asked for


def test_when_a_mouse_is_unknown_that_is_not_found(client):
    assert client.script_of('1') is None
    with pytest.raises(NotFound):
        client.state_of_mouse('1')


def test_when_a_read_fails_twice_it_is_tried_a_third_time(standin, client, monkeypatch):
    monkeypatch.setattr('rig_agent.mtrain.client.FIRST_PAUSE', 0.01)
    failures = iter([True, True, False])
    fault = Fault('500')
    fault.strikes = lambda method, path: next(failures)
    standin.front.faults = [fault]
    assert client.state_of_mouse('612345')['id']
    assert len(standin.front.requests) == 3


def test_when_a_write_fails_it_is_not_repeated(standin, client):
    client.log_in('desk', 'desk')
    standin.front.faults = [Fault('500', only='/add_subject/')]
    with pytest.raises(Unreachable):
        client.add_subject('900000', client.state_of(REGIMEN, 'HABITUATION'))
    assert standin.front.requests.count(('POST', '/add_subject/')) == 1


def test_when_the_service_answers_4xx_it_is_asked_once(standin, client):
    with pytest.raises(NotFound):
        client.state_of(REGIMEN, 'no such stage')
    assert len(standin.front.requests) == 1


@pytest.mark.parametrize('kind, found', [
    ('500', 'status 500'), ('html', 'a web page'), ('wrong-type', '[1, "two", null]'), ('truncate', 'ends'),
    ('drop', 'closed without an answer')])
def test_when_the_service_misbehaves_one_error_says_how(standin, client, monkeypatch, kind, found):
    monkeypatch.setattr('rig_agent.mtrain.client.FIRST_PAUSE', 0.01)
    standin.front.faults = [Fault(kind)]
    with pytest.raises(Unreachable) as caught:
        client.state_of_mouse('612345')
    assert found in caught.value.found and '/api/v1/subjects/612345' in caught.value.where


def test_when_the_body_comes_byte_by_byte_the_wait_is_bounded(standin, monkeypatch):
    monkeypatch.setattr('rig_agent.harness.standin.faults.SLOW', 0.01)  # then a byte every 50 ms: each read has data
    standin.front.faults = [Fault('slow')]
    began = time.time()
    with pytest.raises(Unreachable) as caught:
        Client(standin.url, timeout=0.5).state_of_mouse('612345')
    assert time.time() - began < 20 and 'no end after' in caught.value.found


@pytest.mark.parametrize('body', [
    b'{"data": {"name": "x"}}', b'{"data": {"name": 1, "script": "x"}}', b'{"data": []}', b'{}', b'null', b'',
    b'{"a": NaN}',
    b'\xff\xfe', b'[' * 100000])
def test_when_an_answer_has_another_shape_it_is_not_believed(tmpdir, body):
    with StandIn(os.path.join(str(tmpdir), 'x.sqlite')) as server:
        server.front.application = _always(body)
        with pytest.raises(Unreachable):
            Client(server.url).script_of('612345')


def test_when_an_answer_is_of_another_mouse_it_is_not_believed(standin, client):
    standin.front.application = _always(b'{"LabTracks_ID": 612346, "state": {"id": 1, "regimen_id": 1, "stage_id": 1}}')
    with pytest.raises(Unreachable) as caught:
        client.state_of_mouse('612345')
    assert caught.value.expected == 'the mouse 612345' and caught.value.found == '612346'


def test_when_rows_move_while_pages_are_read_each_comes_once(standin, client):
    pages = {'1': [1, 2], '2': [2, 3]}

    def application(environ, start_response):
        page = parse_qs(environ['QUERY_STRING'])['page'][0]
        body = {'total_pages': 2, 'objects': [{'id': number, 'name': 'r%d' % number} for number in pages[page]]}
        return _always(json.dumps(body).encode('ascii'))(environ, start_response)
    standin.front.application = application
    assert [row['id'] for row in client.rows('regimens')] == [1, 2, 3]


def _always(body, status='200 OK', headers=()):
    def application(environ, start_response):
        start_response(str(status), [(str('Content-Type'), str('application/json')),
                                     (str('Content-Length'), str(len(body)))] + list(headers))
        return [body]
    return application


def test_when_nothing_listens_or_the_address_is_none_that_is_said(client):
    for url in ('http://127.0.0.1:9', 'http://no-such-host.invalid', 'http://[::bad'):
        with pytest.raises(Unreachable):
            Client(url, timeout=2).check_up()
    with pytest.raises(UsageError):
        Client('mtrain:5000').check_up()


def test_when_the_login_is_wrong_the_200_does_not_deceive(client):
    with pytest.raises(Refused) as caught:
        client.log_in('desk', 'wr\u00f6ng')
    assert 'no cookie' in caught.value.found and 'wr\u00f6ng' not in '%s' % caught.value
    with pytest.raises(Refused):
        client.add_subject('900000', {})


def test_when_a_login_is_refused_with_a_cookie_it_is_no_session(standin, client):
    standin.front.application = _always(b'{}', '403 Forbidden', [(str('Set-Cookie'), str('session=none'))])
    with pytest.raises(Refused) as caught:
        client.log_in('desk', 'desk')
    assert 'status 403, a cookie' in caught.value.found


@pytest.mark.parametrize('status', ['401 Unauthorized', '403 Forbidden', '302 Found'])
def test_when_a_login_may_not_write_that_is_said(standin, client, status):
    client.log_in('desk', 'desk')
    standin.front.application = _always(b'{}', status, [(str('Location'), str('/'))])
    with pytest.raises(Refused) as caught:
        client.add_subject('900000', {'id': 1, 'regimen_id': 1, 'stage_id': 1})
    assert caught.value.found == 'status %s' % status[:3]


def test_when_nobody_is_logged_in_nothing_is_sent(standin):
    with pytest.raises(Refused):
        Client(standin.url).set_state('612345', {'id': 1, 'regimen_id': 1, 'stage_id': 1})
    assert not standin.front.requests


@pytest.mark.parametrize('encoding', ['raw', 'form'])
def test_when_the_service_takes_one_encoding_only_the_state_is_set(standin, client, encoding):
    standin.service.set_state_encodings = (encoding,)
    client.log_in('desk', 'desk')
    target = client.state_of(REGIMEN, 'HABITUATION')
    client.set_state('612345', target)
    assert client.state_of_mouse('612345') == target


def test_when_a_state_was_set_and_the_answer_says_no_it_is_not_set_again(standin, client):
    client.log_in('desk', 'desk')
    target, service = client.state_of(REGIMEN, 'HABITUATION'), standin.front.application

    def deceiving(environ, start_response):
        if not environ['PATH_INFO'].startswith('/set_state/'):
            return service(environ, start_response)
        b''.join(service(environ, lambda *answer: None))
        return _always(b'{"message": "no such state"}', '400 Bad Request')(environ, start_response)
    standin.front.application = deceiving
    client.set_state('612345', target)
    assert client.state_of_mouse('612345') == target
    assert standin.front.requests.count(('POST', '/set_state/612345')) == 1


def test_when_the_service_refuses_its_reason_is_passed_on(client):
    client.log_in('desk', 'desk')
    with pytest.raises(CheckFailed) as caught:
        client.add_subject('612345', client.state_of(REGIMEN, 'HABITUATION'))
    assert 'known already' in caught.value.found


def test_when_a_netrc_has_a_login_for_the_host_it_is_not_sent(standin, tmpdir, monkeypatch):
    netrc = tmpdir.join('netrc')
    netrc.write('machine 127.0.0.1 login someone password secret\n')
    monkeypatch.setenv(str('NETRC'), str(netrc))
    seen = []
    inner = standin.front.application
    standin.front.application = lambda environ, start: (seen.append(environ.get('HTTP_AUTHORIZATION')),
                                                        inner(environ, start))[1]
    Client(standin.url).check_up()
    assert seen == [None]


def test_a_login_in_the_address_is_sent_and_never_shown(standin):
    seen = []
    inner = standin.front.application
    standin.front.application = lambda environ, start: (seen.append(environ.get('HTTP_AUTHORIZATION')),
                                                        inner(environ, start))[1]
    client = Client(standin.url.replace('http://', 'http://jane:pa%20ss@'))
    client.check_up()
    assert seen == ['Basic ' + to_text(base64.b64encode(b'jane:pa ss'))]
    assert 'pa%20ss' not in client.url and client.url.endswith(standin.url[len('http://'):])


@pytest.mark.parametrize('text, mouse', [
    ('612345', '612345'), ('M612345', '612345'), (' m7 ', '7'), (612345, '612345')])
def test_a_mouse_is_digits(text, mouse):
    assert parse_mouse(text) == mouse


@pytest.mark.parametrize('text', ['', 'M', '61234x', '-1', '6 1', 'MM1', '6' * 30, True, None])
def test_what_is_no_mouse_is_refused(text):
    with pytest.raises(UsageError):
        parse_mouse(text)


class TestStandIn(object):
    """The stand-in's own answers, asked for as public clients do: GET with a JSON body, no Content-Type."""

    def test_a_session_advances_the_mouse_by_the_regimens_transitions(self, standin):
        def upload(conditions):
            trials = [{'LabTracks_ID': '612345', 'conditions': conditions}]
            return requests.post(standin.url + '/set_behavior_session/', data=json.dumps({'data_list': trials})).json()
        first = standin.store.find_state(REGIMEN, 'TRAINING_0_gratings')
        assert upload(['engaged'])['state'] == first  # `two_complete` is not met
        assert upload(['engaged', 'ill'])['state'] == first  # `unless: ill`
        assert upload(['engaged'])['state'] == standin.store.find_state(REGIMEN, 'TRAINING_1_images')
        rows = requests.get(standin.url + '/get_behavior_sessions/', data=json.dumps({'LabTracks_ID': '612345'})).json()
        assert [row['id'] for row in rows['results']] == [1, 2, 3]
        assert rows['results'][0]['date'].endswith(' 00:00:00 GMT')

    def test_joined_states_nest_the_stages_name(self, standin):
        joined = requests.get(standin.url + '/api/v1/join/states/1').json()
        assert set(joined) == {'id', 'stage', 'regimen'} and set(joined['stage']) == {'id', 'name'}

    @pytest.mark.parametrize('path', ['/api/v1/states/99', '/api/v1/regimens/99', '/api/v1/subjects/99',
                                      '/api/v1/subjects?page=x', '/no/such/call'])
    def test_errors_have_a_message(self, standin, path):
        answer = requests.get(standin.url + path)
        assert answer.status_code in (400, 404) and answer.json()['message']

    def test_writes_need_the_cookie(self, standin):
        for path in ('/set_state/612345', '/set_regimen/', '/add_subject/'):
            assert requests.post(standin.url + path, data='{}').status_code == 401

    def test_it_keeps_its_state_over_a_restart(self, tmpdir):
        path = os.path.join(str(tmpdir), 'd\u00e9.sqlite')
        with StandIn(path) as server:
            server.store.add_regimen({'name': 'A', 'stages': {'S': {'script': 'x.py'}}})
        with StandIn(path) as server:
            assert Client(server.url).state_of('A', 'S')['id'] == 1

    def test_it_listens_on_the_loopback_only(self, standin):
        assert standin.url.startswith('http://127.0.0.1:')

    def test_when_the_file_is_no_database_that_is_said(self, tmpdir):
        tmpdir.join('x').write('no database, but long enough to be looked at ' * 30)
        with pytest.raises(UsageError):
            StandIn(str(tmpdir.join('x')))

    def test_when_the_port_is_taken_that_is_said(self, standin, tmpdir):
        with pytest.raises(UsageError):
            StandIn(os.path.join(str(tmpdir), 'y.sqlite'), port=int(standin.url.rsplit(':', 1)[1]))
