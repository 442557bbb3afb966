# -*- coding: utf-8 -*-
"""A commit is held back when its regimen would break a rig, and only then."""
from __future__ import absolute_import, unicode_literals

import io
import os
import shutil
import subprocess
import sys

import pytest
import yaml

from servers import need_git
from support import PROJECT, Ended
from rig_agent.base.compat import json_text, monotonic, to_native

REGIMEN = """name: Lab_Task_v1.0.0
transitions:
- {trigger: progress, source: A, dest: B}
stages:
  A: {script: a_v2.py, script_md5: 0123456789abcdef0123456789abcdef, parameters: {stage: A, size: 1}}
  B: {script: b_v2.py, script_md5: fedcba9876543210fedcba9876543210, parameters: {stage: B}}
"""


class Lab(object):
    """A git repository with the hook installed, and a person who commits into it."""

    def __init__(self, agent, folder):
        self.agent, self.folder = agent, folder
        self.environment = dict(agent.environment, GIT_AUTHOR_NAME='x', GIT_AUTHOR_EMAIL='x@x', GIT_COMMITTER_NAME='x',
                                GIT_COMMITTER_EMAIL='x@x', GIT_CONFIG_GLOBAL=os.devnull)

    def git(self, *words, **options):
        need_git()
        process = subprocess.Popen(
            [to_native(word) for word in ('git',) + words], cwd=to_native(options.get('folder', self.folder)),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={to_native(key): to_native(value) for key, value in self.environment.items()})
        out, err = process.communicate()
        return Ended(process.returncode, out, err)

    def write(self, name, text, folder=None):
        path = os.path.join(folder or self.folder, name)
        with io.open(path, 'w', encoding='utf-8', newline='') as stream:
            stream.write(text)

    def commit(self, regimen=None, log=None, *words):
        if regimen is not None:
            self.write('regimen.yml', regimen)
        if log is not None:
            self.write('CHANGELOG.md', log)
        self.git('add', '-A')
        return self.git('commit', '-q', '-m', 'x', *words)


@pytest.fixture(scope='module')
def template(module_agent):
    """A repository with the hook and one commit, made once and copied for each test."""
    folder = os.path.join(module_agent.home, 'lab')
    os.mkdir(folder)
    module_agent.folder = folder
    lab = Lab(module_agent, folder)
    assert lab.git('init', '-q').code == 0
    assert module_agent('hook', 'install').code == 0
    ended = lab.commit(REGIMEN, '# Changes\n## Lab_Task_v1.0.0\nbegun\n')
    assert ended.code == 0, ended
    return folder


@pytest.fixture
def lab(agent, folder, template):
    agent.folder = folder = os.path.join(folder, 'lab')
    shutil.copytree(to_native(template), to_native(folder))
    return Lab(agent, folder)


def test_a_good_commit_passes_and_its_step_may_be_larger_than_needed(lab):
    assert lab.commit(REGIMEN.replace('v1.0.0', 'v1.1.0').replace('size: 1', 'size: 2'),
                      'Lab_Task_v1.1.0: larger').code == 0


@pytest.mark.parametrize('old, new, log, words', [
    ('size: 1', 'size: `1', None, 'regimen.yml:5:'), ('size: 1', 'size: 2', None, 'the name is still Lab_Task_v1.0.0'),
    ('B', 'C', 'Lab_Task_v1.0.1', 'major step'),
    ('v1.0.0', 'v1.0.1', 'Lab_Task_v1.0.12 and Lab_Task_v1.0.1.2', 'no entry for Lab_Task_v1.0.1')])
def test_a_commit_is_held_back_with_its_reason(lab, old, new, log, words):
    text = REGIMEN.replace(old, new)
    if log and 'v1' not in old:
        text = text.replace('v1.0.0', log.split('_')[-1])
    ended = lab.commit(text, log)
    assert ended.code == 1 and words in ended.out + ended.err, ended
    assert 'Traceback' not in ended.err
    assert lab.git('rev-list', '--count', 'HEAD').out.strip() == '1'


def test_git_s_own_way_passes_the_hook_by(lab):
    assert lab.commit(REGIMEN.replace('size: 1', 'size: 2'), None, '--no-verify').code == 0


def test_what_is_staged_is_checked_not_what_lies_in_the_folder(lab):
    lab.write('regimen.yml', REGIMEN.replace('stage: B', 'stage: A'))
    lab.git('add', 'regimen.yml')
    lab.write('regimen.yml', REGIMEN)
    assert lab.git('commit', '-q', '-m', 'x').code == 1
    lab.git('add', 'regimen.yml')
    lab.write('regimen.yml', REGIMEN.replace('stage: B', 'stage: A'))
    lab.write('other.txt', 'x')
    lab.git('add', 'other.txt')
    assert lab.git('commit', '-q', '-m', 'x').code == 0
    assert lab.git('commit', '-q', '-a', '-m', 'x').code == 1  # an index of its own


def test_a_name_that_is_tagged_with_another_content_is_taken(lab):
    lab.git('tag', 'Lab_Task_v1.0.1')
    assert lab.commit(REGIMEN.replace('size: 1', 'size: 2').replace('v1.0.0', 'v1.0.1'), 'Lab_Task_v1.0.1').code == 1


def test_a_number_that_json_cannot_carry_is_told_with_the_rest_and_its_correction_passes(lab):
    """Two regimens can be compared only where both can be written as JSON."""
    broken = REGIMEN.replace('size: 1', 'size: .inf')
    ended = lab.commit(broken.replace('stage: B', 'stage: A').replace('v1.0.0', 'v1.0.1'), 'Lab_Task_v1.0.2')
    said = ended.out + ended.err
    assert ended.code == 1, ended
    for part in ('[infinite]', '[stage-mismatch]', 'no entry for Lab_Task_v1.0.1'):
        assert part in said, ended
    assert lab.commit(broken, None, '--no-verify').code == 0
    lab.git('tag', 'Lab_Task_v1.0.1')
    assert lab.commit(REGIMEN.replace('v1.0.0', 'v1.0.1'), 'Lab_Task_v1.0.1').code == 0
    assert lab.commit(REGIMEN.replace('size: 1', 'size: 2').replace('v1.0.0', 'v1.0.1'), None).code == 1


def test_a_file_that_is_named_and_not_staged_is_told(lab):
    ended = lab.agent('hook', 'run', 'regimen.yml', 'regimn.yml')
    assert ended.code == 6 and 'regimn.yml' in ended.err and 'git add' in ended.err, ended
    assert lab.agent('hook', 'run', 'regimen.yml').code == 0


def test_a_lock_file_that_is_behind_holds_the_commit_back(lab):
    entry = {'md5': '0' * 32, 'size': 1, 'kind': 'v2-name'}
    lock = {'schema': 1, 'regimen': 'x', 'scripts': {'a_v2.py': entry, 'b_v2.py': entry},
            'stages': {'A': {'script': 'a_v2.py'}, 'B': {'script': 'b_v2.py'}}}
    lab.write('regimen.lock.json', json_text(lock))
    ended = lab.commit()
    assert ended.code == 1 and 'the regimen asserts 0123456789abcdef0123456789abcdef' in ended.out + ended.err, ended
    lock['scripts'] = {'a_v2.py': dict(entry, md5='0123456789abcdef' * 2),
                       'b_v2.py': dict(entry, md5='fedcba9876543210' * 2)}
    lab.write('regimen.lock.json', json_text(lock))
    assert lab.commit().code == 0
    lab.write('regimen.lock.json', '{')
    assert lab.commit().code == 1


def test_other_commits_are_not_looked_at(lab):
    lab.write('x.txt', 'x')
    assert lab.commit().code == 0


def test_the_hook_works_in_a_worktree(lab, tmpdir):
    other = str(tmpdir.join('other'))
    assert lab.git('worktree', 'add', '-q', other, '-b', 'other').code == 0
    lab.write('regimen.yml', REGIMEN.replace('stage: B', 'stage: A'), folder=other)
    assert lab.git('commit', '-q', '-a', '-m', 'x', folder=other).code == 1


def test_a_hook_of_somebody_else_is_left_alone(agent, folder):
    lab = Lab(agent, folder)
    lab.git('init', '-q')
    path = os.path.join(folder, '.git', 'hooks', 'pre-commit')
    lab.write(os.path.join('.git', 'hooks', 'pre-commit'), '#!/bin/sh\nexit 0\n')
    ended = agent('hook', 'install')
    assert ended.code == 4 and '-m rig_agent hook run || exit 1' in ended.err
    with io.open(path) as stream:
        assert stream.read() == '#!/bin/sh\nexit 0\n'


def test_the_hook_is_renewed_and_follows_core_hookspath(lab):
    ended = lab.agent('hook', 'install', '--json')
    assert ended.json['replaced'] is True
    lab.git('config', 'core.hooksPath', 'shared hooks')
    ended = lab.agent('hook', 'install', '--json')
    assert ended.json['hook'].endswith(os.path.join('shared hooks', 'pre-commit')) and ended.json['replaced'] is False
    assert lab.commit(REGIMEN.replace('stage: B', 'stage: A')).code == 1


def test_outside_of_a_repository_there_is_nothing_to_guard(agent):
    need_git()
    assert agent('hook', 'install').code == 2
    assert agent('hook', 'run').code == 2


def test_the_hook_uses_no_network_library(lab):
    code = ('import sys\nfrom rig_agent.cli.main import run\nrun(["hook", "run", "regimen.yml"])\n'
            'print(sorted(set(sys.modules) & {"requests", "git", "psutil"}))')
    process = subprocess.Popen([sys.executable, '-c', code], cwd=to_native(lab.folder), stdout=subprocess.PIPE,
                               env={to_native(key): to_native(value) for key, value in lab.environment.items()})
    started = monotonic()
    out = process.communicate()[0].decode('utf-8')
    assert out.strip().endswith('[]'), out
    assert monotonic() - started < 60


def test_the_hook_is_offered_to_pre_commit():
    with io.open(os.path.join(PROJECT, '.pre-commit-hooks.yaml'), encoding='utf-8') as stream:
        offered, = yaml.safe_load(stream)
    assert offered['entry'] == 'rig-agent hook run' and offered['language'] == 'python'
