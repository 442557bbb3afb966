"""`rig-agent cache`: tonight for tomorrow, with servers that misbehave (guarantees 24, 27, 28, 32, 33)."""
from __future__ import absolute_import, unicode_literals

import io
import json
import os
import shutil
import signal
import subprocess
import time

import pytest

from rig_agent.base.compat import WINDOWS, monotonic
from rig_agent.base.files import md5_of_bytes as md5
from rig_agent.scripts.cache import Cache
from rig_agent.scripts.fetching import Wish, fetch_all
from rig_agent.scripts.resolution import Resolver
from servers import COMMIT, pinned
from support import on_read_only_disk


def test_every_script_of_every_stage_is_fetched_once(web, repository, online, regimen):
    repository.commit({'v2/map_v2.py': b'1\n', 'v2/opto_v2.py': b'2\n'})
    script, control = web.put('/%s/task.py' % COMMIT, b'3\n'), web.put('/%s/control.py' % COMMIT, b'4\n')
    nested = {'mapping_script': 'map_v2.py', 'opto': {'opto_script': 'opto_v2.py'},
              'GHTaskScriptParams': [{'taskScript': script, 'taskControl': control}]}
    regimen({'A': (script, md5(b'3\n'), nested), 'B': (script, md5(b'3\n'), nested),
             'C': ('NotImplemented', 'NotImplemented', {})})
    ended = online('--json', 'cache', 'fetch', '--all')
    assert ended.code == 0, ended
    assert (ended.json['fetched'], ended.json['already_there'], ended.json['failed']) == (4, 1, 0)
    # One URL with an md5 and without is two wishes and one download.
    assert (web.count('/%s/task.py' % COMMIT), web.count('/%s/control.py' % COMMIT)) == (1, 1)
    again = online('--json', 'cache', 'fetch', '--all')
    assert again.code == 0, again
    assert (again.json['fetched'], web.count()) == (0, 2)
    listed = online('--json', 'cache', 'list').json['scripts']
    assert {row['name'] for row in listed} == {'map_v2.py', 'opto_v2.py', 'task.py', 'control.py'}
    assert all(row['used_by'] == ['Test_v1.0.0 A', 'Test_v1.0.0 B'] and row['age'] >= 0 for row in listed)


def test_named_stages_and_several_regimens(web, online, regimen):
    regimen(pinned(web, 3))
    other = regimen({'X': (web.put('/%s/other.py' % COMMIT, b'1\n'), md5(b'1\n'), {})}, 'Other_v1', 'other/regimen.yml')
    assert online('cache', 'fetch', 'S001').code == 0
    assert web.count() == 1
    assert online('cache', 'fetch', 'S002', '--also', other).code == 0
    assert web.count() == 3
    assert online('cache', 'fetch', 'S009').code == 6
    assert online('cache', 'fetch').code == 2


def test_a_failure_loses_none_of_the_others_and_the_next_time_only_it_is_asked_for(web, online, regimen):
    stages = pinned(web, 4)
    web.put('/%s/s002.py' % COMMIT, b'', status=404)
    regimen(stages)
    ended = online('cache', 'fetch', '--all')
    assert ended.code == 6
    assert 's002.py' in ended.out and 'status 404' in ended.out and 'fetched 3' in ended.out and 'failed 1' in ended.out
    web.put('/%s/s002.py' % COMMIT, b'print(2)\n' * 50)
    del web.hits[:]
    assert online('cache', 'fetch', '--all').code == 0
    assert web.count() == 1


def test_the_exit_code_is_the_one_that_failures_share_else_1(web, online, regimen):
    stages = {'A': (web.put('/%s/a.py' % COMMIT, b'1\n'), 'f' * 32, {})}
    regimen(stages)
    assert online('cache', 'fetch', '--all').code == 5
    regimen(dict(stages, B=(web.put('/%s/b.py' % COMMIT, b'', status=404), md5(b'2\n'), {})))
    assert online('cache', 'fetch', '--all').code == 1


def test_a_503_costs_a_retry_and_a_404_does_not(web, online, regimen):
    regimen({'A': (web.put('/%s/a.py' % COMMIT, b'1\n', statuses=[503, 503]), md5(b'1\n'), {}),
             'B': (web.put('/%s/b.py' % COMMIT, b'', status=404), md5(b'2\n'), {})})
    assert online('cache', 'fetch', '--all').code == 6
    assert (web.count('/%s/a.py' % COMMIT), web.count('/%s/b.py' % COMMIT)) == (3, 1)


def test_side_by_side_is_faster_and_within_the_limit(web, cache, settings):
    resolver, sizes = Resolver(settings, cache), []
    wanted = [Wish(resolver, url, script_md5, 'main') for url, script_md5, _ in pinned(web, 16, delay=0.1).values()]
    started = monotonic()
    for wish in fetch_all(wanted, 8, sizes.append):
        assert wish.state == 'fetched', wish.error
    assert monotonic() - started < 1.3  # 1.6 s one after the other
    assert sum(sizes) == sum(wish.script.size for wish in wanted)
    assert web.most_at_once == 8


def test_when_a_rig_goes_offline_tomorrow_works_with_what_was_fetched(web, repository, online, regimen):
    commit = repository.commit({'v2/x_v2.py': b'1\n'})
    regimen(dict(pinned(web, 2), V=('x_v2.py', 'x_v2.py', {})))
    assert online('cache', 'fetch', '--all').code == 0
    web.close()
    shutil.rmtree(repository.folder)
    for words in (('cache', 'fetch', '--all'), ('--offline', 'cache', 'fetch', '--all')):
        ended = online(*words)
        assert ended.code == 0, ended
        assert commit[:12] in ended.err and 'old' in ended.err  # it says which copy it kept, and how old that is
    planned = online('--json', '--offline', 'explain', 'V').json['scripts'][0]
    assert (planned['state'], planned['commit']) == ('cached', commit)


def test_offline_and_cold_says_what_is_missing(web, online, regimen):
    regimen(pinned(web, 1))
    ended = online('--offline', 'cache', 'fetch', '--all')
    assert ended.code == 7 and 's000.py' in ended.out and '--offline' in ended.out
    assert web.count() == 0


@pytest.mark.skipif(WINDOWS, reason='network namespaces')
def test_with_no_network_at_all_a_warm_rig_works(web, processes, regimen):
    regimen(pinned(web, 1))
    if subprocess.call(['unshare', '--net', 'true'], stderr=subprocess.PIPE) != 0:
        pytest.skip('no network namespaces here')
    assert processes('cache', 'fetch', '--all').code == 0
    plain = processes.argv
    processes.argv = lambda *words: ['unshare', '--net'] + plain(*words)
    assert processes('cache', 'fetch', '--all').code == 0
    os.unlink(Cache(os.path.join(processes.home, 'cache')).object_path(md5(b'print(0)\n' * 50)))
    ended = processes('cache', 'fetch', '--all')
    assert ended.code == 7 and 's000.py' in ended.out


def test_a_read_only_cache_serves_what_it_has(web, repository, processes, regimen):
    repository.commit({'v2/x_v2.py': b'1\n'})
    stages = pinned(web, 2)
    regimen(dict(stages, V=('x_v2.py', 'x_v2.py', {}), OTHER=stages['S000']))
    assert processes('cache', 'fetch', 'S000', 'V').code == 0
    folder = os.path.join(processes.home, 'cache')
    on_read_only_disk(processes, folder)
    assert processes('cache', 'fetch', 'S000').code == 0
    assert processes('cache', 'fetch', 'OTHER').code == 0  # the index cannot take down that it is used there too
    assert processes('cache', 'verify').code == 0
    kept = processes('cache', 'fetch', 'V')
    assert kept.code == 4 and 'cannot be written' in kept.out, kept
    ended = processes('cache', 'fetch', 'S001')
    assert ended.code == 4 and 'cannot be written' in ended.out and folder in ended.out


@pytest.mark.skipif(WINDOWS, reason='SIGINT')
def test_ctrl_c_ends_a_fetch_from_a_slow_server_at_once_and_without_noise(web, processes, regimen):
    regimen(pinned(web, 3, delay=60))
    running = processes.start('cache', 'fetch', '--all',
                              preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    started = monotonic()
    while web.at_once < 3 and monotonic() - started < 60:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate()
    assert (running.returncode, out, err.strip()) == (130, b'', b'Interrupted.')
    assert monotonic() - started < 30


# ------------------------------------------------------------------------------------------------ kept in order

def test_verify_sets_damaged_scripts_aside_and_names_them(web, online, regimen):
    regimen(pinned(web, 2))
    online('cache', 'fetch', '--all')
    path = Cache(os.path.join(online.home, 'cache')).object_path(md5(b'print(0)\n' * 50))
    os.chmod(path, 0o600)
    with io.open(path, 'ab') as stream:
        stream.write(b'import os\n')
    ended = online('cache', 'verify')
    assert ended.code == 1 and 's000.py' in ended.out and '1 whole, 1 damaged' in ended.out
    ended = online('cache', 'verify')  # set aside is not whole
    assert ended.code == 1 and '1 whole, 0 damaged, 1 missing' in ended.out
    assert online('cache', 'fetch', '--all').code == 0
    assert online('cache', 'verify').code == 0


def test_gc_keeps_what_names_and_regimens_stand_for(web, repository, online, regimen):
    repository.commit({'v2/x_v2.py': b'1\n'})
    stages = pinned(web, 2)
    path = regimen(dict(stages, V=('x_v2.py', 'x_v2.py', {})))
    online('cache', 'fetch', '--all')
    repository.commit({'v2/x_v2.py': b'2\n'})
    online('cache', 'fetch', '--all')
    dry = online('--json', 'cache', 'gc', '--dry-run')
    assert [gone['md5'] for gone in dry.json['removed']] == [md5(b'1\n')]
    assert online('cache', 'gc').code == 0
    cache = Cache(os.path.join(online.home, 'cache'))
    assert len(cache.objects()) == 3 and cache.read(md5(b'1\n')) is None
    regimen({'S000': stages['S000']})
    ended = online('--json', 'cache', 'gc', '--keep', path)
    assert ended.json['kept'] == 1 and len(ended.json['removed']) == 2
    assert list(Cache(cache.folder).manifest()) == [stages['S000'][0]]


@pytest.mark.parametrize('break_it', [os.unlink, lambda path: io.open(path, 'wb').close()])
def test_without_its_index_gc_removes_nothing_that_it_does_not_know(web, online, regimen, break_it):
    path = regimen(pinned(web, 2))
    online('cache', 'fetch', '--all')
    cache = Cache(os.path.join(online.home, 'cache'))
    break_it(os.path.join(cache.folder, 'manifest.json'))
    ended = online('cache', 'gc')
    assert ended.code == 4 and '--keep' in ended.err and len(cache.objects()) == 2
    assert online('cache', 'gc', '--keep', path).code == 0 and len(cache.objects()) == 2
    break_it(os.path.join(cache.folder, 'manifest.json'))
    assert online('cache', 'fetch', '--all').code == 0
    assert online('cache', 'gc').code == 0 and len(cache.objects()) == 2


def test_list_of_an_empty_cache(online):
    assert 'is empty' in online('cache', 'list').out
    assert online('--json', 'cache', 'list').json['scripts'] == []


def test_stages_that_cannot_be_used_are_failures_of_their_own(web, online, write):
    url = web.put('/%s/x.py' % COMMIT, b'1\n')
    write('regimen.yml', json.dumps({'name': 'R', 'stages': {
        'A': {'script': url, 'script_md5': md5(b'1\n'), 'parameters': {}}, 'B': {'parameters': {}}}}))
    ended = online('cache', 'fetch', '--all')
    assert ended.code == 6 and 'fetched 1' in ended.out and 'stage B' in ended.out


def test_a_malformed_md5_is_accepted_by_name_only(web, online, regimen):
    regimen({'A': (web.put('/%s/x.py' % COMMIT, b'1\n'), 'XXXX', {})})
    assert online('cache', 'fetch', '--all').code == 5
    ended = online('--json', 'cache', 'fetch', '--all', '--accept-md5', 'x.py')
    assert ended.code == 0 and ended.json['scripts'][0]['assertion'] == 'override'
