"""What stands under `script:` and `script_md5:`."""
from __future__ import absolute_import, unicode_literals

import pytest

from rig_agent.base.errors import WrongBytes
from rig_agent.regimens.model import asset_paths, nested_references
from rig_agent.regimens.references import classify, expected_md5

COMMIT = '00112233445566778899aabbccddeeff00112233'
RAW = 'https://raw.githubusercontent.com/lab/scripts/%s/folder/task.py' % COMMIT
MD5 = '0123456789abcdef0123456789abcdef'


@pytest.mark.parametrize('text, kind, name, commit', [
    (RAW, 'pinned-url', 'task.py', COMMIT), (RAW.upper().replace('HTTPS', 'https'), 'pinned-url', 'TASK.PY', COMMIT),
    ('http://stash.lab.org/projects/A/repos/b/raw/task.py?at=' + COMMIT, 'pinned-url', 'task.py', COMMIT),
    ('http://stash.lab.org/raw/task.py?x=1&at=%s#top' % COMMIT, 'pinned-url', 'task.py', COMMIT),
    ('http://stash.lab.org/raw/%s/task.py?at=refs%%2Fheads%%2Fmaster' % COMMIT, 'moving-url', 'task.py', None),
    (RAW.replace(COMMIT, 'master'), 'moving-url', 'task.py', None),
    (RAW.replace(COMMIT, COMMIT[:12]), 'moving-url', 'task.py', None),
    (RAW + '?token=ABC', 'moving-url', 'task.py', None), ('https://h.org/', 'moving-url', None, None),
    ('http://h.org/projects/A/repos/b/browse/task.py?at=' + COMMIT, 'page-url', 'task.py', None),
    ('https://github.com/lab/scripts/blob/%s/task.py' % COMMIT, 'page-url', 'task.py', None),
    ('https://github.com/lab/scripts/raw/%s/task.py' % COMMIT, 'pinned-url', 'task.py', COMMIT),
    ('https://gitlab.org/lab/scripts/-/blob/%s/task.py' % COMMIT, 'page-url', 'task.py', None),
    ('change_detection_extended_v2.py', 'v2-name', 'change_detection_extended_v2.py', None),
    ('even_sampling_script_v2_builtin.py', 'v2-name', 'even_sampling_script_v2_builtin.py', None),
    ('runTask.py', 'bare-name', 'runTask.py', None), (COMMIT, 'resource-id', None, None),
    ('NotImplemented', 'on-paper', None, None),
    ('./task.py', 'file', 'task.py', None), ('.\\task.py', 'file', 'task.py', None),
    ('/home/x/task.py', 'file', 'task.py', None),
    ('C:/x/task.py', 'file', 'task.py', None), ('\\\\server\\share\\task.py', 'file', 'task.py', None),
    ('../x_v2.py', 'unknown', None, None), ('v2/x_v2.py', 'unknown', None, None), ('x_v2', 'unknown', None, None),
    ('x_v2.py"', 'unknown', None, None), ('con.py', 'unknown', None, None), ('ftp://h.org/x.py', 'unknown', None, None),
    ('file:///etc/passwd', 'unknown', None, None), ('http://', 'unknown', None, None),
    ('http://[x/task.py', 'unknown', None, None),
    ('https://h.org/a b.py', 'unknown', None, None), ('', 'unknown', None, None), (None, 'unknown', None, None),
    ('\u00e9\x00.py', 'unknown', None, None), ('https://h.org/..%2F..%2Fx.py?at=' + COMMIT, 'pinned-url', None,
                                               COMMIT)])
def test_a_reference_is_of_one_kind(text, kind, name, commit):
    reference = classify(text)
    assert (reference.kind, reference.name, reference.commit) == (kind, name, commit)
    assert reference.problems or kind in ('pinned-url', 'v2-name', 'file')


def test_the_problem_of_a_page_is_the_raw_url():
    reference = classify('https://github.com/lab/scripts/blob/%s/folder/task.py' % COMMIT)
    assert RAW in reference.problems[0]


def test_a_token_is_masked_in_problems():
    assert 'ABC' not in ' '.join(classify('http://h.org/browse/x.py?token=ABC').problems)


@pytest.mark.parametrize('script, md5, expected', [
    ('a_v2.py', MD5, MD5), ('a_v2.py', MD5.upper(), MD5), ('a_v2.py', 'a_v2.py', None), ('a_v2.py', None, None)])
def test_an_md5_is_asserted_or_a_placeholder(script, md5, expected):
    assert expected_md5(script, md5) == expected


@pytest.mark.parametrize('md5', [MD5[1:], MD5 + '0', 'XXXX', 'b_v2.py', RAW, '', 'g' * 32, MD5 + '"'])
def test_anything_else_is_malformed(md5):
    with pytest.raises(WrongBytes):
        expected_md5('a_v2.py', md5)


def test_parameters_name_further_scripts_and_assets():
    parameters = {'behavior_script': 'a_v2.py', 'opto_script': None,
                  'GHTaskScriptParams': [{'task': RAW, 'control': RAW}],
                  'deep': {'mapping_script': 'm_v2.py'}, 'movie': '//server/x.npy', 'list': ['y.stim', 3],
                  'url': RAW + '.npy'}
    assert nested_references(parameters) == [
        ('GHTaskScriptParams.0.control', 'control', RAW), ('GHTaskScriptParams.0.task', 'task', RAW),
        ('behavior_script', 'behavior_script', 'a_v2.py'), ('deep.mapping_script', 'mapping_script', 'm_v2.py')]
    assert asset_paths(parameters) == [('list.0', 'y.stim'), ('movie', '//server/x.npy')]
