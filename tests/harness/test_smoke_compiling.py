"""A script is compiled by the very interpreter that will run it, before anything of it runs."""
from __future__ import absolute_import, unicode_literals

import os
import sys

import pytest

from rig_agent.base.compat import PY2, to_text
from rig_agent.base.errors import Refused
from rig_agent.harness.compiling import problem_of_compiling

THIS = to_text(sys.executable)
VERSION = '%d.%d' % sys.version_info[:2]


@pytest.mark.parametrize('line', ['print "stage", 1', 'print >>out, 1', 'try: x\nexcept ValueError, e: pass',
                                  'raise ValueError, "no"', 'x = 0777', 'x = 10L', 'x = `y`', 'if x <> y: pass'])
def test_when_a_python_2_script_meets_its_interpreter_one_line_says_so(write, line):
    problem = problem_of_compiling(THIS, write('old.py', 'x = y = out = 1\n' + line + '\n'))
    if PY2:
        assert problem is None
    else:
        assert 'is Python 2, this is Python ' + VERSION in problem and '\n' not in problem


@pytest.mark.parametrize('line', ['x = f"{y}"', 'def f(a: int): pass', 'print(1, end="")', 'def f(*, a): pass'])
def test_when_a_python_3_script_meets_its_interpreter_one_line_says_so(write, line):
    problem = problem_of_compiling(THIS, write('new.py', 'y = 1\n' + line + '\n'))
    assert problem == ('line 2 is Python 3, this is Python 2.7: ' + line if PY2 else None)


def test_when_a_script_is_no_python_at_all_the_line_and_the_reason_are_named(write):
    problem = problem_of_compiling(THIS, write('broken.py', 'def session(window)\n    pass\n'))
    assert problem.startswith('line 1 does not compile on Python %s (' % VERSION)
    assert problem.endswith('def session(window)')


@pytest.mark.parametrize('content', [b'x = 1\r\nif x:\r\n    y = 2\r\n', b'# -*- coding: latin-1 -*-\nx = "\xe9"\n', b'',
                                     b'\xef\xbb\xbfx = 1\n'])
def test_line_ends_codings_and_marks_that_the_interpreter_takes_are_no_problem(write, content):
    assert problem_of_compiling(THIS, write('fine.py', content)) is None


@pytest.mark.parametrize('head', ['', '# encoding of the names: see below\n'])
def test_letters_beyond_ascii_without_a_coding_line_are_a_problem_for_python_2_only(write, head):
    problem = problem_of_compiling(THIS, write('accent.py', (head + '\nx = "\u00e9"\n').encode('utf-8')))
    if PY2:
        assert problem.startswith('line %d does not compile on Python 2.7 (letters beyond ASCII and no coding line)' % (
            3 if head else 2))
    else:
        assert problem is None


def test_a_script_with_null_bytes_is_named_not_raised(write):
    assert 'null bytes' in problem_of_compiling(THIS, write('null.py', b'x = 1\n\x00'))


def test_nothing_of_the_script_runs(write, folder):
    problem_of_compiling(THIS, write('writes.py', 'open("ran", "w")\n'))
    assert not os.path.exists('ran') and not os.path.exists(os.path.join(folder, 'ran'))


@pytest.mark.parametrize('python', ['/no/such/python', '__file__'])
def test_an_interpreter_that_does_not_work_is_named(write, python):
    python = os.path.abspath(__file__) if python == '__file__' else python
    with pytest.raises(Refused) as caught:
        problem_of_compiling(python, write('fine.py', 'x = 1\n'))
    assert python in caught.value.what and '--python' in caught.value.advice
