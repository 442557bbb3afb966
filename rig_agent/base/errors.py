"""Failures that a person reads: each carries what, where, expected, found, what to do, and its exit code.

Raise one of these wherever something outside the program is wrong. `rig_agent.cli.main` shows it once, as
text or as JSON; any other exception that reaches it is a defect of the agent and becomes a report.
"""
from __future__ import absolute_import, unicode_literals

from rig_agent.base.compat import python_2_unicode_compatible


@python_2_unicode_compatible
class RigAgentError(Exception):
    """Something is wrong, said for people.

    what: one sentence without a final full stop. where: a path, URL, `file:line:column` or name.
    expected, found: short texts. advice: what to do next, one or more sentences.
    """
    exit_code = 1

    def __init__(self, what, where=None, expected=None, found=None, advice=None):
        super(RigAgentError, self).__init__(what)
        self.what = what
        self.where = where
        self.expected = expected
        self.found = found
        self.advice = advice

    def __str__(self):
        lines = [self.what]
        for label in ('where', 'expected', 'found'):
            value = getattr(self, label)
            if value is not None:
                lines.append('  %-9s %s' % (label + ':', value))
        if self.advice:
            lines.append('  %-9s %s' % ('to do:', self.advice))
        return '\n'.join(lines)

    def as_json(self):
        """The error as a JSON-ready dictionary, absent parts left out."""
        parts = {'what': self.what, 'where': self.where, 'expected': self.expected, 'found': self.found,
                 'advice': self.advice, 'exit_code': self.exit_code}
        return {key: value for key, value in parts.items() if value is not None}


class CheckFailed(RigAgentError):
    """The thing looked at failed: a script error, drift, a finding."""
    exit_code = 1


class UsageError(RigAgentError):
    """The command or the configuration does not say something that can be done."""
    exit_code = 2


class Refused(RigAgentError):
    """Refused before the start: the rig is busy or a check failed."""
    exit_code = 4


class WrongBytes(RigAgentError):
    """Bytes did not match the expected md5, or no md5 could be expected."""
    exit_code = 5


class NotFound(RigAgentError):
    """A regimen, stage or script is not there, cannot be read or cannot be resolved."""
    exit_code = 6


class Unreachable(RigAgentError):
    """A service or repository could not be reached, and the cache had no copy."""
    exit_code = 7


def common_exit_code(codes):
    """One exit code for a command in which several things failed: theirs if they share it, else 1."""
    failures = {code for code in codes if code}
    if not failures:
        return 0
    return failures.pop() if len(failures) == 1 else 1
