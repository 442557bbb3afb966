"""What validation finds: each finding has a stable code, a severity, a place, and what to write instead."""
from __future__ import absolute_import, unicode_literals

import fnmatch
import re
from collections import OrderedDict

from rig_agent.base.errors import UsageError
from rig_agent.base.masking import mask
from rig_agent.base.nearest import did_you_mean

ERROR, WARNING, NOTE = SEVERITIES = ('error', 'warning', 'note')

_CODES = {
    ERROR: """
        # the file cannot be read
        too-large          far larger than a regimen can be
        encoding           saved in another encoding than UTF-8
        control-character  an invisible control character
        merge-conflict     marks that git leaves where two versions were not put together
        missing-colon      a line that should be `key: value` has no colon
        unexpected-colon   a second colon, or a line indented too far
        bad-escape         a backslash inside double quotes
        open-quote         a quote that is never closed
        bad-character      a value that begins with a backtick, `@` or `%`
        tab                a tab where only blanks may stand
        misplaced-dash     a list item in the wrong place
        bad-anchor-name    `&` or `*` without a proper name
        bad-block-text     something behind `|` or `>`
        stray-text         something left over behind a value
        indentation        a line that begins in a column that fits to nothing
        open-bracket       a bracket that is not closed, or a missing comma
        missing-value      a place where a value is expected
        left-over          lines that do not belong to what stands above
        unsafe-tag         a value that asks for a special object, `!!python/...`
        syntax             any other mistake in the file's form
        undefined-anchor   `*name` without a `&name` above it
        duplicate-anchor   the same `&name` twice
        recursive-anchor   a `*name` inside of what it repeats
        second-document    a line `---` in the middle
        too-deep           lists or mappings nested too deeply
        bad-value          a number or date that is none
        bad-merge          `<<` with something that has no keys
        bad-key            a list or mapping where a key is expected
        # parts that are missing or of the wrong kind
        empty              nothing in the file
        not-a-mapping      a list or a text at the top
        no-name            no `name:`
        no-stages          no stages
        stages-not-a-mapping      `stages:` without stage names
        stage-not-a-mapping       a stage without keys
        no-script          a stage without a script
        parameters-not-a-mapping  parameters that are no `key: value` lines
        transitions-not-a-list    `transitions:` without a list
        bad-transition     a transition without trigger, source or dest
        duplicate-key      the same key twice in one place
        # names and numbers that lead nowhere
        dangling           a transition from or to a stage that does not exist
        contradiction      a transition that can never be taken
        stage-mismatch     `parameters.stage` differs from the stage's name
        stage-name         a stage's name that cannot be a file name
        infinite           `.inf` or `.nan`, which params cannot carry
        stray-quote        a quote that belongs to no pair
        swallowed-lines    a quote that is closed by the quote of a later line
        posix-path         a Linux path, which a rig on Windows does not have
        escaped-path       a path with doubled or lost backslashes
        # scripts
        bad-reference      a script that is neither URL nor name nor path
        page-url           the URL of a page that shows the script
        token-url          a URL with a token
        login-in-url       a URL with a user or password
        resource-id        a resource id of camstim, which nothing can resolve
        md5-malformed      an md5 that is none
        md5-shared         one md5 on two scripts
        md5-two            two md5s on one script
        script-gone        (--online) the script cannot be fetched
        md5-wrong          (--online) the script's bytes have another md5
        name-taken         (--online) the server has a regimen of this name""",
    WARNING: """
        # a rig would run it, but probably not as meant
        text-over-lines    a value that goes on in the next line, by accident as it seems
        stage-name-in-value  a stage's name inside another value
        number-as-text     a number that is read as text, such as 1e-3
        odd-number         a text that is read as a number, such as 1:30 or 010
        python-word        `None`, `nan` or `inf`, which are read as text
        list-as-text       `(0, 1)`, which is read as text
        question-mark      a `?` inside of brackets without quotes, which not every machine reads
        blank-at-edge      a blank at the beginning or end of a text in quotes
        odd-character      typographic quotes and invisible characters
        key-not-text       a key that is no text, such as `on` or `1`
        unknown-key        a key that nothing reads
        misspelt-key       a key that looks like another one of the other stages
        missing-key        a parameter that every other stage of the script has
        type-differs       a parameter of another type than in the other stages
        reversed-range     a window whose end is before its beginning
        odd-amount         a number far outside of what a session has
        agent-parameter    `mouse_id` or `user_id`, which the agent adds
        rig-specific       a path or address of one computer
        commit-mismatch    a commit that is named beside a URL with another one
        # stages and transitions
        unreached          a stage that no transition leads to
        duplicate-transition  the same transition twice
        shadowed-transition   a transition that another one always comes before
        unknown-trigger    a trigger other than progress, manual or handoff
        stage-names-alike  stages whose names differ in capitals only
        # scripts
        branch-url         a URL that follows a branch
        unpinned-url       a URL without a commit
        unprotected        plain http without an md5
        bare-script        a script that is not named v2
        local-file         a script of one computer
        md5-none           no md5
        md5-capitals       an md5 in capitals
        md5-of-other       the md5 of another script, by its anchor's name
        not-implemented    a stage on paper
        # the regimen's name
        name-convention    a name that is not {project}_{task}_v{major}.{minor}.{patch}
        name-is-not-tag    a name other than the tag it was read from
        utf-16             saved as UTF-16
        unused-ignore      a code in the ignore comment that does not exist""",
    NOTE: """
        crlf               Windows line ends
        byte-order-mark    a byte order mark at the beginning
        repeated-merge     `<<` twice in one place
        md5-placeholder    the script's own text stands where its md5 would
        v2-script          scripts of the camstim-scripts repository
        github-script      scripts on GitHub
        stash-script       scripts on the lab's old host, which is gone
        other-script       scripts on another host
        nested-script      scripts that a stage's parameters name
        task-script        scripts that the script itself downloads, unchecked""",
}
# code -> (severity, meaning)
CODES = OrderedDict(
    (line.split(None, 1)[0], (severity, line.split(None, 1)[1])) for severity in SEVERITIES
    for line in _CODES[severity].strip().splitlines() if not line.strip().startswith('#'))
# What keeps the whole file from being loaded; an ignore does not silence these.
FATAL = frozenset(list(CODES)[:list(CODES).index('empty')])
IGNORE_COMMENT = re.compile(r'^[ \t]*#+[ \t]*rig[-_]agent:[ \t]*ignore[ \t:]+([^\r\n]*)', re.MULTILINE)


class Finding(object):
    """One thing that validation found.

    line, column: where it is written. used: [(stage, line, column)], where an anchor or a merge key brings it to.
    stages: the stages it concerns, in the order of the file. key: dotted, such as `parameters.stimulus.size`.
    """

    def __init__(self, code, line, column, what, advice=None, found=None, stages=(), key=None):
        assert code in CODES, code
        self.code = code
        self.severity = CODES[code][0]
        self.line, self.column = line, column
        self.what = mask(what)
        self.advice = mask(advice) if advice else None
        self.found = mask(found) if found else None
        self.stages = list(stages)
        self.key = key
        self.used = set()
        self.of_stages = False  # whether it is about these stages only, or about all that use what it is about

    def as_json(self):
        return {'code': self.code, 'severity': self.severity, 'line': self.line, 'column': self.column,
                'what': self.what, 'advice': self.advice, 'found': self.found, 'stages': self.stages, 'key': self.key,
                'used': [{'stage': stage, 'line': line, 'column': column} for stage, line, column in self.used]}


class Selection(object):
    """Which codes are wanted: `--select` and `--ignore` take codes, patterns (`md5-*`) and severities."""

    def __init__(self, select=(), ignore=()):
        self.select, self.ignore = list(select), list(ignore)
        for pattern in self.select + self.ignore:
            if pattern not in SEVERITIES and not fnmatch.filter(CODES, pattern):
                raise UsageError('There is no finding `%s`' % pattern, advice=_nearest(pattern))

    def wants(self, finding):
        if self.select and not _matches(finding, self.select):
            return False
        return finding.code in FATAL or not _matches(finding, self.ignore)


def ignored_in(text):
    """(the codes that the file's own `# rig-agent: ignore CODE, CODE` comments name, [(line, code that is none)])."""
    ignored, unknown = [], []
    for match in IGNORE_COMMENT.finditer(text):
        for code in re.split(r'[\s,]+', match.group(1).split('#')[0].strip()):
            if code and (code in SEVERITIES or fnmatch.filter(CODES, code)):
                ignored.append(code)
            elif code:
                unknown.append((text.count('\n', 0, match.start()) + 1, code))
    return ignored, unknown


def _matches(finding, patterns):
    return any(pattern == finding.severity or fnmatch.fnmatchcase(finding.code, pattern) for pattern in patterns)


def _nearest(pattern):
    return did_you_mean(pattern, CODES) or '`rig-agent regimen validate --codes` lists them.'
