# -*- coding: utf-8 -*-
"""Every class of mistake is found, where it is, and nothing is found where there is none."""
from __future__ import absolute_import, unicode_literals

import io
import json
import os
import re
import xml.dom.minidom

import pytest

from support import PROJECT, REAL_REGIMENS, real_regimens
from rig_agent.base.errors import UsageError
from rig_agent.regimens import formats
from rig_agent.regimens.checks.parameters import alike
from rig_agent.regimens.checks.tags import tag_check
from rig_agent.regimens.findings import CODES, FATAL, Selection
from rig_agent.regimens.validation import validate

MD5 = '0123456789abcdef0123456789abcdef'
OTHER_MD5 = 'fedcba9876543210fedcba9876543210'
COMMIT = '00112233445566778899aabbccddeeff00112233'
URL = 'https://raw.githubusercontent.com/lab/scripts/%s/task.py' % COMMIT
CLEAN = """# a comment with "one quote and a tab\t, both harmless
_task: &task
  script: %s
  script_md5: %s
_base: &base
  size: [10, 20]
  movie: //server/share/movie one.npy
  mice: the mice' tails and a 'quoted' word
  screen: 24"
  when: "12:30"
  window: [0.1, 0.5]

name: Lab_Task_v1.0.0
transitions:
  - {trigger: progress, source: S_0, dest: S_1, conditions: good}
  - {trigger: progress, source: S_1, dest: S_2, unless: [bad, ugly]}
  - {trigger: manual, source: S_2, dest: S_3}
stages:
  S_0: {<<: *task, parameters: {<<: *base, stage: S_0, padding: 1.0, note: null}}
  S_1: {<<: *task, parameters: {<<: *base, stage: S_1, padding: 1, note: x}}
  S_2: {<<: *task, parameters: {<<: *base, stage: S_2, padding: 1, note: y}}
  S_3: {<<: *task, parameters: {<<: *base, stage: S_3, padding: 1, note: z}}
""" % (URL, MD5)


def codes_in(text, **options):
    return [finding.code for finding in found_in(text, **options)]


def found_in(text, **options):
    content = text if isinstance(text, bytes) else text.encode('utf-8')
    return validate(content, 'x.yml', **options).findings


def changed(*pairs):
    text = CLEAN
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def with_parameter(text):
    """CLEAN with a line more in the parameters that all stages share."""
    return changed(('  size: [10, 20]\n', '  size: [10, 20]\n  %s\n' % text))


def script(text, md5=MD5):
    return changed(('script: ' + URL, 'script: ' + text), (MD5, md5))


# code -> a text that has this mistake; each must be found, with its code
EXAMPLES = {
    'too-large': b'# ' + b'x' * 5000000, 'encoding': CLEAN.encode('utf-8') + b'# \xb5',
    'control-character': CLEAN + '# \x07',
    'merge-conflict': changed(('name: ', '<<<<<<< HEAD\nname: ')), 'missing-colon': changed(('name: ', 'name\nname: ')),
    'unexpected-colon': changed(('  screen: 24"', '   screen: 24"')), 'bad-escape': with_parameter('a: "\\\\allen\\p"'),
    'open-quote': CLEAN + '_x: "x\n', 'bad-character': with_parameter('a: `x'), 'tab': with_parameter('b:\n\t1'),
    'misplaced-dash': with_parameter('a: - b'), 'bad-anchor-name': with_parameter('a: & b'),
    'bad-block-text': with_parameter('a: | b'), 'stray-text': with_parameter('a: "x" y'),
    'indentation': changed(('  movie:', ' movie:')), 'open-bracket': with_parameter('a: [1, 2'),
    'missing-value': with_parameter('a: [1, , 2]'), 'left-over': 'a: 1\n...\n- b\n',
    'unsafe-tag': with_parameter('a: !!python/name:x'),
    'syntax': '%YAML 1.1\n%YAML 1.1\n---\n' + CLEAN, 'undefined-anchor': changed(('*base', '*bass')),
    'duplicate-anchor': changed(('&base', '&task')), 'recursive-anchor': with_parameter('a: &a [*a]'),
    'second-document': changed(('stages:', '---\nstages:')), 'too-deep': with_parameter('a: ' + '[' * 200 + ']' * 200),
    'bad-value': with_parameter('a: 2020-02-31'), 'bad-merge': with_parameter('<<: 5'),
    'bad-key': with_parameter('a: {[1]: 2}'),
    'empty': '# nothing', 'not-a-mapping': '- a', 'no-name': changed(('name: Lab_Task_v1.0.0', '_name: x')),
    'no-stages': changed(('stages:', '_stages:')), 'stages-not-a-mapping': 'name: A_B_v1.0.0\nstages: [a]',
    'stage-not-a-mapping': CLEAN + '  S_4: 5\n', 'no-script': CLEAN + '  S_4: {parameters: {}}\n',
    'parameters-not-a-mapping': CLEAN + '  S_4: {<<: *task, parameters: [1]}\n',
    'transitions-not-a-list': 'name: A_B_v1.0.0\ntransitions: {a: b}\nstages: {A: {script: a_v2.py}}',
    'bad-transition': changed(('dest: S_1', 'target: S_1')), 'duplicate-key': with_parameter('size: 3'),
    'dangling': changed(('dest: S_1', 'dest: S_9')),
    'contradiction': changed(('conditions: good', 'conditions: a, unless: [b, a]')),
    'stage-mismatch': changed(('stage: S_2', 'stage: S_1')), 'stage-name': CLEAN.replace('S_3', 'S:3'),
    'infinite': with_parameter('a: .inf'), 'stray-quote': with_parameter('a: //server/share/x.npy"'),
    'swallowed-lines': with_parameter('a: "x'),
    'posix-path': with_parameter('a: /home/doug/x.npy'), 'escaped-path': with_parameter("a: '\\allen\\x\\y.npy'"),
    'bad-reference': script('task_v2'),
    'page-url': script('http://h.org/projects/A/repos/b/browse/task.py?at=' + COMMIT),
    'token-url': script(URL + '?token=ABC'), 'login-in-url': script(URL.replace('//', '//me:pw@')),
    'resource-id': script(COMMIT),
    'md5-malformed': script(URL, MD5[1:]), 'md5-shared': CLEAN + '  S_4: {script: other_v2.py, script_md5: %s}\n' % MD5,
    'md5-two': CLEAN + '  S_4: {script: %s, script_md5: %s}\n' % (URL, OTHER_MD5),
    'text-over-lines': with_parameter('a: 3\n    b'),
    'stage-name-in-value': CLEAN.replace('S_3', 'STAGE_3') + '_x: words STAGE_3\n',
    'number-as-text': with_parameter('a: 1e-3'), 'odd-number': with_parameter('a: 1:30'),
    'python-word': with_parameter('a: None'),
    'question-mark': with_parameter('a: [http://h.org/x?y]'),
    'list-as-text': with_parameter('a: (0, 1)'), 'blank-at-edge': with_parameter('a: "x "'),
    'odd-character': with_parameter('a: \u201cx\u201d'), 'key-not-text': with_parameter('on: 1'),
    'unknown-key': changed(('conditions:', 'condition:')),
    'misspelt-key': changed(('stage: S_2, padding', 'stage: S_2, pading')),
    'missing-key': changed(('stage: S_2, padding: 1, ', 'stage: S_2, ')),
    'type-differs': changed(('stage: S_2, padding: 1', 'stage: S_2, padding: [1]')),
    'reversed-range': changed(('[0.1, 0.5]', '[0.5, 0.1]'), ('window', 'lick_window')),
    'odd-amount': with_parameter('reward_volume: 5'), 'agent-parameter': with_parameter('mouse_id: 612345'),
    'rig-specific': with_parameter('a: C:/Users/doug/x.npy'),
    'commit-mismatch': with_parameter('GHTaskScriptParams: {a: "%s"}\n  task_script_commit_hash: %s'
                                      % (URL, COMMIT[::-1])),
    'unreached': CLEAN + '  S_4: {<<: *task}\n', 'duplicate-transition': changed((
        '  - {trigger: manual, source: S_2, dest: S_3}\n', '  - {trigger: manual, source: S_2, dest: S_3}\n' * 2)),
    'shadowed-transition': changed(('unless: [bad, ugly]}\n', 'unless: [bad, ugly]}\n'
                                    '  - {trigger: progress, source: S_1, dest: S_3, unless: [ugly, bad]}\n')),
    'unknown-trigger': changed(('manual', 'manuell')), 'stage-names-alike': CLEAN + '  s_1: {<<: *task}\n',
    'branch-url': script(URL.replace(COMMIT, 'master')), 'unpinned-url': script('https://h.org/task.py'),
    'unprotected': script(URL.replace('https', 'http'), URL.replace('https', 'http')), 'bare-script': script('task.py'),
    'local-file': script('./task.py'), 'md5-none': script(URL, 'null'), 'md5-capitals': script(URL, MD5.upper()),
    'md5-of-other': """
_a: &a a_v2.py
_a_md5: &a_md5 %s
_b: &b b_v2.py
_b_md5: &b_md5 %s
name: A_B_v1.0.0
stages:
  A: {script: *a, script_md5: *b_md5}
  B: {script: *b, script_md5: *b_md5}
""" % (MD5, OTHER_MD5),
    'not-implemented': script('NotImplemented'), 'name-convention': changed(('Lab_Task_v1.0.0', 'Lab_Task_v1')),
    'utf-16': CLEAN.encode('utf-16'), 'unused-ignore': '# rig-agent: ignore stray-qoute\n' + CLEAN,
    'crlf': CLEAN.replace('\n', '\r\n'), 'byte-order-mark': b'\xef\xbb\xbf' + CLEAN.encode('utf-8'),
    'repeated-merge': CLEAN + '  S_4: {<<: *task, <<: *task}\n', 'md5-placeholder': script(URL, URL),
    'v2-script': script('a_v2.py'), 'github-script': CLEAN,
    'stash-script': script('http://stash.lab.org/a.py?at=' + COMMIT),
    'other-script': script('https://h.org/a.py?at=' + COMMIT),
    'nested-script': with_parameter('behavior_script: a_v2.py'),
    'task-script': with_parameter('GHTaskScriptParams: {a: "%s"}' % URL),
}
NEEDS_MORE = {'script-gone', 'md5-wrong', 'name-taken', 'name-is-not-tag'}  # the network, or a tag


def test_a_clean_regimen_has_nothing_but_the_note_of_where_its_scripts_are_from():
    assert codes_in(CLEAN) == ['github-script']


def test_the_regimen_of_the_project_passes():
    with io.open(os.path.join(PROJECT, 'regimen.yml'), 'rb') as stream:
        report = validate(stream.read(), 'regimen.yml')
    assert [finding.code for finding in report.findings] == ['v2-script'] and not report.failed(strict=True)


def test_every_code_has_an_example():
    assert set(EXAMPLES) | NEEDS_MORE == set(CODES)


@pytest.mark.parametrize('code', sorted(EXAMPLES))
def test_each_mistake_is_found(code):
    findings = found_in(EXAMPLES[code])
    assert code in [finding.code for finding in findings], [(finding.code, finding.what) for finding in findings]
    for finding in findings:
        assert finding.line >= 1 and finding.column >= 1
        assert '***' not in finding.what
        assert not re.search(r"\bu'|0x[0-9a-f]{6}|<[a-z]+ object", finding.what + (finding.advice or ''))


@pytest.mark.parametrize('code', sorted(set(EXAMPLES) - FATAL))
def test_one_mistake_does_not_hide_another(code):
    """A stray quote beside each mistake that leaves the file loadable is found as well."""
    example = EXAMPLES[code]
    if isinstance(example, bytes) or code in ('empty', 'not-a-mapping', 'stray-quote'):
        return
    assert 'stray-quote' in codes_in(example + ('\r\n' if code == 'crlf' else '\n') + '_more: half"')


@pytest.mark.parametrize('code', sorted(FATAL - {'too-large', 'encoding', 'control-character', 'too-deep',
                                                 'left-over'}))
def test_what_does_not_parse_is_read_on(code):
    """A stage that calls itself otherwise, behind each mistake that keeps the file from loading, is found as well."""
    assert 'stage-mismatch' in codes_in(EXAMPLES[code].replace('stage: S_3', 'stage: S_4'))


def test_several_mistakes_of_form_are_all_told():
    text = changed(('name: Lab', 'name: `Lab'), ('  screen: 24"', '   screen: 24'), ('  mice: ', '  mice: "x" '),
                   ('stage: S_2', 'stage: S_1'))
    codes = codes_in(text)
    assert {'bad-character', 'indentation', 'stray-text', 'stage-mismatch'} <= set(codes), codes


def test_keys_of_a_list_item_in_the_wrong_column_are_one_mistake():
    text = ('name: A_B_v1.0.0\ntransitions:\n  - trigger: manual\n  source: A\n  dest: B\n'
            'stages:\n  A: {script: a_v2.py}\n')
    assert [(finding.code, finding.line) for finding in found_in(text)
            if finding.severity == 'error'] == [('indentation', 4)]


@pytest.mark.parametrize('value, says', [('[S_1, S_2]', 'is a list'), ('{a: S_1}', 'is a map'), ('[]', 'is a list')])
def test_an_end_that_is_no_name_is_told_as_what_it_is(value, says):
    text = changed(('dest: S_1', 'dest: ' + value))
    found = [finding for finding in found_in(text) if finding.code == 'bad-transition']
    assert len(found) == 1 and says in found[0].what and '`dest:`' in found[0].what
    assert found[0].line == text[:text.index('dest: ' + value)].count('\n') + 1


def test_a_mistake_behind_an_anchor_is_told_where_it_is_written_and_where_it_is_used():
    finding, = [finding for finding in found_in(with_parameter('a: x.npy"')) if finding.code == 'stray-quote']
    assert (finding.line, finding.column) == (7, 6)
    assert finding.stages == ['S_0', 'S_1', 'S_2', 'S_3']
    assert finding.used == [('S_%d' % n, 20 + n, 37) for n in range(4)]


def test_a_value_that_a_stage_overrides_is_not_used_by_it():
    text = with_parameter('a: x.npy"').replace('stage: S_2', 'a: y.npy, stage: S_2')
    finding, = [finding for finding in found_in(text) if finding.code == 'stray-quote']
    assert finding.stages == ['S_0', 'S_1', 'S_3']


def test_scripts_in_a_part_that_no_stage_uses_are_not_the_regimen_s():
    assert 'nested-script' not in codes_in(CLEAN + '_spare: {behavior_script: a_v2.py}\n')


def test_a_stage_that_takes_over_the_name_of_another_is_told_from_it():
    text = changed(('S_2: {<<: *task, parameters: {<<: *base, stage: S_2,', 'S_2: {<<: *task, parameters: {<<: *s_1,'),
                   ('S_1: {<<: *task, parameters: {', 'S_1: {<<: *task, parameters: &s_1 {'))
    finding, = [finding for finding in found_in(text) if finding.code == 'stage-mismatch']
    assert finding.stages == ['S_2'] and [stage for stage, _, _ in finding.used] == ['S_2']


@pytest.mark.parametrize('text, code', [
    ('a: "x" ', None), ("a: it's", None), ('a: "two\n    lines"', None), ('a: "\'x\'"', None), ('a: say "x"', None),
    ('"a": 1', None), ('a\': 1', 'stray-quote'),
    ('a: x\'', 'stray-quote'), ('a: \'x"\'', 'stray-quote'), 
    ('a: //allen/programs/x.npy', None), ('a: \\\\allen\\programs\\x.npy', None), ('a: C:/ProgramData/x', None),
    ('a: "C:\\\\x\\\\y.npy"', None), ("a: 'C:\\\\\\\\x\\\\\\\\y'", 'escaped-path'),
    ('a: "C:\\temp\\new.npy"', 'escaped-path'),
    ('a: "\\\\allen\\\\x\\\\y.npy"', 'escaped-path'), ('a: "\\\\\\\\allen\\\\x\\\\y.npy"', None),
    ('a: ~/x.npy', 'posix-path'),
    ('a: /allen/x.npy', 'posix-path'), ('a: 1/2', None), ('a: and/or', None), ('a: 1.0e-3', None),
    ('a: 1E5', 'number-as-text'),
    ('a: 12e', None), ('a: 08', 'number-as-text'), ('a: 010', 'odd-number'), ('a: 0', None), ('a: 0.5', None),
    ('a: 00', None),
    ('a: 1,5', 'number-as-text'), ('a: 20 %', 'number-as-text'), ('a: "010"', None), ('a: "None"', None),
    ('a: -.inf', 'infinite'),
    ('a: 1.0e+999', 'infinite'), ('a: 12:30:45', 'odd-number'), ('a: 127.0.0.1:5000', None),
    ('a: 10.128.1.5:5000', 'rig-specific'),
    ('a: "(1, 2)"', 'list-as-text'), ('a: (see below)', None), ('a: 2020-02-02', None),
    ('a_range: [2, 1]', 'reversed-range'),
    ('a_min: 5\n  a_max: 4', 'reversed-range'), ('catch_frequency: 25', 'odd-amount'), ('reward_volume: 0.007', None),
    ('max_task_duration_min: 3600', 'odd-amount'), ('max_task_duraton_min: 60', 'misspelt-key'),
    ('true: 1', 'key-not-text'),
    ('2: 1', 'key-not-text'), ('a: "x\n  b: y"', 'swallowed-lines')])
def test_single_values(text, code):
    codes = [found for found in codes_in(with_parameter(text)) if CODES[found][0] != 'note']
    assert codes == ([code] if code else []), codes


@pytest.mark.parametrize('one, other, same', [
    ('reward_volume', 'reward_volum', True), ('reward_volume', 'reward-volume', True),
    ('rewardVolume', 'reward_volume', True),
    ('change_flashes_min', 'change_flashes_max', False), ('image_1', 'image_2', False),
    ('pre_blank', 'post_blank', False),
    ('taskScript', 'taskControl', False), ('prologue_gray_length', 'epilogue_gray_length', False),
    ('auto_reward_vol', 'auto_reward_volume', False), ('stimulus_window', 'stimulus_windw', True),
    ('flash_path', 'gabor_path', False),
    ('sq_dur', 'gab_dur', False), ('add_static', 'add_drift', False),
    ('lick_on_auto_rewards', 'lick_on_auto_reward', True)])
def test_names_that_are_alike(one, other, same):
    assert alike(one, other) is same


def test_codes_are_selected_and_ignored():
    text = changed(('stage: S_2', 'stage: S_1'), ('  size:', '  a: x"\n  size:'))
    assert sorted(codes_in(text)) == ['github-script', 'stage-mismatch', 'stray-quote']
    assert codes_in(text, selection=Selection(select=['stage-*'])) == ['stage-mismatch']
    assert codes_in(text, selection=Selection(ignore=['error', 'github-script'])) == []
    assert sorted(codes_in('# rig-agent: ignore stray-quote, github-script\n' + text)) == ['stage-mismatch']
    with pytest.raises(UsageError) as caught:
        Selection(select=['stray-qoute'])
    assert '`stray-quote`' in caught.value.advice


def test_what_keeps_a_file_from_loading_cannot_be_ignored():
    assert 'bad-character' in codes_in('# rig-agent: ignore bad-character\n' + EXAMPLES['bad-character'])


def test_the_name_is_compared_with_the_tag():
    assert codes_in(CLEAN, further=[tag_check('Lab_Task_v1.0.1')]).count('name-is-not-tag') == 1
    for ref in ('Lab_Task_v1.0.0', 'master', COMMIT):
        assert 'name-is-not-tag' not in codes_in(CLEAN, further=[tag_check(ref)])


def test_the_url_of_a_page_is_answered_with_the_raw_one():
    finding, = [finding for finding in found_in(EXAMPLES['page-url']) if finding.code == 'page-url']
    assert finding.advice.endswith(' http://h.org/projects/A/repos/b/raw/task.py?at=' + COMMIT)


def test_a_token_is_nowhere_in_what_is_printed():
    report = validate(EXAMPLES['token-url'].encode('utf-8'), 'x.yml')
    printed = ''.join(form([report]) for form in (formats.as_text, formats.as_github, formats.as_junit))
    printed += json.dumps(report.as_json())
    assert 'token-url' in printed and 'ABC' not in printed and 'which expires' in printed


@pytest.mark.parametrize('code', sorted(EXAMPLES))
def test_every_format_carries_every_finding(code):
    example = EXAMPLES[code]
    report = validate(example if isinstance(example, bytes) else example.encode('utf-8'), 'x:%,.yml')
    assert len(formats.as_github([report]).splitlines()) == len(report.findings)
    suite = xml.dom.minidom.parseString(formats.as_junit([report]).encode('utf-8')).getElementsByTagName('testsuite')[0]
    cases = suite.getElementsByTagName('testcase')
    assert len(cases) == len(report.findings) + 1 == int(suite.getAttribute('tests'))
    assert len(suite.getElementsByTagName('failure')) == int(suite.getAttribute('failures'))
    assert formats.as_text([report]).count('[%s]' % code) >= 1


# ------------------------------------------------------------------------------------------------ the lab's own

TRAITS = {'bare': 'bare-script', 'crlf': 'crlf', 'dangling': 'dangling', 'ghtask': 'task-script',
          'md5-malformed': 'md5-malformed',
          'md5-none': 'md5-none', 'md5-same': 'md5-placeholder', 'nested': 'nested-script', 'no-name': 'no-name',
          'no-stages': 'no-stages', 'not-implemented': 'not-implemented', 'resource-id': 'resource-id',
          'stage-mismatch': 'stage-mismatch', 'stray-quote': 'stray-quote', 'url-branch': 'branch-url',
          'url-browse': 'page-url',
          'url-github': 'github-script', 'url-other': 'other-script', 'url-stash': 'stash-script',
          'url-token': 'token-url',
          'v2': 'v2-script'}
COMPOSED = {'undefined-anchor', 'duplicate-anchor', 'recursive-anchor', 'second-document'}


def index():
    path = os.path.join(REAL_REGIMENS, 'INDEX.tsv')
    if not os.path.isfile(path):
        return []
    with io.open(path, encoding='utf-8') as stream:
        return [line.rstrip('\n').split('\t') for line in stream][1:]


@pytest.fixture(scope='module')
def real_report():
    """The Report on a real regimen, by its file's name, each made once."""
    reports = {}

    def report(name):
        if name not in reports:
            with io.open(os.path.join(REAL_REGIMENS, name), 'rb') as stream:
                reports[name] = validate(stream.read(), name)
        return reports[name]
    return report


@pytest.mark.parametrize('name, regimen, traits', index())
def test_a_real_regimen_has_the_findings_of_its_traits_and_no_others(name, regimen, traits, real_report):
    report = real_report(name)
    codes = set(finding.code for finding in report.findings)
    traits = set(traits.split(','))
    unparsable = set(trait for trait in traits if trait.startswith('yaml:'))
    assert bool(unparsable) == (not report.parsed) == bool(codes & FATAL)
    if unparsable:
        assert ('yaml:ComposerError' in traits) == (codes & FATAL <= COMPOSED)
    else:
        assert codes & set(TRAITS.values()) == set(TRAITS[trait] for trait in traits)
        assert (report.name or '-') == regimen or not report.stages


# what is found in the real regimens that nobody listed, looked at one by one: `code: files`
TRUE_BUT_UNLISTED = {
    'name-convention': 21, 'python-word': 6, 'unpinned-url': 2, 'unreached': 4, 'unknown-key': 2,
    'shadowed-transition': 1,
    'stage-name-in-value': 1, 'unprotected': 1, 'repeated-merge': 1}


def test_false_positives_on_real_regimens_are_counted(real_report):
    """Findings beside the listed traits: each was looked at; a new one is a false positive until it was, too."""
    files = {}
    for path in real_regimens():
        report = real_report(os.path.basename(path))
        for code in set(finding.code for finding in report.findings) - set(TRAITS.values()) if report.parsed else ():
            files.setdefault(code, []).append(os.path.basename(path))
    if not files:
        pytest.skip('the real regimens are not at hand')
    assert {code: len(names) for code, names in files.items()} == TRUE_BUT_UNLISTED, files


# ------------------------------------------------------------------------------------------------ the command

def test_the_command_fails_for_errors_only_unless_strict(agent, write):
    write('regimen.yml', CLEAN)
    assert agent('regimen', 'validate').code == 0
    write('warned.yml', changed(('Lab_Task_v1.0.0', 'Lab_v1')))
    assert agent('regimen', 'validate', 'warned.yml').code == 0
    assert agent('regimen', 'validate', 'warned.yml', '--strict').code == 1
    write('wrong.yml', with_parameter('a: `x'))
    ended = agent('regimen', 'validate', 'warned.yml', 'wrong.yml', '--json')
    assert ended.code == 1
    assert [report['errors'] for report in ended.json['regimens']] == [0, 1]
    ended = agent('regimen', 'validate', 'wrong.yml', '--format', 'github')
    assert ended.code == 1 and ended.out.startswith('::error file=wrong.yml,line=7,col=6,title=bad-character::')


def test_the_command_names_a_file_that_is_not_there_and_goes_on(agent, write):
    write('regimen.yml', CLEAN)
    assert agent('regimen', 'validate', 'gone.yml').code == 6
    ended = agent('regimen', 'validate', 'gone.yml', 'regimen.yml')
    assert ended.code == 6 and 'regimen.yml: 1 note' in ended.out


def test_the_command_lists_its_codes(agent):
    assert {row['code'] for row in agent('regimen', 'validate', '--codes', '--json').json['codes']} == set(CODES)
