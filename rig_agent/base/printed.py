"""What a script printed, made fit for a row of a screen: it may hold anything."""
from __future__ import absolute_import, unicode_literals

import re

from rig_agent.base.compat import printed_text

COLOUR_CODES = re.compile(r'\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)')
# Control characters, and those that turn the direction of writing: shown as a box, since they would hide what is there.
INVISIBLE = re.compile('[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff'
                       '\ud800-\udfff]')


def plain(text):
    """Text without colours; a box for each character that cannot be seen but would change how the rest is."""
    text = COLOUR_CODES.sub('', text)
    if str is bytes:  # Python 2 on a narrow build holds letters beyond 0xffff as two
        text = text.encode('utf-8', 'replace').decode('utf-8', 'replace')
    return INVISIBLE.sub('\ufffd', text)


def last_line(content):
    """The last line in bytes that says something, as text without colours and what a carriage return hides."""
    for line in reversed(content[-4096:].split(b'\n')):
        text = plain(printed_text(line).strip().rpartition('\r')[2]).strip()
        if text:
            return text
    return ''
