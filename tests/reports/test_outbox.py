"""Outcomes: queued once, delivered once, whatever dies in between."""
from __future__ import absolute_import, unicode_literals

import io
import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

import rig_agent
from rig_agent.base.compat import WINDOWS, folder_of, to_native
from rig_agent.base.errors import CheckFailed, RigAgentError
from rig_agent.base.files import md5_of_bytes
from rig_agent.harness.standin.faults import Fault
from rig_agent.harness.standin.receiver import page_of
from rig_agent.harness.standin.server import StandIn
from rig_agent.reports import delivery
from rig_agent.reports.outbox import Outbox
from rig_agent.rig import configuration
from rig_agent.sessions import shim
from support import copy_folder

KILLS = 50


def record(identity, **parts):
    return dict({'schema': 1, 'id': identity, 'state': 'ended', 'outcome': 'completed', 'stage': 'S',
                 'subject': '612345', 'rig': {'id': 'BEH.1'},
                 'times': {'ended': '2026-01-02T03:04:05.000Z', 'duration_s': 61.0}}, **parts)


def end_session(home, identity, **parts):
    """A session's folder as an ended session leaves it."""
    folder = os.path.join(home, 'sessions', '260102030405_S_' + identity)
    os.makedirs(folder)
    with io.open(os.path.join(folder, 'session.json'), 'wb') as stream:
        stream.write(json.dumps(record(identity, **parts)).encode('ascii'))


@pytest.fixture
def box(agent):
    return Outbox(agent.home)


@pytest.fixture
def receiver(agent, tmpdir):
    with StandIn(os.path.join(str(tmpdir), 'receiver.sqlite')) as standin:
        agent.environment['RIG_AGENT_REPORT_URL'] = standin.url + '/outcomes/'
        yield standin


@pytest.fixture
def forks(agent):
    """forks(words): the installed command, forked from a process that has imported it already, so that 50 take seconds."""
    agent.environment['LC_ALL'] = 'C.UTF-8'
    parent = subprocess.Popen([sys.executable, '-c', FORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              env={to_native(key): to_native(value) for key, value in agent.environment.items()},
                              cwd=to_native(agent.folder))
    yield lambda *words: Forked(parent, words)
    parent.stdin.close()
    parent.wait()
    parent.stdout.close()


# For each line of words: fork, run the command in the child, say its pid, and at its end whether SIGKILL ended it.
FORKER = '''
import os, sys
import requests, rig_agent.cli.outbox, rig_agent.reports.delivery
from rig_agent.__main__ import main
for line in iter(sys.stdin.readline, ''):
    child = os.fork()
    if not child:
        sys.argv[1:] = line.split()
        os.dup2(os.open(os.devnull, os.O_RDWR), 1)
        os._exit(main() or 0)
    print(child)
    sys.stdout.flush()
    print(os.waitpid(child, 0)[1] & 127)
    sys.stdout.flush()
'''


class Forked(object):
    def __init__(self, parent, words):
        self.parent = parent
        parent.stdin.write(' '.join(words).encode('ascii') + b'\n')
        parent.stdin.flush()
        self.pid = int(parent.stdout.readline())

    def lives(self):
        return shim.identity(self.pid) is not None

    def kill(self):
        """Whether the kill is what ended it."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except OSError:
            pass  # has ended by itself, and its parent knows
        return int(self.parent.stdout.readline()) == signal.SIGKILL


def settings(agent, standin):
    found = configuration.load()
    found.override('home', agent.home)
    found.override('report.url', standin.url + '/outcomes/')
    return found


def received(standin):
    """id -> how often it was posted."""
    return {row['id']: row['posts'] for row in standin.store.outcomes()}


def delivered_after_a_run(agent, web, write, environment):
    """The headers of what the end of a session sent to /outcomes/ of this server."""
    web.put('/outcomes/', b'')
    write('script.py', b'')
    write('regimen.yml', 'name: Desk_Test_v0.0.1\nstages: {stage_0: {script: ./script.py, script_md5: %s, '
                         'parameters: {}}}\n' % md5_of_bytes(b''))
    assert agent('run', 'stage_0', environment=environment).code == 0
    deadline = time.time() + 60
    while not web.hits:
        assert time.time() < deadline
        time.sleep(0.01)
    with Outbox(agent.home).flushing(60):
        [(path, headers)] = web.hits
    assert path == '/outcomes/'
    return headers


class TestQueue(object):
    def test_a_record_is_queued_once_even_after_it_was_delivered_or_dropped(self, box):
        assert box.put(record('a')) and not box.put(record('a'))
        box.delivered('a')
        assert box.put(record('b'))
        box.drop('b')
        assert not box.put(record('a')) and not box.put(record('b')) and box.entries() == []
        assert [entry['document'] for entry in box.entries(settled=True)] == [None, None]

    def test_ended_sessions_are_collected_whoever_died_before(self, agent, box):
        sessions = os.path.join(agent.home, 'sessions')
        assert box.collect(sessions) == 0
        end_session(agent.home, 'a')
        end_session(agent.home, 'b', state='running', outcome=None)
        os.makedirs(os.path.join(sessions, 'no record'))
        with io.open(os.path.join(sessions, 'stray'), 'wb') as stream:
            stream.write(b'{')
        assert [box.collect(sessions), box.collect(sessions)] == [1, 0]
        assert [entry['id'] for entry in box.entries()] == ['a']

    def test_what_goes_out_has_its_secrets_masked(self, box):
        box.put(record('a', environment={'LAB_TOKEN': 'Sesame9'}, argv=['--password=Sesame9', 'http://u:Sesame9@h/']))
        with io.open(box.path, 'rb') as stream:
            assert b'Sesame9' not in stream.read()

    def test_pauses_grow_and_a_clock_set_back_does_not_prolong_them(self, box, monkeypatch):
        box.put(record('a'))
        waits = []
        for _ in range(12):
            box.failed('a', 'down')
            waits.append(box.entry('a')['next_attempt'] - time.time())
        assert 10 < waits[0] < 50 and waits[-1] > 3000 and max(waits) <= 9 * 3600 + 1
        assert not box.due(everything=False) and box.due()
        now = time.time()
        monkeypatch.setattr(time, 'time', lambda: now - 10 ** 7)
        assert box.due(everything=False)

    def test_what_was_settled_while_it_was_sent_stays_so(self, box):
        box.put(record('a'))
        box.put(record('b'))
        box.drop('a')
        box.delivered('a')
        box.delivered('b')
        box.failed('b', 'late', forever=True)
        for identity in 'ab':
            with pytest.raises(CheckFailed):
                box.retry(identity)
        assert [entry['state'] for entry in box.entries(settled=True)] == ['dropped', 'delivered']

    def test_a_secret_in_a_receivers_answer_is_not_kept(self, box):
        box.put(record('a'))
        box.failed('a', 'status 500: {"token": "Sesame9"}')
        assert box.entry('a')['reason'] == 'status 500: {"token": "***"}'

    def test_a_login_in_the_receivers_address_is_not_shown(self, agent):
        agent.environment['RIG_AGENT_REPORT_URL'] = 'https://jane:Sesame9@h.example/x'
        assert 'Sesame9' not in agent('outbox', 'list', '--json').out

    def test_when_the_file_is_damaged_that_is_said_and_nothing_is_lost(self, agent, box):
        end_session(agent.home, 'a')
        with io.open(box.path, 'wb') as stream:
            stream.write(b'damaged by hand, and long enough to be looked at' * 50)
        with pytest.raises(CheckFailed):
            box.entries()
        assert agent('outbox', 'list').code == 1
        os.rename(box.path, box.path + '.damaged')
        assert [entry['id'] for entry in agent('outbox', 'list', '--json').json['entries']] == ['a']

    @pytest.mark.skipif(WINDOWS, reason='where a folder at its place may be taken for a lock that is held')
    def test_when_no_lock_can_be_made_that_is_said(self, agent, receiver):
        os.mkdir(os.path.join(agent.home, 'outbox.sqlite.lock'))
        ended = agent('outbox', 'flush')
        assert ended.code == 1 and 'The outbox cannot be used' in ended.err and 'Is a directory' in ended.err, ended

    def test_ids_may_be_shortened_while_they_are_one(self, box):
        box.put(record('abc1'))
        box.put(record('abd2'))
        assert box.entry('abc')['id'] == 'abc1'
        for wrong in ('ab', 'x', ''):
            with pytest.raises(RigAgentError):
                box.entry(wrong)


class TestDelivery(object):
    def test_server_down_for_three_sessions_then_two_flushes_at_once(self, agent, tmpdir):
        path = os.path.join(str(tmpdir), 'receiver.sqlite')
        with StandIn(path) as down:
            agent.environment['RIG_AGENT_REPORT_URL'] = down.url + '/outcomes/'
            port = int(down.url.rsplit(':', 1)[1])
        for identity in 'abc':
            end_session(agent.home, identity)
            assert agent('outbox', 'flush').code == 7
        with StandIn(path, port=port) as up:
            flushes = [agent.start('outbox', 'flush', '--json') for _ in range(2)]
            results = [json.loads(flush.communicate()[0].decode('utf-8')) for flush in flushes]
            assert received(up) == {'a': 1, 'b': 1, 'c': 1}
        assert sorted(results[0]['delivered'] + results[1]['delivered']) == ['a', 'b', 'c']
        assert [flush.returncode for flush in flushes] == [0, 0]

    @pytest.mark.skipif(WINDOWS, reason='SIGKILL')
    def test_killed_at_50_random_moments_of_a_flush_none_is_lost_and_none_doubled(self, agent, box, receiver, forks):
        identities = ['%04d' % number for number in range(6 * KILLS)]
        for identity in identities:
            end_session(agent.home, identity)
        hit = 0
        for _ in range(KILLS):
            enough = len(receiver.front.requests) + random.randrange(8)
            flush = forks('outbox', 'flush')
            while len(receiver.front.requests) < enough and flush.lives():
                time.sleep(0.0005)
            time.sleep(random.uniform(0, 0.02))
            hit += flush.kill()
        assert hit > KILLS * 0.8, 'the kills came too late to show anything'
        assert agent('outbox', 'flush').code == 0
        assert sorted(received(receiver)) == identities
        assert not box.entries() and len(box.entries(settled=True)) == len(identities)
        again = sum(posts - 1 for posts in received(receiver).values())
        assert again <= KILLS  # at most the one that was under way at each kill comes again, under the same key

    @pytest.mark.skipif(WINDOWS, reason='SIGKILL')
    def test_killed_between_post_and_dequeue_the_same_id_is_sent_again(self, agent, box, receiver):
        box.put(record('a'))
        receiver.front.faults = [Fault('slow')]  # received and kept, but the answer does not come
        flush = agent.start('outbox', 'flush')
        while not received(receiver):
            assert flush.poll() is None
        flush.send_signal(signal.SIGKILL)
        flush.communicate()
        receiver.front.faults = []
        assert agent('outbox', 'flush').code == 0
        assert received(receiver) == {'a': 2}

    @pytest.mark.parametrize('kind', ['500', 'html', 'wrong-type', 'truncate', 'drop'])
    def test_an_answer_that_confirms_nothing_leaves_it_queued(self, agent, box, receiver, kind):
        box.put(record('a'))
        receiver.front.faults = [Fault(kind)]
        flushed = delivery.flush(settings(agent, receiver))
        assert list(flushed.failed) == ['a'] and flushed.exit_code == 7 and box.entry('a')['state'] == 'queued'
        receiver.front.faults = []
        assert delivery.flush(settings(agent, receiver)).delivered == ['a']
        assert list(received(receiver)) == ['a']

    @pytest.mark.parametrize('body', [b'', b'ok', b'{}', b'{"id": "a"}'])
    def test_plain_receivers_are_believed(self, agent, box, receiver, body):
        box.put(record('a'))
        receiver.front.application = _answering('204 No Content' if not body else '200 OK', body)
        assert delivery.flush(settings(agent, receiver)).delivered == ['a']

    @pytest.mark.parametrize('body', [b'{"id": "b"}', b'["a"]', b'<html>ok</html>'])
    def test_a_yes_to_something_else_is_not_believed(self, agent, box, receiver, body):
        box.put(record('a'))
        receiver.front.application = _answering('200 OK', body)
        assert list(delivery.flush(settings(agent, receiver)).failed) == ['a']

    def test_a_receiver_that_is_down_is_not_asked_for_every_record(self, agent, box, receiver):
        for number in range(8):
            box.put(record('%d' % number))
        receiver.front.application = _answering('503 Service Unavailable', b'')
        flushed = delivery.flush(settings(agent, receiver))
        assert len(receiver.front.requests) == 3 and len(flushed.failed) == 3 and len(flushed.left) == 5

    def test_a_refused_record_waits_for_a_person_and_holds_nobody_up(self, agent, box, receiver):
        box.put(record('a'))
        receiver.front.application = _answering('422 Unprocessable Entity', b'{"message": "no"}')
        ended = agent('outbox', 'flush')
        assert ended.code == 1 and 'refused by the receiver: a' in ended.err
        assert agent('outbox', 'flush').code == 0 and len(receiver.front.requests) == 1
        receiver.front.application = receiver.service.application
        assert agent('outbox', 'retry', 'a').code == 0
        assert agent('outbox', 'flush').code == 0 and received(receiver) == {'a': 1}

    def test_a_token_is_sent_to_the_receiver_and_shown_nowhere(self, agent, box, tmpdir, write):
        with StandIn(os.path.join(str(tmpdir), 'r.sqlite'), token='Sesame-9') as standin:
            agent.environment['RIG_AGENT_REPORT_URL'] = standin.url + '/outcomes/'
            box.put(record('a'))
            ended = agent('outbox', 'flush')
            assert ended.code == 7 and 'token' in ended.err
            agent.environment['RIG_AGENT_REPORT_TOKEN_FILE'] = write('token', 'Sesame-9\n')
            ended = agent('-v', 'outbox', 'flush')
            assert ended.code == 0 and 'Sesame' not in ended.out + ended.err
            agent.environment['RIG_AGENT_REPORT_TOKEN'] = 'two words'
            assert agent('outbox', 'flush').code == 2
        with io.open(box.path, 'rb') as stream:
            assert b'Sesame' not in stream.read()

    def test_a_redirect_is_not_followed_so_that_the_token_goes_nowhere_else(self, agent, box, receiver):
        box.put(record('a'))
        elsewhere = 'Location', receiver.url + '/elsewhere'
        receiver.front.application = _answering('307 Temporary Redirect', b'', elsewhere)
        flushed = delivery.flush(settings(agent, receiver))
        assert 'redirects to' in flushed.failed['a'] and len(receiver.front.requests) == 1

    def test_the_end_of_a_session_starts_a_delivery_and_waits_for_nothing(self, agent, box, receiver):
        end_session(agent.home, 'a')
        delivery.session_ended(settings(agent, receiver))
        assert box.entry('a')
        deadline = time.time() + 60
        while not received(receiver):
            assert time.time() < deadline
            time.sleep(0.01)
        with box.flushing(60):
            assert not box.entries()

    def test_a_configuration_named_from_here_is_that_of_the_delivery_in_the_background(self, agent, web, write):
        write('mine.yml', 'report: {url: "%s/outcomes/"}\n' % web.url)
        delivered_after_a_run(agent, web, write, {'RIG_AGENT_CONFIG': 'mine.yml'})

    def test_from_a_checkout_that_is_not_installed_the_delivery_is_by_this_very_package(self, agent, web, write):
        copy_folder(folder_of(rig_agent.__file__), os.path.join(agent.folder, 'rig_agent'))
        write('rig_agent/__init__.py', '__version__ = "0.0.0-checkout"\n')
        headers = delivered_after_a_run(agent, web, write, {'RIG_AGENT_REPORT_URL': web.url + '/outcomes/'})
        assert headers['user-agent'] == 'rig-agent/0.0.0-checkout'

    def test_the_end_of_a_session_is_never_disturbed(self, agent, receiver):
        end_session(agent.home, 'a')
        os.mkdir(os.path.join(agent.home, 'outbox.sqlite'))
        said = []
        delivery.session_ended(settings(agent, receiver), said.append)
        assert len(said) == 1 and 'could not be queued' in said[0]


class TestCommands(object):
    def test_list_show_drop(self, agent, receiver):
        assert 'Nothing waits' in agent('outbox', 'list').out
        end_session(agent.home, 'abc')
        assert 'abc  queued' in agent('outbox', 'list').out
        assert agent('outbox', 'show', 'a', '--json').json['record']['stage'] == 'S'
        assert agent('outbox', 'drop', 'abc').code == 0 and agent('outbox', 'flush').code == 0
        assert received(receiver) == {}
        assert agent('outbox', 'list', '--all', '--json').json['entries'][0]['state'] == 'dropped'
        assert agent('outbox', 'drop', 'abc').code == 1
        assert agent('outbox', 'show', 'x').code == 6
        assert agent('outbox', 'drop').code == 2

    def test_without_a_receiver_a_flush_says_what_is_missing(self, agent):
        ended = agent('outbox', 'flush')
        assert ended.code == 2 and 'report' in ended.err

    def test_only_what_is_due_is_sent_when_asked_so(self, agent, box, receiver):
        box.put(record('a'))
        box.failed('a', 'down')
        assert agent('outbox', 'flush', '--due').code == 0 and received(receiver) == {}
        assert agent('outbox', 'flush').code == 0 and received(receiver) == {'a': 1}


class TestPage(object):
    def test_it_lists_each_rig_with_its_last_outcome_and_escapes_what_scripts_wrote(self, receiver):
        import requests
        for identity, rig, outcome in (
                ('a', 'BEH.1', 'completed'), ('b', 'BEH.2', 'completed'), ('c', 'BEH.1', 'crashed')):
            receiver.store.receive(identity, 'now', record(identity, rig={'id': rig}, outcome=outcome,
                                                           stage='<script>alert(1)</script>'))
        text = requests.get(receiver.url + '/outcomes/').text
        rigs = text[:text.index('Latest sessions')]
        assert '<script>' not in text and '&lt;script&gt;' in text and "default-src 'none'" in text
        assert rigs.count('BEH.1') == 1 and 'crashed' in rigs and '61 s' not in rigs and '1 min 1 s' in rigs

    def test_it_shows_any_record_at_all(self):
        page = page_of([record('a'), {'id': 'b'}, {'id': 'c', 'rig': 7, 'times': [], 'subject': None, 'simulated': True}])
        assert b'BEH.1' in page and page.count(b'<tr>') == 2 + 2 + 3
        assert '\u2713 completed'.encode('utf-8') in page and page.count(b' (simulated)') == 1 and b'Nothing was received yet.' in page_of([])


def _answering(status, body, *headers):
    def application(environ, start_response):
        start_response(str(status), [(str(name), str(value)) for name, value in headers]
                       + [(str('Content-Length'), str(len(body)))])
        return [body]
    return application
