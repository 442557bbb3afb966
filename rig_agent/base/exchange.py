"""One HTTP request with a small answer, bounded in time and size: what talks to a service stands on it.

Downloads of scripts are elsewhere; this is for services that answer with a document.
"""
from __future__ import absolute_import, unicode_literals

import threading

import six

from rig_agent.base.compat import PY2, message_of, to_native, to_text
from rig_agent.base.download import without_login
from rig_agent.base.errors import Unreachable, UsageError
from rig_agent.base.masking import mask

LARGEST_ANSWER = 64 << 20
CONNECT_TIMEOUT = 10.0
BLOCK = 1 << 16


class Answer(object):
    """What a service answered: status, headers (names in lower case), content (bytes, all of them)."""

    def __init__(self, status, headers, content):
        self.status, self.headers, self.content = status, headers, content

    @property
    def is_page(self):
        """Whether this is a web page: a login page, a proxy's or a server's own error page."""
        return ('html' in self.headers.get('content-type', '').lower()
                or self.content[:200].lstrip().lower().startswith((b'<!doctype html', b'<html')))

    def excerpt(self, longest=200):
        """The beginning of the content in one line, for a message."""
        if self.is_page:
            return 'a web page'
        text = ' '.join(to_text(self.content[:4 * longest]).split())
        return mask(text if len(text) <= longest else text[:longest] + '...')


def exchange(service, method, url, body=None, headers=None, cookies=None, timeout=20.0):
    """Send one request and return the whole Answer, whatever its status.

    service: how messages call the other side, such as `mtrain`. body: bytes. cookies: a cookie jar, read and filled.
    timeout: seconds for all of it: name look-up, connection, a body that arrives byte by byte.
    Redirects are not followed: a write must not become a read of a login page, nor a token reach another host.
    Raises Unreachable when no whole answer came in time, UsageError when the URL is none.
    """
    if not url.lower().startswith(('http://', 'https://')):
        raise UsageError('The address of %s is no http URL' % service, found=mask(url) or 'nothing',
                         expected='http://host:port')

    def fail(reason):
        return Unreachable('%s gave no usable answer' % service, where='%s %s' % (method, mask(url)), found=reason,
                           advice='See whether the service is up and the address is right; then try again.')
    import requests  # 80 ms: only where something is sent, and not at the expense of the time limit
    # A thread, because neither a name look-up nor a body of single bytes ends by the timeouts that sockets have.
    outcome = []
    worker = threading.Thread(target=_work, args=(outcome, method, url, body, headers, cookies, timeout))
    worker.daemon = True
    worker.start()
    worker.join(timeout)
    if not outcome:
        raise fail('no end after %.3g s' % timeout)
    answer, error = outcome[0]
    if error is None:
        return answer
    if isinstance(error, _Incomplete):
        raise fail(error.args[0])
    if isinstance(error, (requests.RequestException, EnvironmentError, UnicodeError, ValueError)):
        raise fail(_reason(error, requests))
    six.reraise(type(error), error)


class _Incomplete(Exception):
    pass


def _work(outcome, *request):
    try:
        outcome.append((_send(*request), None))
    except Exception as error:  # handed to the caller's thread
        outcome.append((None, error))


def _send(method, url, body, headers, cookies, timeout):
    import requests
    address, login = without_login(url)
    with requests.Session() as session:
        session.auth = lambda request: request  # keeps a .netrc from sending logins of its own
        if cookies is not None:
            session.cookies = cookies
        # A connection a request: an idle one that the server has just closed would lose a write.
        sent = {'Accept-Encoding': 'identity', 'Connection': 'close'}
        sent.update(headers or {})
        if PY2:
            sent = {to_native(key): to_native(value) for key, value in sent.items()}
        response = session.request(to_native(method), address, data=body, headers=sent, stream=True,
                                   auth=None if 'Authorization' in sent else login, allow_redirects=False,
                                   timeout=(min(timeout, CONNECT_TIMEOUT), timeout))
        try:
            content = bytearray()
            for block in response.iter_content(BLOCK):
                content += block
                if len(content) > LARGEST_ANSWER:
                    raise _Incomplete('more than %d MiB' % (LARGEST_ANSWER >> 20))
            promised, came = response.headers.get('Content-Length', ''), response.raw.tell()
            if promised.isdigit() and came < int(promised):  # requests before 2.32 takes it for a whole answer
                raise _Incomplete('an answer that ends after %d of %s bytes' % (came, promised))
        finally:
            response.close()
        return Answer(response.status_code, {to_text(key).lower(): to_text(value, 'latin-1')
                                             for key, value in response.headers.items()}, bytes(content))


def _reason(error, requests):
    """Why there was no answer, in words for a person."""
    said = message_of(error)
    if isinstance(error, requests.exceptions.SSLError):
        return 'no trusted TLS connection: %s' % mask(said)
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return 'no connection in time'
    if isinstance(error, requests.exceptions.Timeout):
        return 'nothing came in time'
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return 'an answer that ends early'
    if isinstance(error, requests.exceptions.ConnectionError):
        # By its words, since Python 2 keeps nothing else of the cause.
        for reason, words in REASONS:
            if any(word in said.lower() for word in words):
                return reason
        return 'the connection was closed without an answer'
    if isinstance(error, ValueError):  # requests' and urllib3's errors about URLs, UnicodeError
        return 'this is no address'
    return mask('%s: %s' % (type(error).__name__, said))


REASONS = [
    ('connection refused', ('refused', '10061')),
    ('the host is not known here', ('getaddrinfo', 'failed to resolve', 'name resolution', 'name or service',
                                    'errno -')),
    ('there is no way to the host', ('unreachable', 'no route')),
]
