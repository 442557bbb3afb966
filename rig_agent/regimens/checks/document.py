"""A regimen as validation sees it: nodes as they are written, stages as they are meant, and the findings so far."""
from __future__ import absolute_import, unicode_literals

from collections import OrderedDict

from rig_agent.regimens import recovery, syntax
from rig_agent.regimens.findings import Finding, ignored_in
from rig_agent.regimens.problems import Failed
from rig_agent.regimens.reading import Values, raw_text

MOST_USES = 200  # places of use that one finding lists


class Document(object):
    """content: the file's bytes. text, root, stages and transitions are empty where the file does not say them.

    parsed: whether the file can be loaded as it is. sure: whether something can be said about what is missing in it.
    """

    def __init__(self, content):
        self.content = content
        self.text, self.root, self.sure, self.parsed = '', None, True, False
        self.top = {}
        self.findings = OrderedDict()
        self.stages = OrderedDict()
        self.transitions = None
        self._wanted = {}
        self._mended = set()
        self._written = None
        problems = []
        self.values = Values(problems)
        self.ignored = []
        try:
            self.text = syntax.decode(content)
        except Failed as failed:
            self._add_problem(failed.problem)
            return
        self.ignored, unknown = ignored_in(self.text)
        for line, code in unknown:
            self.add('unused-ignore', (line, 1), 'There is no finding `%s` that could be ignored' % code,
                     '`rig-agent regimen validate --codes` lists them.')
        try:
            self.root = syntax.compose(self.text)
        except Failed:
            recovered = recovery.compose_all(self.text)
            self.root, self.sure = recovered.root, recovered.whole
            problems.extend(recovered.problems)
        try:
            self._read(problems)
        except Failed as failed:  # it grows too large
            problems.append(failed.problem)
            self.root, self.sure = None, False
        self.parsed = not problems
        self._mended.update(problem.line for problem in problems)
        for problem in problems:
            self._add_problem(problem)

    # ---------------------------------------------------------------- findings

    def add(self, code, at, what, advice=None, found=None, stage=None, key=None):
        """Add a finding at a Node or a (line, column); the same one of several stages becomes one with all of them.

        What an anchor repeats is told where it is written; locate_uses adds where it is used: by `stage`, or by all
        stages when none is given.
        """
        node = None if isinstance(at, tuple) else at.target()
        line, column = at if node is None else (node.line, node.column)
        finding = self.findings.get((code, line, column, what))
        if finding is None:
            finding = Finding(code, line, column, what, advice, found, key=key)
            self.findings[code, line, column, what] = finding
            if node is not None:
                self._wanted.setdefault(id(node), []).append(finding)
        if stage is not None and stage not in finding.stages:
            finding.stages.append(stage)
            finding.of_stages = True
        return finding

    def _add_problem(self, problem):
        if problem.code == 'undefined-anchor':
            self._name_likely_place(problem)
        self.add(problem.code, (problem.line, problem.column), problem.what, problem.advice + problem.also,
                 problem.found)

    def _name_likely_place(self, problem):
        """A key at the top that is named like the missing anchor is where it was meant to stand."""
        for key, entry in (self.top if self.root is not None else {}).items():
            if key.strip('_') == problem.name.strip('_'):
                anchor = entry.value.anchor
                problem.advice = 'The key `%s` in line %d %s: write `&%s` there.' % (
                    key, entry.key.line, 'holds `&%s`' % anchor if anchor else 'has no `&name`', problem.name)

    def is_told(self, node):
        """Whether something is said about this very Node already, or its line had to be mended to be read."""
        return id(node.target()) in self._wanted or node.target().line in self._mended

    # ---------------------------------------------------------------- parts

    def _read(self, problems):
        root = self.root
        if root is None or root.kind != 'mapping':
            return
        self.values.value(root)
        self.top = self.values.entries(root)
        stages = self.top['stages'].value.target() if 'stages' in self.top else None
        if stages is not None and stages.kind == 'mapping':
            for name in self.values.names(stages):
                self.stages[name] = StagePart(name, self.values.entries(stages)[name], self.values)
        if 'transitions' in self.top:
            self.transitions = self.top['transitions'].value.target()

    def written(self):
        """(dotted key, key Node, value Node) of every pair and every list item as it is written, each once.

        The key Node of a list item is that of the list.
        """
        if self._written is None:
            self._written = list(self._walk())
        return self._written

    def _walk(self):
        stack = [((), None, self.root)] if self.root is not None else []
        while stack:
            path, key, node = stack.pop()
            if key is not None:
                yield path, key, node
            if node.kind == 'mapping':
                items = node.items
                for index in range(len(items) - 2, -2, -2):
                    label = items[index].target()
                    label = label.text if label.kind == 'scalar' else '?'
                    stack.append((path + (label,), items[index], items[index + 1]))
            elif node.kind == 'sequence':
                for index in range(len(node.items) - 1, -1, -1):
                    stack.append((path + ('%d' % index,), key if key is not None else node, node.items[index]))

    # ---------------------------------------------------------------- where a finding is used

    def locate_uses(self):
        """Tell every finding which stages use what it is about, and where an anchor or merge key brings it there."""
        if not self._wanted:
            return
        contained = {}

        def wanted_in(node):
            target = node.target()
            if id(target) not in contained:
                contained[id(target)] = ()  # an anchor inside of itself ends here
                inside = [id(target)] if id(target) in self._wanted else []
                if target.kind == 'mapping':
                    for entry in self.values.entries(target).values():
                        inside += wanted_in(entry.key)
                        inside += wanted_in(entry.value)
                elif target.kind == 'sequence':
                    for item in target.items:
                        inside += wanted_in(item)
                contained[id(target)] = list(OrderedDict.fromkeys(inside))
            return contained[id(target)]

        def visit(stage, node, outer):
            if node.kind == 'alias' and outer is None:
                outer = node
            if outer is not None or node.kind == 'scalar':
                for wanted in wanted_in(node):
                    self._used(wanted, stage, outer)
            elif node.kind == 'mapping':
                if id(node) in self._wanted:
                    self._used(id(node), stage, None)
                for entry in self.values.entries(node).values():
                    visit(stage, entry.key, entry.via[0] if entry.via else None)
                    visit(stage, entry.value, entry.via[0] if entry.via else None)
            else:
                for item in node.items:
                    visit(stage, item, None)
        for stage in self.stages.values():
            visit(stage.name, stage.key, None)
            visit(stage.name, stage.value, None)
        for finding in self.findings.values():
            finding.used = sorted(finding.used, key=lambda place: (place[1:], place[0]))[:MOST_USES]

    def _used(self, wanted, stage, outer):
        for finding in self._wanted.get(wanted, ()):
            if finding.of_stages and stage not in finding.stages:
                continue  # another stage uses it well
            if stage not in finding.stages:
                finding.stages.append(stage)
            if outer is not None:
                finding.used.add((stage, outer.line, outer.column))


class StagePart(object):
    """One stage: `parts` are its entries; script, md5, parameters are Nodes or None, the texts as they are written."""

    def __init__(self, name, entry, values):
        self.name, self.key, self.value = name, entry.key, entry.value
        self.node = entry.value.target()
        self.parts = values.entries(self.node) if self.node.kind == 'mapping' else {}
        self.script, self.script_text = self._text('script')
        self.md5, self.md5_text = self._text('script_md5')
        parameters = self.parts['parameters'].value.target() if 'parameters' in self.parts else None
        self.parameters = parameters if parameters is not None and parameters.kind == 'mapping' else None

    def _text(self, part):
        if part not in self.parts:
            return None, None
        value = self.parts[part].value
        return value, None if self.missing(part) else raw_text(value)

    def missing(self, part):
        """Whether a part could not be read, for a reason that is told elsewhere."""
        return part in self.parts and self.parts[part].value.target().tag == syntax.MISSING
