"""What a script of Python 2 misses in Python 3: it runs on a rig, and here with an interpreter like a rig's."""
from __future__ import absolute_import, division, print_function

import re

ADVICE = 'the script is of Python 2; name an interpreter of that kind, as a rig has it, with --python'
MODULES = frozenset('''
    ConfigParser Queue cPickle StringIO cStringIO urllib2 urlparse robotparser Tkinter Tkconstants tkMessageBox
    tkFileDialog tkSimpleDialog tkColorChooser ttk thread commands httplib HTMLParser SocketServer BaseHTTPServer
    SimpleHTTPServer SimpleXMLRPCServer xmlrpclib cookielib Cookie copy_reg anydbm dumbdbm whichdb __builtin__
    exceptions sets md5 sha UserDict UserList repr popen2 dummy_thread imp distutils asyncore asynchat pipes
    telnetlib cgi
    '''.split())
BUILTINS = frozenset('''
    xrange raw_input unicode basestring long reduce execfile unichr cmp file reload apply buffer coerce intern
    '''.split())
ATTRIBUTES = frozenset('''
    iteritems iterkeys itervalues viewitems viewkeys viewvalues has_key izip izip_longest imap ifilter ifilterfalse
    clock maxint getcwdu letters lowercase uppercase maketrans urlencode urlopen quote unquote quote_plus
    urlretrieve getargspec linux_distribution exc_clear setcheckinterval tostring fromstring Mapping MutableMapping
    Sequence Iterable Callable Hashable OrderedSet Set im_func im_self func_name func_code next gcd sort
    '''.split())
OF_BUILTINS = (r"(?:module|'(?:dict\w*|str|bytes|list|array\.array|function|method|generator|\w*iterator|map|zip)' "
               r"object)")
NAMED = {'NameError': (r"name '(\w+)' is not defined", BUILTINS),
         'AttributeError': (OF_BUILTINS + r".* attribute '(\w+)'", ATTRIBUTES),
         'ImportError': (r"cannot import name '?(\w+)'?", ATTRIBUTES)}
LISTS_THEN = re.compile(r"'(dict_keys|dict_values|dict_items|map|zip|filter)' object "
                        r"(is not sub|has no (attr|len)|does not)")


def is_missed(kind, message):
    """Whether an exception of this kind tells that something of Python 2 is not there."""
    if LISTS_THEN.match(message) or message == "'str' object has no attribute 'decode'":
        return True
    if issubclass(kind, ImportError) and message.startswith('No module named '):
        return message.split()[-1].strip("'").partition('.')[0] in MODULES
    pattern, names = NAMED.get(kind.__name__, ('(.*)', ()))
    found = re.search(pattern, message)
    return found is not None and found.group(1) in names
