"""A wrong md5 says what the bytes could be."""
from __future__ import absolute_import, unicode_literals

import pytest

from rig_agent.base.files import md5_of_bytes as md5
from rig_agent.scripts.diagnosis import explain, what_instead

SCRIPT = '# caf\u00e9\nprint("x")\nprint("y")\n'.encode('utf-8')
TEXT = SCRIPT.decode('utf-8')


@pytest.mark.parametrize('found, asserted, says', [
    (SCRIPT.replace(b'\n', b'\r\n'), SCRIPT, 'line endings'),
    (SCRIPT, SCRIPT.replace(b'\n', b'\r\n'), 'line endings'),
    (SCRIPT.rstrip(b'\n'), SCRIPT, 'end of the last line'),
    (SCRIPT + b'\n', SCRIPT, 'end of the last line'),
    (SCRIPT, TEXT.encode('latin-1'), 'encoded otherwise'),
    (TEXT.encode('latin-1'), SCRIPT, 'encoded otherwise'),
    (SCRIPT, b'\xef\xbb\xbf' + SCRIPT, 'encoded otherwise'),
    (b'\xef\xbb\xbf' + SCRIPT, SCRIPT.replace(b'\n', b'\r\n'), 'encoded otherwise'),
    (SCRIPT, TEXT.encode('utf-16'), 'encoded otherwise'),
    (SCRIPT, b'', 'empty file'),
    (SCRIPT[:20], SCRIPT, 'cut short'),
    (b'<!DOCTYPE html>\n<html><title>Log in</title>', SCRIPT, 'login form'),
    (b'<html><body>hello</body></html>', SCRIPT, 'HTML page'),
    (b'{"message": "Bad credentials", "status": "401"}', SCRIPT, 'error message'),
    (b'404: Not Found', SCRIPT, 'error message'),
    (b'version https://git-lfs.github.com/spec/v1\noid sha256:00\n', SCRIPT, 'git LFS'),
    (b'\x7fELF\0\0\0\n', SCRIPT, 'binary'),
    (b'', SCRIPT, 'nothing in it')])
def test_the_cause_is_named_where_it_can_be_told(found, asserted, says):
    assert says in '; '.join(explain(found, md5(asserted)))


def test_bytes_that_are_simply_different_get_no_cause():
    assert explain(b'print(1)\n', md5(b'print(2)\n')) == []


def test_versions_of_the_same_file_are_named_with_commit_date_and_distance():
    history = [('c' * 40, '2023-03-03T00:00:00.000Z', md5(b'3\n')), ('b' * 40, '2023-02-02T00:00:00.000Z', md5(b'2\n')),
               ('a' * 40, '2023-01-01T00:00:00.000Z', md5(b'1\n'))]
    older, = explain(b'3\n', md5(b'1\n'), 'x_v2.py', history)
    assert 'older' in older and 'a' * 40 in older and '2023-01-01' in older and '2 changes before' in older
    newer, = explain(b'1\n', md5(b'2\n'), 'x_v2.py', history)
    assert 'newer' in newer and '1 change after' in newer


def test_swapped_pasted_and_known_md5s_are_recognised():
    one, two = md5(b'1\n'), md5(b'2\n')
    assert 'swapped' in explain(b'1\n', two, 'x.py', siblings={one: 'y.py', two: 'x.py'})[0]
    assert 'pasted twice' in explain(b'1\n', two, 'x.py', siblings={two: 'y.py'})[0]
    assert 'the one of z.py' in explain(b'1\n', two, 'x.py', known='z.py')[0]


def test_the_same_script_under_another_url_is_no_cause_where_there_is_another():
    """Regimens name one script by several URLs; a page in its place is a page all the same."""
    told = explain(b'<html></html>', md5(SCRIPT), 'http://h/x.py', siblings={md5(SCRIPT): 'http://old/x.py'},
                   known='http://old/x.py')
    assert told == ['this is an HTML page, not a script']


def test_the_md5_of_the_reference_itself_is_recognised():
    for text in ('http://h/x.py', 'x.py'):
        assert 'text of the reference' in explain(b'1\n', md5(text.encode('ascii')), 'http://h/x.py')[0]


@pytest.mark.parametrize('script', [SCRIPT, b'#!/usr/bin/env python\n', b'\xef\xbb\xbf# x\n', b'"""<html>"""\n',
                                    'print("x")\n'.encode('utf-16'), b'x = {"message": 1}\n', b'error = 1\n'])
def test_scripts_are_never_taken_for_something_else(script):
    assert what_instead(script) is None
