"""All that is wrong with a regimen, in one go."""
from __future__ import absolute_import, unicode_literals

from rig_agent.regimens.checks.document import Document
from rig_agent.regimens.checks.files import check_file
from rig_agent.regimens.checks.parameters import check_parameters
from rig_agent.regimens.checks.scripts import check_scripts
from rig_agent.regimens.checks.structure import check_structure
from rig_agent.regimens.checks.transitions import check_transitions
from rig_agent.regimens.checks.values import check_values
from rig_agent.regimens.findings import ERROR, NOTE, WARNING, Selection
from rig_agent.regimens.reading import raw_text


class Report(object):
    """where: path, URL or ref. name: the regimen's, or None. findings: in the order of the file.

    parsed: whether the file can be loaded at all.
    """

    def __init__(self, where, name, findings, stages, parsed):
        self.where, self.name, self.findings, self.stages, self.parsed = where, name, findings, stages, parsed

    def count(self, severity):
        return sum(1 for finding in self.findings if finding.severity == severity)

    def failed(self, strict=False):
        """Whether the regimen must not go to a rig: it has errors, or warnings when one is strict."""
        return bool(self.count(ERROR) or strict and self.count(WARNING))

    def as_json(self):
        return {'where': self.where, 'name': self.name, 'stages': self.stages, 'parsed': self.parsed,
                'errors': self.count(ERROR), 'warnings': self.count(WARNING), 'notes': self.count(NOTE),
                'findings': [finding.as_json() for finding in self.findings]}


def validate(content, where, selection=None, further=()):
    """The Report on a regimen's bytes, whatever they are; it never raises for them.

    selection: a Selection of codes. further: functions that take the Document and add what only they can know, such as
    the tag a regimen was read from or what the network says.
    """
    document = Document(content)
    if document.text:
        check_file(document)
        if check_structure(document):
            check_transitions(document)
            check_scripts(document)
            check_values(document)
            check_parameters(document)
            for check in further:
                check(document)
        document.locate_uses()
    elif not document.findings:
        check_structure(document)
    own = Selection(ignore=document.ignored)
    selection = selection or Selection()
    findings = [finding for finding in document.findings.values() if selection.wants(finding) and own.wants(finding)
                and (document.parsed or finding.severity != NOTE)]  # first things first
    findings.sort(key=lambda finding: (finding.line, finding.column, finding.code))
    order = {name: number for number, name in enumerate(document.stages)}
    for finding in findings:
        finding.stages.sort(key=lambda name: order.get(name, 0))
    return Report(where, name_of(document), findings, list(document.stages), document.parsed)


def name_of(document):
    """The regimen's name as it is written, or None."""
    if document.root is None or document.root.kind != 'mapping' or 'name' not in document.top:
        return None
    return raw_text(document.top['name'].value)
