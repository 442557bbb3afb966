"""Give mtrain a regimen that it does not have yet, and see that it then has it, stage by stage."""
from __future__ import absolute_import, unicode_literals

from rig_agent.base.errors import CheckFailed, NotFound, Refused, RigAgentError
from rig_agent.mtrain.regimen import differences
from rig_agent.mtrain.stages import regimen_named, stage_document, stage_rows


def check_absent(client, name):
    """Raises Refused when the service has a regimen of this name: its mice would run one thing under two names."""
    rows = client.regimens_named(name)
    if rows:
        raise Refused('mtrain has a regimen `%s` already' % name, where=client.url,
                      found='id %s' % ', '.join('%s' % row.get('id') for row in rows),
                      advice='A changed regimen needs a new version in its name and its tag. '
                             '`rig-agent regimen diff` with mtrain:%s shows what differs.' % name)


def upload(client, document):
    """Upload a regimen (`Regimen.document`) and read it back; `client` is logged in.

    Raises what the write raised unless the regimen arrived all the same, CheckFailed when another one arrived.
    """
    failure = None
    try:
        client.add_regimen(document)
    except RigAgentError as error:
        failure = error  # the answer may be lost though the write was done
    try:
        there = regimen_named(client, document['name'])
        arrived = {row['name']: stage_document(row) for row in stage_rows(client, there)}
    except NotFound as missing:
        raise failure or CheckFailed('mtrain said yes, and the regimen did not arrive', where=client.url,
                                     found=missing.what, advice='See what the service logs; then upload it again.')
    except RigAgentError as error:
        raise failure or error
    found = differences({name: _sent(stage) for name, stage in document['stages'].items()}, arrived)
    if found:
        raise CheckFailed('The regimen arrived in mtrain, but not as it was sent', where=client.url,
                          found='%d difference(s): %s' % (len(found), ', '.join(key for key, _, _ in found[:5])),
                          advice='No mouse should be put on it. Have it removed from the service.')
    return there


def _sent(stage):
    return stage_document(dict(stage, name=None))
