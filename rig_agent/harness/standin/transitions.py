"""How the stand-in lets a mouse advance.

The service judges trials by rules of its own that are not public. The stand-in's rule can be seen through: the names
in the `conditions` list of any trial record are what the session met, `one_complete`, `two_complete` ... count the
sessions on the stage, and the first `progress` transition whose conditions are all met, and none of its `unless`, is
taken.
"""
from __future__ import absolute_import, unicode_literals

COUNTS = ('one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten')


def next_stage(transitions, stage, complete, trials):
    """The name of the stage after a session, `stage` itself when no transition leads away.

    complete: sessions on this stage, this one counted. trials: the records that were sent.
    """
    met = {'%s_complete' % word for word in COUNTS[:complete]}
    for trial in trials:
        met.update(_names(trial.get('conditions')))
    for transition in transitions:
        if (isinstance(transition, dict) and transition.get('trigger') == 'progress'
                and (stage in _names(transition.get('source')) or transition.get('source') == '*')
                and met.issuperset(_names(transition.get('conditions')))
                and not met.intersection(_names(transition.get('unless')))):
            return transition.get('dest')
    return stage


def _names(value):
    """A name or a list of names, as a list."""
    return value if isinstance(value, list) else [value] if value else []
