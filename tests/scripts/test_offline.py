"""`--offline` promises to contact nothing: tried with every command that takes it (guarantee 27)."""
from __future__ import absolute_import, unicode_literals

import json
import os
import socket
import time

import click
import pytest

from rig_agent.base.files import md5_of_bytes as md5
from rig_agent.cli.main import rig_agent

COMMIT = 'c' * 40

# Words behind `rig-agent --offline`, for every command; several where a command can want several things of the network.
COMMANDS = [
    ('stages',), ('show', 'V'), ('explain', 'V'), ('explain', 'U'), ('explain', 'M'), ('generate', 'V'), ('lock',),
    ('lock', '--update'), ('lock', '--check'), ('check',), ('check', '--dir', '.'), ('check', '--fix'),
    ('cache', 'fetch', '--all'), ('cache', 'fetch', 'U', '--mouse', '612345'), ('cache', 'list'), ('cache', 'verify'),
    ('cache', 'fetch', '--all', '--also', 'git:master'), ('cache', 'gc', '--keep', 'regimen.yml'),
    ('cache', 'gc', '--dry-run'), ('sessions', 'list'), ('sessions', 'recover'), ('sessions', 'report'),
    ('sessions', 'show', 'none'), ('sessions', 'follow', 'none'), ('stop',), ('status',), ('logs', 'collect'),
    ('logs', 'grep', 'x'), ('logs', 'tail'), ('outbox', 'list'), ('outbox', 'flush'), ('outbox', 'drop', 'none'),
    ('outbox', 'retry', 'none'), ('outbox', 'show', 'none'), ('regimen', 'validate', 'regimen.yml'),
    ('regimen', 'validate', '--online', 'regimen.yml'), ('regimen', 'validate', 'git:master'),
    ('regimen', 'diff', 'regimen.yml', 'git:master'), ('regimen', 'graph'), ('regimen', 'graph', '--mice'),
    ('regimen', 'upload', 'master', '--write'), ('mice',), ('mice', 'add', '612345', '--regimen', 'R', '--stage', 'A'),
    ('migrate', '--source', 'R_v1', '--target', 'R_v2', '--write'), ('doctor',), ('doctor', 'V'),
    ('config', 'init'), ('config', 'schema'), ('config', 'show'), ('harness', 'zoo', 'list'), ('hook', 'install'),
    ('hook', 'run', 'regimen.yml'), ('stages', '--regimen', 'git:master'), ('stages', '--regimen', 'mtrain:612345'),
    ('explain', 'V', '--regimen', 'URL'),
]
IN_PROCESSES_OF_THEIR_OWN = [
    ('run', 'V', '--simulate'), ('run', 'U', '--simulate'), ('run', 'V', '--mouse', '612345', '--simulate'),
    ('smoke', '--all', '--simulate'), ('harness', 'zoo', 'run', 'behaves')]
# One serves on the loopback until it is stopped, the other does what the commands above do, one after the other.
NOT_TRIED = {('harness', 'mtrain'), ('harness', 'acceptance')}


@pytest.fixture
def lab(web, repository, regimen, write, processes):
    """A configuration whose services, mirrors and repositories are all one web server that counts; an empty cache."""
    repository.commit({'v2/x_v2.py': b'1\n', 'regimen.yml': b'{name: R, stages: {A: {script: x_v2.py}}}'})
    url = web.put_repository('/scripts', repository)
    pinned = 'http://stash.invalid/%s/u.py' % COMMIT
    web.put('/%s/u.py' % COMMIT, b'print(1)\n')
    regimen({'V': ('x_v2.py', 'x_v2.py', {'mapping_script': 'y_v2.py'}), 'U': (pinned, md5(b'print(1)\n'), {}),
             'M': (web.url + '/master/m.py', None, {})})
    del processes.environment['RIG_AGENT_SCRIPTS_REPOSITORY']
    write('rig_agent.yml', json.dumps({
        'scripts': {'repository': url, 'directories': ['.']}, 'regimens': {'repository': url},
        'mirrors': {'http://stash.invalid/': web.url + '/'}, 'mtrain': {'url': web.url},
        'report': {'url': web.url + '/report'}}))
    processes.environment.update(RIG_AGENT_MTRAIN_USER='me', RIG_AGENT_MTRAIN_PASSWORD='secret')
    return web


@pytest.fixture
def contacts(monkeypatch):
    """Every host that this process looks up, as it does before each connection, numbers included."""
    seen, look_up = [], socket.getaddrinfo

    def watched(*words):
        seen.append(words)
        return look_up(*words)
    monkeypatch.setattr(socket, 'getaddrinfo', watched)
    return seen


@pytest.mark.parametrize('words', COMMANDS, ids=' '.join)
def test_a_command_contacts_nothing(lab, online, contacts, words):
    words = [lab.url + '/regimen.yml' if word == 'URL' else word for word in words]
    ended = online('--offline', *words)
    assert 'Usage:' not in ended.err, ended
    assert (lab.hits, contacts) == ([], []), ended


@pytest.mark.parametrize('words', [
    ('cache', 'fetch', '--all'), ('check', '--dir', '.'), ('cache', 'fetch', '--mouse', '612345'), ('doctor',),
    ('stages', '--regimen', 'git:master')], ids=' '.join)
def test_without_the_option_the_same_lab_is_asked(lab, online, contacts, words):
    online(*words)
    assert lab.count() > 0 and (contacts or 'git:master' in words or 'check' in words)


@pytest.mark.parametrize('words', IN_PROCESSES_OF_THEIR_OWN, ids=' '.join)
def test_a_command_that_starts_sessions_contacts_nothing(lab, processes, words):
    ended = processes(*(('--offline',) + words), script_fails=True)
    assert lab.hits == [], ended


def test_the_outcome_of_a_session_offline_waits_for_a_later_command(lab, online, processes):
    assert online('cache', 'fetch', 'U').code == 0
    del lab.hits[:]
    ended = processes('--offline', 'run', 'U', '--simulate')
    assert ended.code == 0, ended
    time.sleep(0.5)  # what must not come has no moment at which it did not
    assert lab.hits == []
    online('outbox', 'flush')
    assert lab.count('/report') == 1


def test_every_command_that_takes_the_option_is_tried():
    tried = {words[:length] for words in COMMANDS + IN_PROCESSES_OF_THEIR_OWN for length in (1, 2, 3)}
    missing = [path for path in leaves(rig_agent, ()) if path not in tried | NOT_TRIED]
    assert missing == []


def leaves(command, path):
    """The words of every command below one, that take --offline."""
    if isinstance(command, click.Group):
        for name in command.list_commands(None):
            for leaf in leaves(command.get_command(None, name), path + (name,)):
                yield leaf
    elif any('--offline' in parameter.opts for parameter in command.params):
        yield path


def test_a_warm_rig_plans_and_runs_offline(lab, online, processes):
    assert online('cache', 'fetch', 'U').code == 0
    asked = lab.count()
    assert online('--offline', 'cache', 'fetch', 'U').code == 0
    assert online('--json', '--offline', 'explain', 'U').json['scripts'][0]['state'] == 'cached'
    assert os.path.isdir(os.path.join(online.home, 'cache', 'objects'))
    assert lab.count() == asked
