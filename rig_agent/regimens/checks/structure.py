"""The parts of a regimen: what is at the top, what a stage consists of, keys that stand twice."""
from __future__ import absolute_import, unicode_literals

from rig_agent.base.compat import text_type
from rig_agent.base.errors import UsageError
from rig_agent.base.files import check_name
from rig_agent.base.nearest import alike
from rig_agent.regimens.naming import convention_flaw
from rig_agent.regimens.reading import raw_text
from rig_agent.regimens.syntax import MERGE, MISSING
from rig_agent.regimens.values import scalar_value

TOP = ('name', 'stages', 'transitions')
STAGE = ('script', 'script_md5', 'parameters')


def check_structure(document):
    """Findings about the top level, the name, every stage's own keys. False when nothing further can be looked at."""
    root = document.root
    if root is None or root.kind == 'scalar' and raw_text(root) is None:
        if not document.findings:
            document.add('empty', (1, 1), 'This regimen is empty', 'Is it the right file, and was it saved?')
        return False
    if root.kind != 'mapping':
        document.add('not-a-mapping', root,
                     'A regimen has `name:`, `transitions:` and `stages:` at its top, but this file has %s'
                     % ('a list' if root.kind == 'sequence' else 'a text'),
                     'Begin the file with `name: Project_Task_v1.0.0`. Is it the right file?')
        return False
    check_keys(document)
    _check_top(document)
    for stage in document.stages.values():
        _check_stage(document, stage)
    _check_stage_names(document)
    return True


def check_keys(document):
    """Findings: duplicate-key, repeated-merge, key-not-text, in every mapping as it is written."""
    mappings = [((), document.root)] + [(path, node) for path, _, node in document.written() if node.kind == 'mapping']
    for path, mapping in mappings:
        seen = {}
        for index in range(0, len(mapping.items), 2):
            key, value = mapping.items[index], mapping.items[index + 1]
            target = key.target()
            if target.kind != 'scalar' or target.tag == MISSING:
                continue
            name = target.text
            if name in seen:
                _repeated(document, path, key, name, seen[name], value)
            seen[name] = (key, value)
            if target.plain and name != MERGE and (not name or name[0] in '+-.0123456789~yYnNtTfFoO'):
                _check_key_is_text(document, path, key, target)


def _repeated(document, path, key, name, first, value):
    first_key, first_value = first
    if name == MERGE:
        document.add('repeated-merge', key,
                     'There is a second `<<` in one place',
                     'Where both bring the same key, this one wins. Write `<<: [*this, *other]` to make the order '
                     'plain: there the first wins.')
        return
    old, new = first_value.target(), value.target()
    same = old.kind == new.kind == 'scalar' and old.text == new.text
    document.add('duplicate-key', key,
                 'The key `%s` stands twice in one place%s' % (name, ', with the same value' if same else ''),
                 'It stands in line %d already; the one here wins and the other is lost without a word. Delete one '
                 'of them, or correct its name.' % first_key.line, key='.'.join(path + (name,)))


def _check_key_is_text(document, path, key, target):
    try:
        value = scalar_value(target.text, target.tag)
    except ValueError:
        return
    if not isinstance(value, text_type):
        document.add('key-not-text', key, 'The key `%s` is read as %s' % (target.text, _kind(value)),
                     'Put it in quotes if the script expects a text.', key='.'.join(path + (target.text,)))


def _kind(value):
    return 'nothing' if value is None else 'yes or no' if isinstance(value, bool) else 'a number'


def _check_top(document):
    top, root = document.top, document.root
    stages = top['stages'].value.target() if 'stages' in top else None
    if not document.stages and document.sure:
        nameless = '' if 'name' in top else ', nor a name'
        near = _like_stages(document) or alike('stages', [key for key in top if key != 'stages'])
        if stages is not None and stages.kind != 'mapping' and raw_text(stages) is not None or \
                stages is not None and stages.kind == 'sequence':
            document.add('stages-not-a-mapping', stages,
                         'Below `stages:` there are no stage names',
                         'Write each stage as its name with a colon, and `script:`, `script_md5:` and `parameters:` '
                         'indented below it.')
        elif stages is None or stages.tag != MISSING:
            document.add('no-stages', stages if stages is not None else root,
                         'There are no stages in this regimen' + nameless,
                         'Is `%s` meant to be `stages`?' % near[0] if near
                         else 'Write them below a key `stages:` in the first column.')
    _check_name(document)
    if document.transitions is not None and document.transitions.kind != 'sequence' and \
            document.transitions.tag != MISSING and (
                document.transitions.kind != 'scalar' or raw_text(document.transitions) is not None):
        document.add('transitions-not-a-list', document.transitions,
                     'Below `transitions:` there is no list',
                     'Begin each transition with `- trigger: progress` and write `source:` and `dest:` below '
                     '`trigger:`.')
    strays = []
    named = set() if document.stages else set(_like_stages(document))
    for key, entry in top.items():
        if key not in TOP and key not in named and not key.startswith('_'):
            _unknown_top_key(document, key, entry, strays)
    if strays:
        _tell_strays(document, sorted(strays, key=lambda entry: entry.key.line))


def _tell_strays(document, strays):
    one, name = len(strays) == 1, strays[0].key.target().text
    what = '`%s` looks like a stage but does not stand below `stages:`' % name if one else \
        '`%s` and %d others look like stages but do not stand below `stages:`' % (name, len(strays) - 1)
    document.add('unknown-key', strays[0].key, what,
                 'Indent %s below `stages:`, or begin the name with `_` if stages take over the keys.'
                 % ('it' if one else 'them'))


def _like_stages(document):
    """The keys at the top below which stages stand."""
    found = []
    for key, entry in document.top.items():
        node = entry.value.target()
        if key != 'stages' and node.kind == 'mapping' and any(
                part.value.target().kind == 'mapping' and 'script' in document.values.entries(part.value.target())
                for part in document.values.entries(node).values()):
            found.append(key)
    return found


def _check_name(document):
    if 'name' not in document.top:
        if document.stages and document.sure:
            document.add('no-name', document.root, 'This regimen has no name', 'Begin the file with '
                         '`name: Project_Task_v1.0.0`.')
        return
    node = document.top['name'].value
    name = raw_text(node)
    if node.target().tag == MISSING:
        return
    if name is None or not name.strip():
        document.add('no-name', node, 'The name of this regimen is empty', 'Write `name: Project_Task_v1.0.0`.')
        return
    flaw = convention_flaw(name)
    if flaw:
        document.add('name-convention', node,
                     'The name `%s` does not follow {project}_{task}_v{major}.{minor}.{patch}: %s' % (name, flaw),
                     'Write it like `VisualBehavior_Task1A_v1.0.3`.')


def _unknown_top_key(document, key, entry, strays):
    near = [name for name in alike(key, TOP) if name not in document.top]
    node = entry.value.target()
    if near:
        document.add('unknown-key', entry.key, 'Nothing reads the key `%s`' % key, 'Is it meant to be `%s`?' % near[0],
                     key=key)
    elif node.kind == 'mapping' and node.anchor is None and 'script' in document.values.entries(node):
        strays.append(entry)
    elif entry.value.anchor is None and not _has_anchor(entry.value):
        document.add('unknown-key', entry.key, 'Nothing reads the key `%s`' % key,
                     'Delete it, make it a comment with `#`, or begin it with `_` if it holds parts that are '
                     'repeated.', key=key)


def _has_anchor(node):
    if node.anchor is not None:
        return True
    return node.kind in ('mapping', 'sequence') and any(_has_anchor(item) for item in node.items)


def _check_stage(document, stage):
    if stage.node.kind != 'mapping':
        if stage.node.tag != MISSING:
            document.add('stage-not-a-mapping', stage.key, 'The stage `%s` has no keys of its own' % stage.name,
                         'Write `script:`, `script_md5:` and `parameters:` below it, indented further than its name.',
                         stage=stage.name)
        return
    if stage.script_text is None and not stage.missing('script') and document.sure:
        near = alike('script', [key for key in stage.parts if key not in STAGE])
        document.add('no-script', stage.script if stage.script is not None else stage.key,
                     'The stage `%s` names no script' % stage.name,
                     'Is `%s` meant to be `script`?' % near[0] if near
                     else 'Add `script:` with the URL or the name of its script.', stage=stage.name)
    parameters = stage.parts['parameters'].value.target() if 'parameters' in stage.parts else None
    if parameters is not None and parameters.kind != 'mapping' and parameters.tag != MISSING and \
            (parameters.kind == 'sequence' or raw_text(parameters) is not None):
        document.add('parameters-not-a-mapping', parameters, 'The parameters of the stage are no `key: value` lines',
                     'Write each one as `key: value`, with a blank after the colon, indented below `parameters:`.',
                     stage=stage.name)
    for key, entry in stage.parts.items():
        if key not in STAGE:
            near = [name for name in alike(key, STAGE) if name not in stage.parts]
            if near[:1] == ['script'] and stage.script_text is None and document.sure:
                continue  # that it is meant stands with the missing script
            document.add('unknown-key', entry.key, 'Nothing reads the key `%s` of a stage' % key,
                         'Is it meant to be `%s`?' % near[0] if near
                         else 'Indent it below `parameters:` if it is a parameter.', stage=stage.name, key=key)


def _check_stage_names(document):
    lowered = {}
    for name, stage in document.stages.items():
        try:
            check_name(name, 'name of a stage')
        except UsageError as error:
            document.add('stage-name', stage.key, error.what,
                         'Use letters, digits, `_` and `-`: files of a session are named after it.', stage=name)
        first = lowered.setdefault(name.lower(), name)
        if first != name:
            document.add('stage-names-alike', stage.key,
                         'The stages `%s` and `%s` differ in capitals only' % (first, name),
                         'Give one of them another name: Windows takes their files for the same.', stage=name)
