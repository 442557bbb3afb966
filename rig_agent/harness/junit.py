"""The results of a smoke test as build servers read them: JUnit's XML."""
from __future__ import absolute_import, unicode_literals

import re
from xml.etree import ElementTree

from rig_agent.base.files import write_atomically
from rig_agent.base.masking import mask

# What XML 1.0 cannot hold, not even escaped: a script's output may.
NOT_IN_XML = re.compile('[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]')


def write_junit(path, suite, results):
    """Write one test case for each result. Raises EnvironmentError.

    suite: the regimen's name. results: dictionaries with stage, python, passed, outcome, reasons (texts, the first
    one the most telling), seconds (of real time), details (text).
    """
    root = ElementTree.Element('testsuite', {
        'name': _clean('rig-agent smoke ' + suite), 'tests': '%d' % len(results), 'errors': '0', 'skipped': '0',
        'failures': '%d' % sum(not result['passed'] for result in results),
        'time': '%.3f' % sum(result['seconds'] or 0 for result in results)})
    for result in results:
        case = ElementTree.SubElement(root, 'testcase', {
            'classname': _clean(suite), 'time': '%.3f' % (result['seconds'] or 0),
            'name': _clean('%s [%s]' % (result['stage'], result['python']))})
        if not result['passed']:
            failure = ElementTree.SubElement(case, 'failure', {
                'type': _clean(result['outcome']), 'message': _clean(result['reasons'][0])})
            failure.text = _clean('\n'.join(result['reasons']))
        ElementTree.SubElement(case, 'system-out').text = _clean(result['details'])
    write_atomically(path, b'<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, 'utf-8').replace(
        b"<?xml version='1.0' encoding='utf-8'?>\n", b'') + b'\n')


def _clean(text):
    return NOT_IN_XML.sub('\ufffd', mask(text))
