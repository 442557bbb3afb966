"""JUnit's XML for build servers."""
from __future__ import absolute_import, unicode_literals

import os
from xml.etree import ElementTree

from rig_agent.harness.junit import write_junit

PASSED = {'stage': 'ONE', 'python': '2.7', 'passed': True, 'outcome': 'completed', 'reasons': [], 'seconds': 1.5,
          'details': 'all is well'}
FAILED = {'stage': 'TWO', 'python': '3.13', 'passed': False, 'outcome': 'failed', 'seconds': None,
          'reasons': ['ValueError: <b> & "\x1b[31mr\u00e9gime\x00" token=abc123', 'no output'], 'details': '\x07'}


def test_each_stage_is_a_test_case_with_the_reason_of_its_failure(folder):
    path = os.path.join(folder, 'junit.xml')
    write_junit(path, 'A_B_v1.0.0', [PASSED, FAILED])
    root = ElementTree.parse(path).getroot()
    assert (root.get('tests'), root.get('failures'), root.get('time')) == ('2', '1', '1.500')
    one, two = root.findall('testcase')
    assert (one.get('name'), one.get('classname'), one.find('failure')) == ('ONE [2.7]', 'A_B_v1.0.0', None)
    assert one.find('system-out').text == 'all is well'
    failure = two.find('failure')
    assert failure.get('message') == 'ValueError: <b> & "\ufffd[31mr\u00e9gime\ufffd" token=***'
    assert failure.text.splitlines()[1] == 'no output' and failure.get('type') == 'failed'
