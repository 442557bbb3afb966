"""What a mistyped name was most likely meant to be, the same everywhere: stages, commands, settings, scripts."""
from __future__ import absolute_import, unicode_literals

MOST = 3
LIKENESS = 0.6
LONG_ENOUGH = 3  # characters that say something though they stand in the middle of a name


def nearest(name, names, most=MOST, likeness=LIKENESS):
    """Up to `most` of `names`, in whatever case: those that begin with `name`, else that hold it, else like it."""
    wanted, lowered = name.lower(), _lowered(names)
    found = [near for near in lowered if wanted and near.startswith(wanted)]
    if not found and len(wanted) >= LONG_ENOUGH:
        found = [near for near in lowered if wanted in near]
    if not found:
        return alike(name, names, most, likeness)
    return [lowered[near] for near in sorted(found, key=lambda near: (len(near), near))[:most]]


def alike(name, names, most=MOST, likeness=LIKENESS):
    """Up to `most` of `names` that differ from `name` in a few letters, in whatever case, the best first."""
    import difflib  # only where something was mistyped
    lowered = _lowered(names)
    return [lowered[near] for near in difflib.get_close_matches(name.lower(), list(lowered), most, likeness)]


def did_you_mean(name, names, most=MOST, shown='`%s`'):
    """`Did you mean ...?` with the nearest names, each written as `shown` says; None where none is near."""
    near = nearest(name, names, most)
    return 'Did you mean %s?' % ' or '.join(shown % one for one in near) if near else None


def _lowered(names):
    """lower case -> the first of `names` that is written so."""
    found = {}
    for name in names:
        found.setdefault(name.lower(), name)
    return found
