"""The scripts that stages name, and the md5s that stand beside them."""
from __future__ import absolute_import, unicode_literals

import re
from collections import OrderedDict

from six.moves.urllib.parse import urlsplit

from rig_agent.base.compat import text_type
from rig_agent.regimens.model import NESTED_SCRIPTS, NESTED_URLS
from rig_agent.regimens.reading import raw_text
from rig_agent.regimens.references import AT, COMMIT, HOW_TO_MD5, MD5, NEARLY_COMMIT, TOKEN, classify, md5_flaw, raw_url
from rig_agent.regimens.syntax import MISSING

SOURCES = OrderedDict([('v2-script', 'from the camstim-scripts repository'), ('github-script', 'from GitHub'),
                       ('stash-script', 'from the lab\'s old host, which is gone: a mirror is needed'),
                       ('other-script', 'from another host')])
HOST_NOTES = {'v2-script': None, 'github-script': 'Nothing to do.', 'other-script': 'Can every rig reach it?',
              'stash-script': 'Name a mirror under `mirrors:` in the configuration.'}


def check_scripts(document):
    """Findings about every script of every stage, its md5, and the scripts that parameters name."""
    sources = OrderedDict((code, []) for code in SOURCES)
    for stage in document.stages.values():
        if stage.script_text is not None:
            reference = classify(stage.script_text)
            _check_reference(document, reference, stage.script, stage.name)
            source = _source(reference)
            if source:
                sources[source].append(stage)
            _check_md5(document, reference, stage)
    for code, stages in sources.items():
        if stages:
            _note_source(document, code, stages)
    _check_md5s_together(document)
    _check_nested(document)


def _note_source(document, code, stages):
    finding = document.add(code, (stages[0].script.line, stages[0].script.column),
                           '%d of %d stages take their script %s'
                           % (len(stages), len(document.stages), SOURCES[code]), HOST_NOTES[code])


def _source(reference):
    """The note of where a script is from; None where a finding tells the URL already: a page, a token, a branch."""
    if reference.kind == 'v2-name':
        return 'v2-script'
    if reference.kind == 'page-url' or not reference.text.startswith(('http://', 'https://')):
        return None
    try:
        parts = urlsplit(reference.text)
    except ValueError:
        return None
    branch = _branch(parts) if reference.kind == 'moving-url' else None
    if TOKEN.search(parts.query) or branch and not NEARLY_COMMIT.match(branch):
        return None
    host = parts.hostname or ''
    if 'stash' in host:
        return 'stash-script'
    is_github = host == 'github.com' or host.endswith(('.github.com', '.githubusercontent.com'))
    return 'github-script' if is_github else 'other-script'


def _check_reference(document, reference, node, stage=None):
    kind, text = reference.kind, reference.text

    def add(code, what, advice, found=None):
        document.add(code, node, what, advice, found, stage=stage)
    if kind == 'unknown':
        add('bad-reference', '`%s` is no script: %s' % (text, reference.problems[0]),
            'Name a script by its URL with a commit, or by its file name, such as `change_detection_v2.py`.')
    elif kind == 'resource-id':
        add('resource-id',
            'The script is named by 40 digits alone, a resource id of camstim',
            'Nothing can turn it into a script. Name the script by its URL with a commit, or by its v2 name.', text)
    elif kind == 'on-paper':
        add('not-implemented', 'This stage exists on paper only: its script is `NotImplemented`',
            'It cannot be run. Name its script when there is one.')
    elif kind == 'bare-name':
        add('bare-script', '`%s` is not named as a v2 script' % text,
            'It is looked for among the v2 scripts and on the rig. Name it `%s`, or by its URL with a commit.'
            % re.sub('(?i)\\.py$', '_v2.py', text))
    elif kind == 'file':
        add('local-file', '`%s` is a file of one computer' % text,
            'Name the script by its URL with a commit, or by its v2 name.')
    elif kind == 'page-url':
        add('page-url',
            'This is the URL of a page that shows the script, not of the script',
            'Write the URL of the script itself: %s' % raw_url(text), text)
    if reference.url:
        _check_url(add, reference)


def _check_url(add, reference):
    parts = urlsplit(reference.url)
    token = TOKEN.search(parts.query)
    if token:
        add('token-url',
            'This URL has a token in it, which expires and is a secret',
            'Use the URL without it, with a commit of 40 digits in its path.', reference.text)
    elif reference.kind == 'moving-url':
        branch = _branch(parts)
        if branch and NEARLY_COMMIT.match(branch):
            add('unpinned-url', 'This URL names a commit by %d digits, but a commit has 40' % len(branch),
                'Copy the whole commit: `git rev-parse %s` prints it.' % branch[:12], reference.text)
        elif branch:
            add('branch-url', 'This URL follows `%s`, so the script can change under the regimen' % branch,
                'Put the commit of 40 digits there instead.', reference.text)
        else:
            add('unpinned-url', 'This URL names no commit, so the script can change under the regimen',
                'Add the commit of 40 digits: `?at=<commit>`, or in the path, as the code host does.', reference.text)
    if parts.username or parts.password:
        add('login-in-url',
            'This URL holds a user or password',
            'Take it out: a regimen is read by many.', reference.text)


def _branch(parts):
    """The branch or tag that a URL names, None when it names nothing."""
    at = AT.search(parts.query)
    if at:
        return re.sub(r'^refs(/|%2[Ff])(heads|tags)(/|%2[Ff])', '', at.group(1))
    pieces = parts.path.split('/')
    host = parts.hostname or ''
    if host == 'raw.githubusercontent.com' and len(pieces) > 4:
        return '/'.join(pieces[5:6]) if pieces[3:5] == ['refs', 'heads'] else pieces[3]
    if host == 'github.com' and len(pieces) > 5 and pieces[3] == 'raw':
        return pieces[4]
    if 'repos' in pieces:
        return None  # Bitbucket names a branch behind `at=` only: `dev` is a folder
    named = [piece for piece in pieces if piece in ('master', 'main', 'develop', 'dev', 'HEAD', 'head')]
    return named[0] if named else None


def _check_md5(document, reference, stage):
    node, text = stage.md5, stage.md5_text
    if stage.missing('script_md5'):
        return

    def add(code, what, advice, found=None):
        document.add(code, node if node is not None else stage.key, what, advice, found, stage=stage.name)
    if text is None:
        if document.sure or node is not None:
            add('md5-none',
                'No md5 stands beside the script',
                'Add `script_md5:`, so that a changed script is noticed. %s' % HOW_TO_MD5)
    elif text == stage.script_text:
        add('md5-placeholder',
            "The script's own text stands where its md5 would",
            "Nothing is checked then. Put the script's md5 there. %s" % HOW_TO_MD5)
    elif not MD5.match(text):
        add('md5-malformed', 'This is no md5: %s' % _md5_mistake(document, text),
            'An md5 has 32 of the digits 0-9 and a-f. %s' % HOW_TO_MD5, md5_flaw(text))
    elif text != text.lower():
        add('md5-capitals',
            'This md5 is written in capitals',
            'Write it in small letters: other programs compare the text.')
    if reference.url and urlsplit(reference.url).scheme == 'http' and text == stage.script_text:
        document.add('unprotected', stage.script, 'This script comes over plain http, and no md5 protects it',
                     'Add its md5, or use https.', stage=stage.name)
    _check_anchor_names(document, stage)


def _md5_mistake(document, text):
    if text == 'NotImplemented':
        return 'it says `NotImplemented`, but a script is named'
    if COMMIT.match(text):
        return 'with 40 digits it may be a commit'
    if re.match(r'[0-9a-fA-F]+$', text):
        return 'it has %d digits, %s' % (len(text), 'some are missing' if len(text) < 32 else 'too many')
    if re.match(r'[0-9a-zA-Z]{32}$', text):
        return 'it holds other letters than a to f'
    if any(text == stage.script_text for stage in document.stages.values()):
        return 'it is the script of another stage'
    if '://' in text:
        return 'it is a URL'
    if text.lower().endswith('.py'):
        return 'it is the name of another script'
    if text.strip('"\' ') != text and MD5.match(text.strip('"\' ')):
        return 'a quote or blank stands beside it'
    return 'it is some other text'


def _check_anchor_names(document, stage):
    """`script: *a` beside `script_md5: *b_md5`: the anchors' names tell that two scripts were mixed up."""
    script, md5 = stage.script, stage.md5
    if script.kind != 'alias' or md5 is None or md5.kind != 'alias' or not re.search(r'_?md5$', md5.name):
        return
    meant = re.sub(r'_?md5$', '', md5.name)
    aliases = set(other.script.name for other in document.stages.values()
                  if other.script is not None and other.script.kind == 'alias')
    if meant != script.name and meant in aliases:
        document.add('md5-of-other', (md5.line, md5.column),
                     'The script is `*%s`, but the md5 beside it is `*%s`' % (script.name, md5.name),
                     'Is `*%s_md5` meant?' % script.name, stage=stage.name)


def _check_md5s_together(document):
    scripts, md5s = OrderedDict(), OrderedDict()
    for stage in document.stages.values():
        if stage.script_text and stage.md5_text and MD5.match(stage.md5_text):
            md5s.setdefault(stage.md5_text.lower(), OrderedDict()).setdefault(stage.script_text, stage)
            scripts.setdefault(stage.script_text, OrderedDict()).setdefault(stage.md5_text.lower(), stage)
    for md5, users in md5s.items():
        first = next(iter(users.values()))
        for text, stage in users.items():
            names = _told_apart(classify(first.script_text), classify(text))
            if names:
                document.add('md5-shared', stage.md5,
                             'Two scripts, `%s` and `%s`, have the same md5 %s' % (names + (md5,)),
                             'One of them was pasted. %s' % HOW_TO_MD5, stage=stage.name)
    for text, found in scripts.items():
        first = next(iter(found.values()))
        for md5, stage in list(found.items())[1:]:
            document.add('md5-two', stage.md5,
                         'The script `%s` has two md5s: another one stands in line %d'
                         % (classify(text).name or text, first.md5.target().line),
                         'Only one can be true. %s' % HOW_TO_MD5, md5, stage=stage.name)


def _told_apart(one, other):
    """The names of two scripts, as far as they differ; None where both are one, at two commits or in two places."""
    if one.name is None or other.name is None:
        return None
    if one.name != other.name:
        return one.name, other.name
    (repository, path), (other_repository, other_path) = _path_in_repository(one), _path_in_repository(other)
    return (path, other_path) if repository == other_repository and path != other_path else None


def _path_in_repository(reference):
    """(what a URL names before the path of a file, that path), both without the commit."""
    if not reference.url:
        return None, reference.name
    parts = urlsplit(reference.url)
    pieces = [piece for piece in parts.path.split('/') if piece and not COMMIT.match(piece)]
    start = pieces.index('raw') + 1 if 'raw' in pieces else 2
    return (parts.netloc, pieces[:start]), '/'.join(pieces[start:])


def _check_nested(document):
    """Scripts inside of parameters, each written place once, whatever stage uses it."""
    nested, tasks = _nested(document)
    for code, found, what, advice in (
            ('nested-script', nested, 'Parameters name further scripts, %d in all: %s',
             'They are fetched and checked with the stage.'),
            ('task-script', tasks, 'Parameters name scripts that the script itself downloads, %d in all: %s',
             'No md5 protects them on the way: their URLs must hold a commit.')):
        for node in found:
            _check_reference(document, classify(node.text), node)
        if found:
            names = sorted(set(classify(node.text).name or node.text for node in found))
            document.add(code, (found[0].line, found[0].column), what % (len(found), ', '.join(names)), advice)
    _check_task_commits(document)


def _nested(document):
    """([Node], [Node]): the texts under `behavior_script` and its like, those under `GHTaskScriptParams`.

    Anchors and merge keys are followed from the parameters of each stage; a text that several use comes once.
    """
    found, seen = {NESTED_SCRIPTS: [], NESTED_URLS: []}, set()
    waiting = [(stage.parameters, None) for stage in document.stages.values() if stage.parameters is not None]
    while waiting:
        node, role = waiting.pop()
        node = node.target()
        if (id(node), role) in seen:
            continue
        seen.add((id(node), role))
        if node.kind == 'mapping':
            waiting.extend((entry.value, NESTED_URLS if NESTED_URLS in (role, key)
                            else NESTED_SCRIPTS if key in NESTED_SCRIPTS else None)
                           for key, entry in document.values.entries(node).items())
        elif node.kind == 'sequence':
            waiting.extend((item, role) for item in node.items)
        elif role and node.tag != MISSING and raw_text(node) is not None:
            found[role].append(node)
    return [sorted(nodes, key=lambda node: (node.line, node.column))
            for nodes in (found[NESTED_SCRIPTS], found[NESTED_URLS])]


def _check_task_commits(document):
    """`task_script_commit_hash` beside `GHTaskScriptParams` that name another commit."""
    for stage in document.stages.values():
        if stage.parameters is None:
            continue
        entries = document.values.entries(stage.parameters)
        if NESTED_URLS not in entries:
            continue
        commits = set(re.findall(r'[0-9a-f]{40}', text_type(document.values.value(entries[NESTED_URLS].value))))
        for key, entry in entries.items():
            text = raw_text(entry.value)
            if key.endswith('commit_hash') and text and COMMIT.match(text) and commits and text.lower() not in commits:
                document.add('commit-mismatch', entry.value, '`%s` names another commit than the URLs below `%s`'
                             % (key, NESTED_URLS), 'Make them the same.', text, stage=stage.name)
