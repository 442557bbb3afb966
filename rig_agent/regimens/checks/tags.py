"""The name of a regimen beside the tag it was read from."""
from __future__ import absolute_import, unicode_literals

from rig_agent.regimens.naming import parse_name
from rig_agent.regimens.reading import raw_text


def tag_check(ref):
    """A check for a regimen that was read from this tag or branch; one that is no version name says nothing."""
    tag = ref.rsplit('/', 1)[-1]

    def check(document):
        if 'name' not in document.top or not parse_name(tag):
            return
        node = document.top['name'].value
        if raw_text(node) not in (None, tag):
            document.add('name-is-not-tag', node,
                         'The regimen calls itself `%s`, but its tag is `%s`' % (raw_text(node), tag),
                         'Correct the name and tag again: mtrain knows it by its name only.')
    return check
