"""Which limit a session has exceeded, if any: pure arithmetic on a monotonic clock, so that clock steps do nothing."""
from __future__ import absolute_import, unicode_literals

from rig_agent.base.units import format_duration, format_size


FROZEN = 5.0  # seconds without a look at the session, after which the computer was asleep or the keeper stopped


class Watch(object):
    """Remembers when something last happened; `breach` says which limit that breaks.

    limits: name -> {value, origin}. All moments are seconds since the script's start.
    """

    def __init__(self, limits):
        self.limits = {name: entry['value'] for name, entry in limits.items()}
        self.origins = {name: entry['origin'] for name, entry in limits.items()}
        self.last_output = 0.0
        self.last_look, self.frozen = None, 0.0
        self.spoke = False

    def looked(self, elapsed):
        """A look at the session begins. A suspended computer froze the script too: that time is no silence of it."""
        gap = elapsed - self.last_look if self.last_look is not None else 0.0
        if gap > FROZEN:
            self.last_output += gap
            self.frozen += gap
        self.last_look = elapsed

    def rested(self, elapsed):
        """A look ends: what it took itself, as on a slow share, is no sleep of the computer."""
        self.last_look = elapsed

    def heard(self, elapsed):
        """The script wrote something: to a log or to an output file."""
        self.last_output = elapsed
        self.spoke = True

    def needs_outputs(self, elapsed):
        """Whether a new or growing output file would matter now: looking for one is not free."""
        silence, startup = self.limits['silence'], self.limits['startup']
        return not self.spoke and startup is not None and elapsed > startup * 0.5 or \
            silence is not None and elapsed - self.last_output > silence * 0.5

    def breach(self, elapsed, memory=None, started=True):
        """(name, text) of the first limit that is exceeded, or None.

        started: whether the script runs yet. A machine that is slow to start it costs it none of its time: until then
        only `startup` counts.
        """
        get = self.limits.get
        if started and get('total') is not None and elapsed > get('total'):
            return self._told('total', 'still running after %s' % format_duration(get('total')))
        if started and get('silence') is not None and elapsed - self.last_output > get('silence'):
            return self._told('silence', 'no output for %s' % format_duration(get('silence')))
        if get('startup') is not None and not self.spoke and elapsed - self.frozen > get('startup'):
            return self._told('startup', 'no output and no output file in the first %s' % format_duration(get('startup')))
        if get('memory') is not None and memory is not None and memory > get('memory'):
            return self._told('memory', '%s of memory, %s are allowed' % (format_size(memory), format_size(get('memory'))))
        return None

    def _told(self, name, text):
        return name, '%s (%s limit, from %s)' % (text, name, self.origins[name])
