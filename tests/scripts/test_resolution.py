"""From a reference to verified bytes: what is expected, where it is looked for, what is refused."""
from __future__ import absolute_import, unicode_literals

import io
import os
import shutil
import subprocess
import sys

import pytest

from rig_agent.base.compat import to_native
from rig_agent.base.errors import NotFound, Refused, Unreachable, WrongBytes
from rig_agent.base.files import md5_of_bytes as md5
from rig_agent.scripts import bundled_scripts

COMMIT = 'c' * 40
ONE, TWO, THREE = b'print(1)\n', b'print(2)\n', b'print(3)\n'
BUNDLED = bundled_scripts.names()[0]


# ------------------------------------------------------------------------------------------------ URLs

def test_a_pinned_url_is_fetched_once_and_then_nothing_is_contacted(web, resolver):
    url = web.put('/o/r/%s/x.py' % COMMIT, ONE)
    script = resolver().obtain(url, md5(ONE))
    assert (script.content, script.found_md5, script.assertion, script.commit) == (ONE, md5(ONE), 'regimen', COMMIT)
    assert (script.fetched, script.kind, script.name, script.unasserted) == (True, 'pinned-url', 'x.py', False)
    with io.open(script.path, 'rb') as stream:
        assert stream.read() == ONE
    again = resolver().obtain(url, md5(ONE))
    assert (again.fetched, again.content, web.count()) == (False, ONE, 1)


def test_an_md5_in_capitals_is_the_same_md5(web, resolver):
    assert resolver().obtain(web.put('/%s/x.py' % COMMIT, ONE), md5(ONE).upper()).found_md5 == md5(ONE)


def test_a_wrong_md5_is_refused_and_nothing_kept(web, resolver, cache):
    url = web.put('/%s/x.py' % COMMIT, ONE)
    with pytest.raises(WrongBytes) as caught:
        resolver().obtain(url, md5(TWO))
    error = caught.value
    assert error.exit_code == 5
    assert (error.where, error.expected) == (url, md5(TWO))
    assert md5(ONE) in error.found
    assert cache.objects() == [] and cache.manifest() == {}


def test_a_url_without_md5_is_unasserted_and_kept_by_its_commit(web, resolver):
    url = web.put('/%s/x.py' % COMMIT, ONE)
    for script_md5 in (None, url):
        script = resolver().obtain(url, script_md5)
        assert (script.assertion, script.unasserted, script.expected_md5) == ('unasserted', True, None)
    assert web.count() == 1


def test_a_moving_url_is_flagged_and_asked_again_only_to_refresh(web, resolver):
    url = web.put('/raw/master/x.py', ONE)
    script = resolver().obtain(url)
    assert script.kind == 'moving-url' and 'names no commit' in ' '.join(script.notes)
    web.put('/raw/master/x.py', TWO)
    assert resolver().obtain(url).content == ONE
    assert resolver(refresh=True).obtain(url).content == TWO
    assert resolver().obtain(url).content == TWO
    assert web.count() == 2


@pytest.mark.parametrize('trouble', [{'status': 503}, {'status': 404}])
def test_when_a_refresh_fails_the_good_copy_stays(web, resolver, trouble):
    url = web.put('/raw/master/x.py', ONE)
    resolver().obtain(url)
    web.put('/raw/master/x.py', b'', **trouble)
    script = resolver(refresh=True).obtain(url)
    assert script.content == ONE and script.stale
    assert 'could not be fetched again' in ' '.join(script.notes)


def test_a_warm_cache_works_when_the_host_is_gone_and_says_how_old_the_copy_is(web, resolver):
    url = web.put('/raw/master/x.py', ONE)
    resolver().obtain(url)
    web.close()
    script = resolver().obtain(url)
    assert script.content == ONE
    assert any('old' in note and 'UTC' in note for note in script.notes)


def test_offline_contacts_nothing_and_says_what_is_missing(web, resolver):
    url = web.put('/%s/x.py' % COMMIT, ONE)
    for act in (resolver(offline=True).obtain, resolver(offline=True, refresh=True).obtain):
        with pytest.raises(Unreachable) as caught:
            act(url, md5(ONE))
        assert caught.value.where == url
    assert resolver(offline=True).plan(url, md5(ONE)).exit_code == 7
    assert web.count() == 0


def test_a_host_that_took_no_connection_is_not_tried_for_every_script(web, resolver):
    said, urls = [], [web.put('/%s/%d.py' % (COMMIT, number), ONE) for number in range(3)]
    web.close()
    one = resolver(say=said.append)
    for url in urls:
        with pytest.raises(Unreachable):
            one.obtain(url)
    assert len(said) == 3  # the retries of the first


def test_mirrors_serve_and_the_own_url_is_recorded(web, resolver, settings, cache):
    settings.values['mirrors'] = {'http://gone.example/': 'http://nowhere.example/',
                                  'http://gone.example/projects/': web.url + '/copy/'}
    web.put('/copy/x.py?at=' + COMMIT, ONE)
    url = 'http://gone.example/projects/x.py?at=' + COMMIT
    script = resolver().obtain(url, md5(ONE))
    assert (script.source, script.served_by) == (url, web.url + '/copy/x.py?at=' + COMMIT)
    assert cache.record(url)['served_by'] == script.served_by
    assert resolver().obtain(url, md5(ONE)).source == url


@pytest.mark.parametrize('url, served', [
    ('http://stash/x.py', 'http://copy/x.py'), ('http://stash?x', 'http://copy?x'), ('http://stash', 'http://copy'),
    ('http://stash.example.org/x.py', None), ('http://stash/a/x.py', 'http://other/x.py'),
    ('http://stash/ab/x.py', 'http://copy/ab/x.py')])
def test_a_mirrored_prefix_ends_where_a_part_of_the_url_ends(resolver, settings, url, served):
    settings.values['mirrors'] = {'http://stash': 'http://copy', 'http://stash/a/': 'http://other/'}
    assert resolver().urls.address(url) == (served or url)


def test_a_redirect_to_another_host_is_recorded(web, resolver):
    target = web.put('/elsewhere.py', ONE).replace('127.0.0.1', 'localhost')
    script = resolver().obtain(web.put('/%s/x.py' % COMMIT, location=target), md5(ONE))
    assert script.served_by == target
    assert 'redirected' in ' '.join(script.notes)


@pytest.mark.parametrize('page', [b'<!DOCTYPE html><html><form><input type="password"></form>', b'\n <html>', b'',
                                  b'{"message": "Bad credentials"}', b'404: Not Found'])
def test_what_is_no_script_is_refused_when_nobody_asserts_an_md5(web, resolver, cache, page):
    with pytest.raises(WrongBytes):
        resolver().obtain(web.put('/%s/x.py' % COMMIT, page))
    assert cache.objects() == []


def test_a_script_of_a_gigabyte_is_refused_at_once(web, resolver, cache):
    with pytest.raises(Refused):
        resolver().obtain(web.put('/%s/x.py' % COMMIT, b'x', promised=10 ** 9), md5(ONE))
    assert cache.objects() == []


def test_a_token_is_never_written_down(web, resolver, cache):
    url = web.put('/raw/x.py?token=SECRETSECRET', ONE)
    script = resolver().obtain(url)
    assert 'SECRETSECRET' not in '%s' % script.as_json()
    for folder, _, names in os.walk(cache.folder):
        for name in names:
            with io.open(os.path.join(folder, name), 'rb') as stream:
                assert b'SECRETSECRET' not in stream.read()
    assert resolver().obtain(url).fetched is False


# ------------------------------------------------------------------------------------------------ names

def test_a_name_is_taken_from_the_repository_at_a_recorded_commit(repository, resolver, cache):
    commit = repository.commit({'v2/x_v2.py': ONE})
    script = resolver().obtain('x_v2.py', 'x_v2.py')
    assert (script.content, script.commit, script.source) == (ONE, commit, repository.url)
    assert (script.assertion, script.unasserted) == ('repository', True)
    assert cache.installed('x_v2.py') == ONE
    repository.commit({'v2/x_v2.py': TWO})
    assert resolver().obtain('x_v2.py', 'x_v2.py').content == ONE
    fresh = resolver(refresh=True).obtain('x_v2.py', 'x_v2.py')
    assert fresh.content == TWO and cache.installed('x_v2.py') == TWO
    assert resolver().obtain('x_v2.py', 'x_v2.py').commit == fresh.commit


def test_a_warm_rig_needs_no_repository_and_says_commit_and_age(repository, resolver):
    commit = repository.commit({'v2/x_v2.py': ONE})
    resolver().obtain('x_v2.py')
    shutil.rmtree(repository.folder)
    script = resolver().obtain('x_v2.py')
    assert script.content == ONE
    assert any(commit[:12] in note and 'old' in note for note in script.notes)
    refreshed = resolver(refresh=True).obtain('x_v2.py')
    assert refreshed.content == ONE and refreshed.stale


def test_offline_does_not_ask_the_repository_even_to_refresh(repository, resolver):
    repository.commit({'v2/x_v2.py': ONE})
    resolver().obtain('x_v2.py')
    repository.commit({'v2/x_v2.py': TWO})
    assert resolver(offline=True, refresh=True).obtain('x_v2.py').content == ONE


def test_a_name_that_is_missing_offline_is_answered_with_how_to_have_it(repository, resolver):
    repository.commit({'v2/x_v2.py': ONE})
    with pytest.raises(Unreachable) as caught:
        resolver(offline=True).obtain('x_v2.py')
    assert 'without --offline' in caught.value.advice and 'cache fetch' in caught.value.advice


def test_an_older_version_is_found_by_the_md5_that_the_regimen_asserts(repository, resolver):
    first = repository.commit({'v2/x_v2.py': ONE})
    repository.commit({'v2/x_v2.py': TWO})
    repository.commit({'v2/x_v2.py': THREE})
    script = resolver().obtain('x_v2.py', md5(ONE))
    assert (script.content, script.commit, script.assertion) == (ONE, first, 'regimen')


def test_a_local_clone_that_has_the_asserted_bytes_is_enough(repository, resolver, cache):
    repository.commit({'v2/x_v2.py': ONE, 'v2/y_v2.py': TWO})
    resolver().obtain('x_v2.py')
    shutil.rmtree(repository.folder)
    assert resolver().obtain('y_v2.py', md5(TWO)).content == TWO
    assert resolver(offline=True).obtain('y_v2.py').content == TWO


def test_another_repository_or_ref_in_the_configuration_is_not_answered_by_old_copies(repository, resolver, settings):
    repository.commit({'v2/x_v2.py': ONE})
    resolver().obtain('x_v2.py')
    repository.git('checkout', '--quiet', '-b', 'next')
    repository.commit({'v2/x_v2.py': TWO})
    settings.values['scripts.ref'] = 'next'
    assert resolver().obtain('x_v2.py').content == TWO


def test_bare_names_are_taken_too_and_flagged(repository, resolver):
    repository.commit({'v2/task.py': ONE})
    script = resolver().obtain('task.py')
    assert script.kind == 'bare-name' and 'not named as a v2 script' in ' '.join(script.notes)


def test_bundled_scripts_answer_last(repository, resolver):
    repository.commit({'v2/' + BUNDLED: ONE, 'v2/other_v2.py': TWO})
    assert resolver().obtain(BUNDLED).content == ONE
    asserted = md5(bundled_scripts.read(BUNDLED))
    script = resolver().obtain(BUNDLED, asserted)
    assert (script.source, script.found_md5, script.assertion) == ('bundled', asserted, 'regimen')


def test_bundled_scripts_answer_when_the_repository_is_away_or_lacks_them(repository, resolver, cache):
    repository.commit({'v2/other_v2.py': TWO})
    script = resolver().obtain(BUNDLED)
    assert (script.source, script.unasserted, script.assertion) == ('bundled', True, 'unasserted')
    repository.commit({'v2/' + BUNDLED: ONE})
    assert resolver().obtain(BUNDLED).content == ONE  # a bundled copy never hides the repository's


def test_an_asserted_bundled_script_needs_neither_network_nor_git(resolver, settings, monkeypatch):
    settings.values['scripts.repository'] = 'https://127.0.0.1:1/nothing'
    monkeypatch.setenv(str('PATH'), str('/nonexistent'))
    script = resolver(offline=True).obtain(BUNDLED, md5(bundled_scripts.read(BUNDLED)))
    assert script.source == 'bundled'


def test_a_name_that_is_nowhere_names_the_nearest(repository, resolver):
    repository.commit({'v2/change_detection_v2.py': ONE})
    with pytest.raises(NotFound) as caught:
        resolver().obtain('change_detecton_v2.py')
    assert 'change_detection_v2.py' in caught.value.advice


def test_without_repository_and_copy_the_exit_code_is_7(resolver, repository):
    shutil.rmtree(repository.folder)
    with pytest.raises(Unreachable) as caught:
        resolver().obtain('x_v2.py', 'x_v2.py')
    assert caught.value.exit_code == 7 and 'x_v2.py' in caught.value.what


def test_an_md5_that_no_version_has_is_refused(repository, resolver):
    repository.commit({'v2/x_v2.py': ONE})
    with pytest.raises(WrongBytes) as caught:
        resolver().obtain('x_v2.py', md5(THREE))
    assert md5(THREE) == caught.value.expected and repository.url in caught.value.where


def test_a_clone_that_broke_is_made_anew(repository, resolver, cache):
    repository.commit({'v2/x_v2.py': ONE})
    first = resolver()
    script = first.obtain('x_v2.py')
    os.unlink(script.path)
    for folder, _, names in os.walk(os.path.join(first.repository.clone.folder, 'objects')):
        for name in names:
            os.chmod(os.path.join(folder, name), 0o600)
            with io.open(os.path.join(folder, name), 'wb') as stream:
                stream.write(b'garbage')
    assert resolver().obtain('x_v2.py').content == ONE


def test_autocrlf_changes_no_md5(repository, resolver, tmpdir, monkeypatch):
    tmpdir.join('.gitconfig').write('[core]\n\tautocrlf = true\n\teol = crlf\n')
    monkeypatch.setenv(str('HOME'), str(tmpdir))
    repository.commit({'v2/x_v2.py': ONE, '.gitattributes': b'* text eol=crlf\n'})
    assert resolver().obtain('x_v2.py', md5(ONE)).content == ONE


# ------------------------------------------------------------------------------------------------ refused

@pytest.mark.parametrize('text, code', [
    ('a' * 40, 6), ('NotImplemented', 6), ('http://h/projects/browse/x.py', 6), ('../x_v2.py', 6), ('', 6), ('x', 6),
    ('v2/x_v2.py', 6), ('CON.py', 6), ('ftp://h/x.py', 6), ('file:///etc/passwd', 6), ('x_v2.py"', 6),
    ('C:\\x_v2.py', 6), ('./x_v2.py', 6), ('/etc/passwd', 6), ('x' * 200 + '_v2.py', 6)])
def test_what_cannot_be_resolved_is_refused_in_plan_and_deed(resolver, text, code):
    with pytest.raises(NotFound) as caught:
        resolver().obtain(text)
    assert caught.value.exit_code == code
    planned = resolver().plan(text)
    assert (planned.state, planned.exit_code) == ('refused', code) and planned.reason


def test_a_page_url_names_the_raw_url(resolver):
    with pytest.raises(NotFound) as caught:
        resolver().obtain('http://h/projects/P/repos/r/browse/x.py?at=' + COMMIT)
    assert 'http://h/projects/P/repos/r/raw/x.py?at=' + COMMIT in caught.value.what


@pytest.mark.parametrize('wrong', ['a' * 31, 'a' * 40, 'XXXX', 'http://h/x.py', 'other_v2.py', ''])
def test_a_malformed_md5_is_refused_unless_accepted_by_name(repository, resolver, wrong):
    repository.commit({'v2/x_v2.py': ONE})
    with pytest.raises(WrongBytes) as caught:
        resolver().obtain('x_v2.py', wrong)
    assert caught.value.exit_code == 5 and '--accept-md5 x_v2.py' in caught.value.advice
    assert resolver().plan('x_v2.py', wrong).exit_code == 5
    with pytest.raises(WrongBytes):
        resolver(overrides=['y_v2.py']).obtain('x_v2.py', wrong)
    script = resolver(overrides=['x_v2.py']).obtain('x_v2.py', wrong)
    assert (script.assertion, script.unasserted, script.content) == ('override', True, ONE)


def test_an_override_by_name_does_not_excuse_a_wrong_md5(repository, resolver):
    repository.commit({'v2/x_v2.py': ONE})
    with pytest.raises(WrongBytes):
        resolver(overrides=['x_v2.py']).obtain('x_v2.py', md5(TWO))


def test_strict_refuses_what_moves_and_what_nobody_asserts(web, repository, resolver):
    repository.commit({'v2/x_v2.py': ONE})
    pinned, moving = web.put('/%s/x.py' % COMMIT, ONE), web.put('/master/x.py', ONE)
    for text, script_md5 in ((moving, md5(ONE)), (pinned, None), ('x_v2.py', 'x_v2.py')):
        with pytest.raises(Refused):
            resolver(strict=True).obtain(text, script_md5)
        assert resolver(strict=True).plan(text, script_md5).exit_code == 4
    assert web.count() == 0
    assert resolver(strict=True).obtain(pinned, md5(ONE)).content == ONE


# ------------------------------------------------------------------------------------------------ files

def test_files_count_only_in_a_regimen_that_is_a_file(resolver, write, folder):
    path = write('desk.py', ONE)
    for text in ('./desk.py', path):
        script = resolver(local_regimen_folder=folder).obtain(text, md5(ONE))
        assert (script.content, script.kind, script.source) == (ONE, 'file', path)
        assert 'file of this machine' in ' '.join(script.notes)
        with pytest.raises(NotFound):
            resolver().obtain(text, md5(ONE))
    with pytest.raises(WrongBytes):
        resolver(local_regimen_folder=folder).obtain('./desk.py', md5(TWO))
    with pytest.raises(NotFound):
        resolver(local_regimen_folder=folder).obtain('./none.py')


def test_an_edited_file_is_seen_at_once(resolver, write, folder):
    write('desk.py', ONE)
    resolver(local_regimen_folder=folder).obtain('./desk.py')
    write('desk.py', TWO)
    assert resolver(local_regimen_folder=folder).obtain('./desk.py').content == TWO


# ------------------------------------------------------------------------------------------------ the same bytes

def test_an_edited_object_is_never_given(web, resolver, cache):
    url = web.put('/%s/x.py' % COMMIT, ONE)
    path = resolver().obtain(url, md5(ONE)).path
    os.chmod(path, 0o600)
    with io.open(path, 'ab') as stream:
        stream.write(b'import os\n')
    with pytest.raises(Unreachable):
        resolver(offline=True).obtain(url, md5(ONE))
    assert resolver().obtain(url, md5(ONE)).content == ONE
    assert web.count() == 2


def test_swapped_md5s_are_recognised(web, resolver):
    one, two = web.put('/%s/one.py' % COMMIT, ONE), web.put('/%s/two.py' % COMMIT, TWO)
    swapped = resolver(siblings={md5(TWO): one, md5(ONE): two})
    with pytest.raises(WrongBytes) as caught:
        swapped.obtain(one, md5(TWO))
    assert 'swapped' in caught.value.advice and 'two.py' in caught.value.advice


def test_planning_imports_neither_git_nor_requests(cache):
    program = ('import sys; from rig_agent.rig import configuration as c; from rig_agent.scripts.cache import Cache\n'
               'from rig_agent.scripts.resolution import Resolver\n'
               'r = Resolver(c.load(), Cache(sys.argv[1]))\n'
               'assert r.plan(u"x_v2.py").state == "to fetch"; assert r.plan(u"http://h/x.py").state == "to fetch"\n'
               'print([name for name in ("git", "requests", "psutil", "filelock") if name in sys.modules])')
    out = subprocess.check_output([sys.executable, '-c', program, to_native(cache.folder)])
    assert out.strip() == b'[]'


def test_an_object_that_a_killed_process_did_not_enter_into_the_index_is_entered(web, resolver, cache):
    url = web.put('/%s/x.py' % COMMIT, ONE)
    resolver().obtain(url, md5(ONE))
    os.unlink(os.path.join(cache.folder, 'manifest.json'))
    resolver().obtain(url, md5(ONE), used_by=['R A'])
    entry = cache.record(url)
    assert (entry['md5'], entry['used_by'], entry['source'], entry['asserted']) == (md5(ONE), ['R A'], url, True)
    assert web.count() == 1
