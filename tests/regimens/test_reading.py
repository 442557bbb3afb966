# -*- coding: utf-8 -*-
"""Bytes become a regimen, the same on every Python, or one message with line and column."""
from __future__ import absolute_import, unicode_literals

import io
import json

import pytest
import yaml

from support import real_regimens
from rig_agent.base.compat import json_text, monotonic, text_type
from rig_agent.base.errors import NotFound
from rig_agent.regimens import syntax
from rig_agent.regimens.reading import Values, read

GOOD = """
name: Lab_Task_v1.0.0
transitions:
  - {trigger: progress, source: A, dest: B}
stages:
  A: {script: a_v2.py, script_md5: a_v2.py, parameters: {stage: A}}
  B: {script: b_v2.py, script_md5: 0123456789abcdef0123456789abcdef, parameters: {stage: B}}
"""


def parameters(text):
    """What stands below `parameters:` of a stage, read."""
    body = '\n'.join('      ' + line for line in text.splitlines())
    return read(('name: N_T_v1.0.0\nstages:\n  A:\n    script: a_v2.py\n    parameters:\n%s\n' % body).encode('utf-8'),
                'x.yml').stage('A').parameters


def refusal(content):
    with pytest.raises(NotFound) as caught:
        read(content if isinstance(content, bytes) else content.encode('utf-8'), 'x.yml')
    return caught.value


def test_a_regimen_has_name_stages_in_order_and_transitions():
    regimen = read(GOOD.encode('utf-8'), 'x.yml')
    assert regimen.name == 'Lab_Task_v1.0.0'
    assert list(regimen.stages) == ['A', 'B']
    assert regimen.transitions == [{'trigger': 'progress', 'source': 'A', 'dest': 'B'}]
    stage = regimen.stage('B')
    assert (stage.script, stage.script_md5, stage.line) == ('b_v2.py', '0123456789abcdef0123456789abcdef', 7)
    assert regimen.document['stages']['A'] == {'script': 'a_v2.py', 'script_md5': 'a_v2.py',
                                               'parameters': {'stage': 'A'}}


def test_a_stage_that_is_not_there_names_the_nearest():
    with pytest.raises(NotFound) as caught:
        read(GOOD.replace('A:', 'TRAINING_1:').encode(), 'x.yml').stage('TRAINNG_1')
    assert '`TRAINING_1`' in caught.value.advice


@pytest.mark.parametrize('name, advice', [
    ('old.yml', '--regimen old.yml'), ('git:v1', '--regimen git:v1'), ('mtrain:612345', '--regimen mtrain:612345'),
    ('Z', '`rig-agent stages` lists them.')])
def test_a_regimen_where_a_stage_is_meant_is_told_how_it_is_named(name, advice):
    with pytest.raises(NotFound) as caught:
        read(GOOD.encode(), 'x.yml').stage(name)
    assert caught.value.advice.endswith(advice)


@pytest.mark.parametrize('written, value', [
    ('12', 12), ('0o17', '0o17'), ('017', 15), ('0x1F', 31), ('0b101', 5), ('1_000', 1000), ('1:30', 90),
    ('-1:30', -90),
    ('1:30:30', 5430), ('08', '08'), ('1e3', '1e3'), ('1.5e+3', 1500.0), ('1.', 1.0), ('.5', .5), ('1:30.5', 90.5),
    ('+3', 3),
    ('yes', True), ('Off', False), ('TRUE', True), ('y', 'y'), ('~', None), ('null', None), ('', None),
    ('nULL', 'nULL'),
    ('123456789012345678901234567890', 123456789012345678901234567890), ('"12"', '12'), ("'yes'", 'yes'),
    ('2019-05-26', '2019-05-26'), ('2019-05-26 10:00:00', '2019-05-26T10:00:00'), ('2019-5-6', '2019-5-6'),
    ('2019-05-26T10:00:00.5Z', '2019-05-26T10:00:00.500000+00:00'),
    ('2019-05-26 1:00:00 -5', '2019-05-26T01:00:00-05:00'),
    ('!!str 12', '12'), ('!!int "12"', 12), ('!!float 1', 1.0), ('!!binary aGVsbG8=', 'aGVsbG8='),
    ('!!bool "yes"', True),
    ('!!set {a, b}', ['a', 'b']), ('!!omap [{b: 1}, {a: 2}]', [['b', 1], ['a', 2]]), ('[1, [2]]', [1, [2]]), ('=', '='),
    ('µm', 'µm'), ('0', 0), ('-0', 0), ('0.1', 0.1), ('_1', '_1'), ('12:30:45.5', 45045.5), ('1.0e+400x', '1.0e+400x')])
def test_values_are_those_of_yaml_1_1(written, value):
    found = parameters('key: %s' % written)['key']
    assert found == value and type(found) == type(value)


def test_numbers_and_words_are_what_pyyaml_reads():
    """Every short text over the letters that numbers are made of, against PyYAML itself."""
    letters = '0189_.:-+eEx'
    texts = [a + b + c + d for a in letters for b in letters for c in ('',) + tuple(letters)
             for d in ('', '0', '.', '_')]
    for text in texts + 'yes Yes YES yEs on oN Null NULL ~ .inf -.INF .nan true TRUE n N'.split():
        try:
            expected = yaml.safe_load('[%s]' % text)[0]
        except (yaml.YAMLError, ValueError, IndexError):
            continue
        if isinstance(expected, (dict, list)) or ': ' in text or text.startswith(('- ', ':')):
            continue
        if text.startswith('._'):  # PyYAML 5 reads a number there, PyYAML 6 a text
            continue
        found = Values().value(syntax.compose('[%s]' % text))[0]
        assert found == expected or found != found and expected != expected, text


@pytest.mark.parametrize('key, name', [('yes', 'true'), ('~', 'null'), ('1', '1'), ('1.50', '1.5'),
                                       ('2019-01-01', '2019-01-01'),
                                       ('-0', '0'), ('"yes"', 'yes')])
def test_keys_that_are_no_text_become_what_json_writes(key, name):
    assert list(parameters('%s: 1' % key)) == [name]


def test_merged_keys_give_way_to_own_ones_and_later_ones_to_earlier_ones():
    found = parameters('a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 3}\nd: {x: 4, <<: *a}')
    assert found['c'] == {'x': 3, 'y': 1, 'z': 2}
    assert found['d'] == {'x': 4, 'y': 1}
    assert parameters('<<: {x: 1}\ny: 2') == {'x': 1, 'y': 2}


def test_parameters_belong_to_who_asks_for_them():
    """A mouse that is added to one stage's parameters is not in its sister's, though an anchor repeats them."""
    regimen = read(b'name: n\nstages:\n  A: &a {script: a.py, parameters: {deep: {}}}\n  B: *a\n', 'x.yml')
    regimen.stage('A').parameters['deep']['mouse_id'] = '612345'
    assert regimen.stage('B').parameters == {'deep': {}} == regimen.stage('A').parameters


@pytest.mark.parametrize('number', ['.inf', '-.inf', '.nan', '1.0e+999'])
def test_a_number_that_json_cannot_carry_names_its_stage_and_key(number):
    with pytest.raises(NotFound) as caught:
        parameters('a: {b: [1, %s]}' % number)
    assert 'parameters.a.b.1' in caught.value.found and '`A`' in caught.value.found


def test_a_script_md5_of_digits_stays_as_it_is_written():
    text = GOOD.replace('0123456789abcdef0123456789abcdef', '01234567012345670123456701234567')
    assert read(text.encode(), 'x.yml').stage('B').script_md5 == '01234567012345670123456701234567'


@pytest.mark.parametrize('content', [
    GOOD.encode('utf-8').replace(b'\n', b'\r\n'), b'\xef\xbb\xbf' + GOOD.encode('utf-8'), GOOD.encode('utf-16')])
def test_line_ends_byte_order_mark_and_utf_16_change_nothing(content):
    assert read(content, 'x.yml').document == read(GOOD.encode('utf-8'), 'x.yml').document


BAD = [
    (b'', '1:1', 'empty'), (b'# only a comment\n', '1:1', 'empty'), (b'null\n', '1:1', 'empty'),
    (b'- a\n- b\n', '1:1', 'a list'), (b'just text\n', '1:1', 'a text'),
    (b'name: x\nstages: [a]\n', '2:9', 'no mapping of stage names'),
    (b'name: x\nstages: text\n', '2:9', 'no mapping of stage names'),
    (b'name: x\nstages:\n\tA: 1\n', '3:1', 'tab'),
    (b'name: x\n\tstages: 1\n', '2:1', 'tab'),
    (b'name: "x\nstages: {}\n', '1:7', 'never closed'),
    (b'name: x\nstages: {A: [1, 2}\n', '2:13', 'not closed'),
    (b'name: x\n stages: {}\n', '2:2', 'indented further'),
    (b'name: x\nnot a key\n', '2:1', 'no colon'),
    (b'a: &x 1\nb: &x 2\n', '2:4', 'given twice'),
    (b'a: *x\n', '1:4', 'not defined'),
    (b'a: &b_c 1\nd: *b_d\n', '2:4', 'not defined'),
    (b'a: &a [*a]\n', '1:8', 'inside of what it repeats'),
    (b'a: 1\n---\nb: 2\n', '3:1', 'second document'),
    (b'a: !!python/object/apply:os.system [ls]\n', '1:4', 'create an object'),
    (b'a: !thing 1\n', '1:4', 'create an object'),
    (b'a: `1\n', '1:4', 'backtick'),
    (b'a: @1\n', '1:4', '`@`'),
    (b'a: %1\n', '1:4', '`%`'),
    (b'a: "\\allen\\p"\n', '1:11', 'backslash'),
    (b'a: "x" y\n', '1:8', 'left over'),
    (b'a: {{x}}\n', '1:5', 'where a key is expected'),
    (b'? [a]\n: b\n', '1:3', 'where a key is expected'),
    (b'a: {<<: 3}\n', '1:9', 'takes over the keys'),
    (b'a: 2019-13-45\n', '1:4', 'no such day'),
    (b'a: b: c\n', '1:5', 'second colon'),
    (b'a: - b\n', '1:4', 'list item'),
    (b'a: &\n', '1:4', 'name of a repeated part'),
    (b'a: b\nc: \xb5m\n', '2:4', 'UTF-8'),
    (b'a: \xed\xa0\x80\n', '1:4', 'UTF-8'),
    (b'a: x\x00y\n', '1:5', 'invisible'),
    (b'a: \x1b[0m\n', '1:4', 'invisible'),
    ('name: x'.encode('utf-16-le'), '1:2', 'UTF-16'),
    (b'a: [' * 300, '1:', 'nested too deeply'),
    (b'[' * 200000, '1:', 'nested too deeply'),
    (b'- ' * 100000, '1:', 'nested too deeply'),
    (b'? ' * 100000, '1:', 'nested too deeply'),
    (b'a: ' + b'9' * 5000, '1:4', '5000 characters'),
    (b'a: !!float 1' + b'0' * 400, '1:', 'larger than any'),
    (b'a: 1' + b':00' * 200 + b':00.5', '1:4', 'larger than any'),
    (b'x' * (5 * 10 ** 6), '1:1', 'too large'),
    (b'[' + b'1,' * 400000 + b']', '1:', 'too many values'),
]


@pytest.mark.parametrize('content, place, words', BAD, ids=['bad%d' % n for n in range(len(BAD))])
def test_what_cannot_be_read_is_named_with_line_and_column(content, place, words):
    error = refusal(content)
    assert error.exit_code == 6
    if place:
        assert error.where.startswith('x.yml:' + place), error
        assert words in text_type(error), error


@pytest.mark.parametrize('content', [content for content, _, _ in BAD if len(content) < 10000] + [
    io.open(path, 'rb').read() for path in real_regimens()[::3]], ids=lambda content: '%d bytes' % len(content))
def test_both_parsers_of_pyyaml_lead_to_the_same_message(content, monkeypatch):
    def outcome():
        try:
            return json_text(read(content, 'x.yml').document)
        except NotFound as error:
            return text_type(error)
    first = outcome()
    monkeypatch.setattr(syntax, 'Loader', yaml.SafeLoader)
    assert outcome() == first


def test_anchors_that_multiply_are_refused_before_they_fill_the_memory():
    lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    lines += ['a%d: &a%d [%s]' % (n, n, ', '.join(['*a%d' % (n - 1)] * 10)) for n in range(1, 12)]
    error = refusal('\n'.join(lines))
    assert 'too large when its repeats' in error.what and error.where == 'x.yml:7:9'


def test_merges_that_multiply_are_refused():
    wide = 'base: &base {%s}\n' % ', '.join('k%d: 1' % n for n in range(5000))
    content = wide + 'stages:\n' + ''.join('  s%d: {<<: *base, script: x}\n' % n for n in range(3000))
    started = monotonic()
    assert 'too large' in refusal(content).what
    assert monotonic() - started < 30


def test_a_chain_of_anchors_is_no_deeper_than_brackets_may_be():
    chain = 'a0: &a0 [1]\n' + ''.join('a%d: &a%d [*a%d]\n' % (n, n, n - 1) for n in range(1, 3000))
    assert 'nested too deeply' in refusal(chain).what


@pytest.mark.parametrize('stage, words', [
    ('A: 1', 'has no keys of its own'), ('A:', 'has no keys of its own'), ('A: {}', 'names no script'),
    ('A: {script: }', 'names no script'), ('A: {script: [x]}', 'names no script'),
    ('A: {script: x.py, parameters: [1]}', 'are no mapping')])
def test_a_stage_that_cannot_be_used_leaves_the_others_usable(stage, words):
    regimen = read(('name: n\nstages:\n  %s\n  B: {script: x.py}\n' % stage).encode(), 'x.yml')
    assert list(regimen.stages) == ['A', 'B'] and regimen.stage('B').parameters == {}
    with pytest.raises(NotFound) as caught:
        regimen.stage('A')
    assert words in caught.value.what and caught.value.where.startswith('x.yml:3:')
    assert [problem.stage for problem in regimen.problems] == ['A']


def test_no_name_and_no_stages_are_told_apart():
    regimen = read(b'stages: {A: {script: x.py}}', 'x.yml')
    assert regimen.name is None and not regimen.problems
    regimen = read(b'name: x', 'x.yml')
    assert [problem.stage for problem in regimen.problems] == [None]


@pytest.mark.parametrize('path', real_regimens())
def test_a_real_regimen_reads_as_pyyaml_reads_it(path):
    content = io.open(path, 'rb').read()
    try:
        expected = yaml.safe_load(content)
    except yaml.YAMLError as error:
        mark = error.problem_mark
        line = int(refusal(content).where.split(':')[1])
        assert abs(line - mark.line - 1) <= 2
        return
    document = read(content, path).document
    assert json.loads(json_text(document)) == {'name': expected.get('name'), 'stages': expected.get('stages') or {},
                                               'transitions': expected.get('transitions')}
