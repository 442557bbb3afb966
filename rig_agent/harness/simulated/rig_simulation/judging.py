"""From the facts to findings: what a person has to look at before the stage meets an animal."""
from __future__ import absolute_import, division, print_function


def judge(report):
    """Add findings to a report that is about to be completed."""
