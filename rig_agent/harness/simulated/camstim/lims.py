"""camstim.lims: the laboratory's database. Nothing is asked or sent; the report says what would have been."""
from __future__ import absolute_import, division, print_function

from rig_simulation.recorder import Accepting
from rig_simulation.report import REPORT


class LimsInterface(Accepting):
    """Asked for a mouse or a session, it knows none."""

    def __init__(self, *arguments, **keywords):
        REPORT.network_use('LIMS: opened')

    def get_mouse_ids(self, *arguments, **keywords):
        REPORT.network_use('LIMS: get_mouse_ids')
        return []


def write_behavior_trigger_file(*arguments, **keywords):
    """The file that starts an upload on a rig: not written."""
    REPORT.network_use('LIMS: behavior trigger file')


write_trigger_file = write_behavior_trigger_file
