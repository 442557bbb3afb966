"""Findings as text for people, as annotations for GitHub, as JUnit for build servers."""
from __future__ import absolute_import, unicode_literals

import re
from xml.sax.saxutils import escape, quoteattr

from rig_agent.regimens.findings import ERROR, NOTE, WARNING

MOST_USES = 4
GITHUB = {ERROR: 'error', WARNING: 'warning', NOTE: 'notice'}
NOT_XML = re.compile('[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]')


def as_text(reports, notes=True):
    """A paragraph a finding, a line a file at the end."""
    lines = []
    for report in reports:
        for finding in report.findings:
            if notes or finding.severity != NOTE:
                lines.extend(_paragraph(report, finding))
    for report in reports:
        lines.append('%s: %s' % (report.where, summary(report)))
    return '\n'.join(lines)


def summary(report):
    """`2 errors, 1 warning, 3 notes`, or that all is well."""
    counts = ['%d %s%s' % (report.count(severity), severity, '' if report.count(severity) == 1 else 's')
              for severity in (ERROR, WARNING, NOTE) if report.count(severity)]
    return ('' if report.parsed else 'it cannot be loaded; ') + (', '.join(counts) or 'nothing found')


def _paragraph(report, finding):
    yield '%s:%d:%d: %s: %s [%s]' % (report.where, finding.line, finding.column, finding.severity, finding.what,
                                     finding.code)
    if finding.found:
        yield '    found: %s' % finding.found
    if finding.advice:
        yield '    to do: %s' % finding.advice
    if finding.used:
        yield '    used:  %s' % uses(finding)
    elif finding.stages and not all('`%s`' % stage in finding.what for stage in finding.stages):
        yield '    stage: %s' % _listed(finding.stages)


def uses(finding):
    """Where an anchor or merge key brings a finding: `A (line 12), B (line 30) and 5 more`."""
    return _listed(['%s (line %d)' % (stage, line) for stage, line, _ in finding.used])


def _listed(names):
    more = len(names) - MOST_USES
    return ', '.join(names[:MOST_USES]) + (' and %d more' % more if more > 0 else '')


def as_github(reports):
    """One workflow command a finding, which GitHub shows beside the line."""
    return '\n'.join('::%s file=%s,line=%d,col=%d,title=%s::%s' % (
        GITHUB[finding.severity], _property(report.where), finding.line, finding.column, _property(finding.code),
        _data('\n'.join(_sentences(finding)))) for report in reports for finding in report.findings)


def _sentences(finding):
    for text in (finding.what, finding.advice, finding.used and 'Used by ' + uses(finding)):
        if text:
            yield text if text.endswith(('.', '?', '!')) else text + '.'


def _data(text):
    return text.replace('%', '%25').replace('\r', '%0D').replace('\n', '%0A')


def _property(text):
    return _data(text).replace(':', '%3A').replace(',', '%2C')


def as_junit(reports, strict=False):
    """One suite a file; a finding is a failed case when it is an error (or a warning, if strict), else a passed one."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', '<testsuites>']
    for report in reports:
        failing = [finding for finding in report.findings
                   if finding.severity == ERROR or strict and finding.severity == WARNING]
        lines.append('  <testsuite name=%s tests="%d" failures="%d" errors="0" skipped="0">'
                     % (_attribute(report.where), len(report.findings) + 1, len(failing) + (not report.parsed)))
        lines.append('    <testcase classname=%s name="loads"%s' % (
            _attribute(report.name or report.where),
            '/>' if report.parsed else '><failure message="it cannot be loaded"/></testcase>'))
        for finding in report.findings:
            name = '%s %d:%d' % (finding.code, finding.line, finding.column)
            text = '%s:%d:%d\n%s' % (report.where, finding.line, finding.column, '\n'.join(_sentences(finding)))
            body = '<failure type=%s message=%s>%s</failure>' % (
                _attribute(finding.severity), _attribute(finding.what), _text(text)) if finding in failing \
                else '<system-out>%s</system-out>' % _text('%s: %s' % (finding.severity, text))
            lines.append('    <testcase classname=%s name=%s>%s</testcase>'
                         % (_attribute(report.name or report.where), _attribute(name), body))
        lines.append('  </testsuite>')
    return '\n'.join(lines + ['</testsuites>'])


def _attribute(text):
    return quoteattr(NOT_XML.sub('?', text))


def _text(text):
    return escape(NOT_XML.sub('?', text))
