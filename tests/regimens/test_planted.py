# -*- coding: utf-8 -*-
"""One mistake in a regimen that is otherwise clean is one finding, in its line and column, and no other ones follow."""
from __future__ import absolute_import, unicode_literals

import io

import pytest
import yaml

from support import real_regimens
from rig_agent.regimens import syntax
from rig_agent.regimens.validation import validate

COMMIT = '00112233445566778899aabbccddeeff00112233'
MD5 = '0123456789abcdef0123456789abcdef'
REGIMEN = """# what the lab writes: anchors at the top, merge keys with overrides
_task: &task
    http://stash.lab.org/projects/A/repos/b/raw/dev/task.py?at=%s
_task_md5: &task_md5 %s
_map: &map map_v2.py
_window: &window [0.1, 0.5]
_base: &base
  class: images
  response_window: *window
  warm_up_trials: 5
  movie: //server/share/movie one.npy

name: Lab_Task_v1.0.0

transitions:
  - trigger: progress
    source: STAGE_0
    dest: STAGE_1
    conditions: two_good_days
  - trigger: progress
    source: STAGE_1
    dest: STAGE_2
    unless: [bad, ugly]
  - trigger: manual
    source: STAGE_2
    dest: STAGE_3

stages:
  STAGE_0:
    script: *task
    script_md5: *task_md5
    parameters:
      <<: *base
      stage: STAGE_0
      session_dur: 3600
      pre_blank: 10

  STAGE_1:
    script: *task
    script_md5: *task_md5
    parameters:
      <<: *base
      stage: STAGE_1
      session_dur: 3600
      pre_blank: 10

  STAGE_2:
    script: *task
    script_md5: *task_md5
    parameters:
      <<: *base
      stage: STAGE_2
      session_dur: 3600
      pre_blank: 10

  STAGE_3:
    script: *task
    script_md5: *task_md5
    parameters:
      <<: *base
      stage: STAGE_3
      session_dur: 3600
      pre_blank: 10
      warm_up_trials: 2
""" % (COMMIT, MD5)


def found_in(content):
    content = content if isinstance(content, bytes) else content.encode('utf-8')
    return ['%s %d:%d' % (finding.code, finding.line, finding.column)
            for finding in validate(content, 'x.yml').findings if finding.severity != 'note']


def planted(line, old, new):
    lines = REGIMEN.splitlines()
    assert old in lines[line - 1], lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    return '\n'.join(lines) + '\n'


def test_the_regimen_is_clean():
    assert found_in(REGIMEN) == []


@pytest.mark.parametrize('line, old, new, findings', [
    # columns
    (8, '  class', '   class', 'indentation 8:4'), (8, '  class', ' class', 'indentation 8:2'),
    (9, '  response', '   response', 'unexpected-colon 9:4'), (10, '  warm', ' warm', 'indentation 10:2'),
    (29, '  STAGE_0', '   STAGE_0', 'indentation 29:4'), (38, '  STAGE_1', '   STAGE_1', 'indentation 38:4'),
    (38, '  STAGE_1', ' STAGE_1', 'indentation 38:2'), (31, '    script', '     script', 'indentation 31:6'),
    (16, '  - trigger', '   - trigger', 'indentation 16:4'), (20, '  - trigger', '   - trigger', 'indentation 20:4'),
    (16, '  - trigger', ' - trigger', 'indentation 16:2'), (32, '    parameters', '   parameters', 'indentation 32:4'),
    # tabs, in all places
    (8, '  class', '\tclass', 'tab 8:1'), (17, '    source', '\tsource', 'tab 17:1'),
    (38, '  STAGE', '\tSTAGE', 'tab 38:1'),
    (35, '      session', '\t\tsession', 'tab 35:1'), (35, ': ', ':\t', 'tab 35:19'),
    (35, '3600', '3600\t', 'tab 35:24'),
    (35, 'session', 'sess\tion', 'tab 35:11'), (8, 'images', 'images \t# big', 'tab 8:17'),
    # quotes
    (35, '3600', '"3600', 'open-quote 35:20'), (8, 'images', '\'images', 'open-quote 8:10'),
    (35, '3600', '3600"', 'stray-quote 35:20'), (11, 'one.npy', 'one.npy"', 'stray-quote 11:10'),
    (35, 'session_dur', 'session_dur"', 'stray-quote 35:7'), (8, 'images', '"images" x', 'stray-text 8:19'),
    (10, '5', '\u201c5\u201d', 'odd-character 10:19 stray-quote 10:19'),
    (24, '  - trigger', '  \u2013 trigger', 'bad-character 24:3'), (11, 'one', 'one \u2013 two', ''),
    # colons, brackets, anchors
    (8, 'class:', 'class', 'missing-colon 8:3'), (8, 'class: ', 'class:', 'missing-colon 8:3'),
    (35, 'session_dur:', 'session_dur', 'missing-colon 35:7'), (35, ': 3600', ': a: b', 'unexpected-colon 35:21'),
    (6, ']', '', 'open-bracket 6:18'), (6, '[', '', 'list-as-text 6:18'),
    (6, '&window', '&base', 'duplicate-anchor 7:8 undefined-anchor 9:20'),
    (33, '*base', '*bass', 'undefined-anchor 33:11'), (33, '*base', '5', 'bad-merge 33:11'),
    (35, '3600', '? 5', 'bad-character 35:20'), (8, 'class: images', '!x', 'unsafe-tag 8:3'),
    (35, '3600', '!x 5', 'unsafe-tag 35:20'), (35, ' session_dur: 3600', '!!str session', 'indentation 35:6'),
    # keys
    (35, 'session_dur', 'sesion_dur', 'misspelt-key 35:7'), (35, 'session_dur', 'sessoin_dur', 'misspelt-key 35:7'),
    (64, 'warm_up', 'war_up', 'misspelt-key 64:7'), (64, 'warm_up', 'warmup', 'misspelt-key 64:7'),
    (30, 'script', 'scirpt', 'no-script 29:3'), (18, 'dest', 'dets', 'bad-transition 16:5'),
    (26, 'dest', 'dets', 'bad-transition 24:5'), (26, 'STAGE_3', 'STAGE_33', 'dangling 26:11'),
    (36, 'pre_blank', 'session_dur', 'missing-key 29:3 duplicate-key 36:7'),
    (34, 'STAGE_0', 'STAGE_1', 'stage-mismatch 34:14'), (36, '10', 'ten', 'type-differs 36:18'),
    (36, '10', '1e3', 'number-as-text 36:18'), (36, '10', 'None', 'python-word 36:18'),
    # md5s and scripts, where they are written, behind their anchors
    (4, MD5, MD5[1:], 'md5-malformed 4:22'), (4, MD5, MD5.upper(), 'md5-capitals 4:22'),
    (4, MD5, MD5 + '"', 'md5-malformed 4:22 stray-quote 4:22'), (3, '?at=' + COMMIT, '', 'unpinned-url 3:5'),
    (3, COMMIT, COMMIT[1:], 'unpinned-url 3:5'), (3, COMMIT, COMMIT[:7], 'unpinned-url 3:5'),
    (3, COMMIT, 'refs%2Fheads%2Fmaster', 'branch-url 3:5'), (3, COMMIT, COMMIT + '&token=x', 'token-url 3:5'),
    (3, '/raw/', '/browse/', 'page-url 3:5'), (30, '*task', COMMIT, 'resource-id 30:13'),
    (30, '*task', 'NotImplemented', 'not-implemented 30:13'), (30, '*task', 'other_v2.py', 'md5-shared 4:22'),
    (30, '*task', 'http://stash.lab.org/projects/A/repos/b/raw/dev/old/task.py?at=' + COMMIT, 'md5-shared 4:22'),
    (30, '*task', 'http://stash.lab.org/projects/A/repos/b/raw/dev/task.py?at=' + COMMIT[::-1], ''),
    (6, '[0.1, 0.5]', '[0.5, 0.1]', 'reversed-range 6:18')])
def test_one_mistake_is_one_finding_in_its_place(line, old, new, findings):
    assert ' '.join(found_in(planted(line, old, new))) == findings


def test_a_spare_stage_in_front_is_unreached_and_those_behind_it_are_not():
    text = REGIMEN.replace('\nstages:\n', '\nstages:\n  SPARE: {script: *task, script_md5: *task_md5}\n')
    assert found_in(text) == ['unreached 29:3']


def test_marks_of_git_are_one_finding_for_the_conflict():
    text = REGIMEN.replace('  class: images\n',
                           '<<<<<<< HEAD\n  class: images\n=======\n  class: movies\n>>>>>>> new\n')
    finding, = validate(text.encode('utf-8'), 'x.yml').findings
    assert (finding.code, finding.line) == ('merge-conflict', 8) and finding.advice.endswith('Also in lines 10, 12.')


def test_a_stage_that_does_not_exist_is_told_once_with_all_lines_that_name_it():
    text = planted(22, 'STAGE_2', 'STAGE_9').replace('source: STAGE_2', 'source: STAGE_9')
    finding, = [finding for finding in validate(text.encode('utf-8'), 'x.yml').findings if finding.code == 'dangling']
    assert (finding.line, finding.column) == (22, 11) and finding.advice.endswith(' Also in line 25.')
    assert 'Did you mean `STAGE_' in finding.advice


def test_a_stage_that_is_not_indented_is_told_with_its_line():
    text = REGIMEN.replace('\n  STAGE_3:\n', '\nSTAGE_3:\n')
    finding, = [finding for finding in validate(text.encode('utf-8'), 'x.yml').findings if finding.code == 'dangling']
    assert finding.line == 26 and finding.advice.startswith('It stands in line 56, but not below `stages:`')


def test_a_quote_that_takes_in_lines_before_the_parser_gives_up_is_told_where_it_is_opened():
    text = planted(35, '3600', '"3600').replace('STAGE_3\n', '"STAGE_3"\n')
    assert found_in(text) == ['open-quote 35:20']


@pytest.mark.parametrize('text, finding', [
    ('x: [', 'open-bracket 65:4'), ('x: {\n\n', 'open-bracket 65:4'), ('x: [\n  1,\n  [\n# y', 'open-bracket 67:3'),
    ('x: 1\t\n', 'tab 65:5'), ('x: 1\t', 'tab 65:5'), ('x: "a', 'open-quote 65:4'),
    ('x', 'missing-colon 65:1'), ('x: &', 'bad-anchor-name 65:4')])
def test_what_is_open_at_the_end_of_the_file_is_told_where_it_begins(text, finding):
    assert finding in found_in(REGIMEN + text)


@pytest.mark.parametrize('key, finding', [('screen', []), ('monitor_size', []), ('warm_up_trials', ['stray-quote'])])
def test_inches_are_no_stray_quote(key, finding):
    assert [found.split()[0] for found in found_in(planted(10, 'warm_up_trials: 5', key + ': 24"'))
            if found.startswith('stray')] == finding


# ------------------------------------------------------------------------------- scripts that come through anchors

@pytest.mark.parametrize('written, code', [
    ('behavior_script: *map', 'nested-script'), ('<<: {mapping_script: *map}', 'nested-script'),
    ('GHTaskScriptParams: {taskScript: *task}', 'task-script'), ('GHTaskScriptParams: [{a: *task}]', 'task-script'),
    ('GHTaskScriptParams: &again {a: *task}', 'task-script'), ('GHTaskScriptParams: *task', 'task-script')])
def test_further_scripts_are_found_through_anchors_and_merge_keys(written, code):
    text = planted(8, 'class: images', written)
    notes = {finding.code: (finding.line, finding.what) for finding in validate(text.encode('utf-8'), 'x.yml').findings}
    assert notes[code][0] == {'nested-script': 5, 'task-script': 3}[code] and '1 in all' in notes[code][1]


def test_a_script_in_a_shared_part_that_every_stage_overrides_is_not_the_regimen_s():
    text = planted(8, 'class: images', 'behavior_script: *map').replace(
        '      stage:', '      behavior_script: null\n      stage:')
    assert 'nested-script' not in [finding.code for finding in validate(text.encode('utf-8'), 'x.yml').findings]


# ------------------------------------------------------------------------------- both parsers, whatever is in the file

@pytest.mark.parametrize('text', [
    'a: b\tc', 'a:\tb', 'a: b\t', 'a: "x"\t', 'a: [1,\t2]', 'a: |\n \tx', 'a: 1\n \t \nb: 2', 'a: &x\t1', 'a: \'x\ty\'',
    '- ? a', 'a: ? b', '[a:]', '{a: :b}', 'a: {b: c}d', '"a":b', '%FOO bar\n---\na: 1', 'a: !x!y 1', 'a: 1\n[',
    'a: # x\ty',
    'a: 1\n!!python/name:x # y\nb: 1', 'a: x#y\tz'])
def test_both_parsers_of_pyyaml_find_the_same(text, monkeypatch):
    first = found_in(text)
    monkeypatch.setattr(syntax, 'Loader', yaml.SafeLoader)
    assert found_in(text) == first


def mutated(content):
    """A real regimen with each kind of damage that an editor or a merge does to it, at some lines of its own."""
    lines = content.split(b'\n')
    for number in range(7, len(lines), max(1, len(lines) // 3)):
        for kind in range(8):
            damaged = list(lines)
            row = damaged[number]
            damaged[number] = [row[1:], b' ' + row, row + b'"', row.replace(b':', b'', 1), row.replace(b' ', b'\t', 1),
                               row[:len(row) // 2], row + b'\n' + row, row.replace(b': ', b': "', 1)][kind]
            yield b'\n'.join(damaged)


@pytest.mark.parametrize('path', real_regimens()[5::30])
def test_a_damaged_real_regimen_is_told_the_same_by_both_parsers(path, monkeypatch):
    with io.open(path, 'rb') as stream:
        cases = list(mutated(stream.read()))
    first = [found_in(case) for case in cases]
    monkeypatch.setattr(syntax, 'Loader', yaml.SafeLoader)
    assert [found_in(case) for case in cases] == first
