"""What a check found: a status, a message, and for a problem the way to solve it."""
from __future__ import absolute_import, unicode_literals

from rig_agent.base.masking import mask

OK, WARNING, FAILED, SKIPPED = 'ok', 'warning', 'failed', 'skipped'


class Result(object):
    """What one check found: status (one of the four above), message, and for a problem the way to solve it."""

    def __init__(self, status, message, solution=None):
        self.status, self.message, self.solution = status, mask(message), solution and mask(solution)
        self.name = None

    def named(self, name):
        self.name = name
        return self

    def as_json(self):
        return {'name': self.name, 'status': self.status, 'message': self.message, 'solution': self.solution}
