"""Downloads over http and https: bounded in time, size and tries; a body that ends early is no download."""
from __future__ import absolute_import, unicode_literals

import gzip
import io
import random
import re
import struct
import threading
import time
import zlib
from collections import namedtuple

import six
from six.moves.urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from rig_agent.base.compat import message_of, monotonic, reason_of, to_text
from rig_agent.base.errors import NotFound, Refused, Unreachable
from rig_agent.base.files import LARGEST_SCRIPT, md5_of_bytes
from rig_agent.base.masking import mask
from rig_agent.base.units import format_size

TOTAL_TIMEOUT = 300.0  # seconds for one download with all its tries
FIRST_PAUSE = 0.25  # seconds before the first retry; doubles each time
MOST_REDIRECTS = 5
BLOCK = 1 << 16

# url: as asked for. final_url: where redirects led. size: bytes. content_type, date (Last-Modified): as sent, or None.
Downloaded = namedtuple('Downloaded', 'url final_url size md5 content_type date')


class NoConnection(Unreachable):
    """The server's host did not take a connection; it will not take the next one either."""


class _TryAgain(Exception):
    """A failure that may pass: the server is away, answers 5xx, or broke off."""
    kind = Unreachable


class _Away(_TryAgain):
    kind = NoConnection


def fetch_bytes(url, limit=LARGEST_SCRIPT, **options):
    """The bytes behind a URL; the options and errors are those of `download`."""
    stream = io.BytesIO()
    download(url, stream, limit, **options)
    return stream.getvalue()


def download(url, stream, limit=LARGEST_SCRIPT, connect_timeout=10, read_timeout=30, retries=3, say=None,
             progress=None, total_timeout=TOTAL_TIMEOUT):
    """Write what `url` serves into `stream` (binary, seekable) and return a Downloaded.

    limit: the most bytes that are accepted. retries: further tries after a failed connection, a 5xx or a body that ends
    early; a 4xx is never repeated. say: called with a line before each retry. progress: called with the number of new
    bytes. A redirect to another host goes without credentials; from https to http none is followed.
    Raises Unreachable (no whole answer), NotFound (the server has nothing for us there), Refused (too large, or an
    unsafe redirect).
    """
    try:
        scheme = urlsplit(url).scheme
    except ValueError as error:
        raise NotFound('This is no URL that can be fetched', where=mask(url), found=message_of(error))
    if scheme not in ('http', 'https'):
        raise NotFound('Only http and https are fetched', where=mask(url))
    deadline = monotonic() + total_timeout
    for attempt in range(retries + 1):
        stream.seek(0)
        stream.truncate()
        try:
            return _within(deadline, url, _Transfer(url, limit, (connect_timeout, read_timeout), progress), stream)
        except _TryAgain as failure:
            pause = FIRST_PAUSE * 2 ** attempt * random.uniform(1, 1.2)  # not all rigs of a lab at the same moment
            if attempt == retries or monotonic() + pause > deadline:
                raise failure.kind('The server gave no usable answer', where=mask(url), found=mask(failure.args[0]),
                                   advice='Try again later. If its host is gone, name a copy under `mirrors:`.')
            if say:
                say('%s: %s; trying again.' % (mask(url), mask(failure.args[0])))
            time.sleep(pause)


def _within(deadline, url, transfer, stream):
    """Run a transfer in a thread of its own: neither a name look-up nor a body of single bytes ends by itself."""
    outcome = []

    def work():
        try:
            outcome.append((transfer.run(), None))
        except BaseException as error:  # handed to the caller's thread
            outcome.append((None, error))
    worker = threading.Thread(target=work)
    worker.daemon = True
    worker.start()
    worker.join(max(0.0, deadline - monotonic()))
    if not outcome:
        transfer.abandoned = True
        raise Unreachable('The server was too slow', where=mask(url), advice='Try again later.')
    downloaded, error = outcome[0]
    if error is not None:
        six.reraise(type(error), error)
    stream.write(transfer.content.getvalue())
    return downloaded


class _Transfer(object):
    """One try to get one URL, redirects followed."""

    def __init__(self, url, limit, timeouts, progress):
        self.url, self.limit, self.timeouts, self.progress = url, limit, timeouts, progress
        self.content = io.BytesIO()
        self.abandoned = False

    def run(self):
        import requests  # 80 ms: only where something is fetched
        address, login = without_login(self.url)
        with requests.Session() as session:
            session.auth = lambda request: request  # keeps a .netrc from sending logins of its own
            for _ in range(MOST_REDIRECTS + 1):
                try:
                    response = session.get(address, headers={str('Accept-Encoding'): str('identity')}, auth=login,
                                           timeout=self.timeouts, stream=True, allow_redirects=False)
                except requests.RequestException as error:
                    raise _why(error, requests, self.url)
                except ValueError as error:  # requests looks at where a redirect leads, though it is not to follow
                    raise NotFound('A redirect leads to what is no URL', where=mask(self.url), found=message_of(error))
                try:
                    if not response.is_redirect:
                        return self._read(response, address, requests)
                    target = urljoin(address, to_text(response.headers['location'], 'latin-1'))
                finally:
                    response.close()
                address, login = self._follow(address, target, login)
        raise NotFound('There are too many redirects', where=mask(self.url),
                       found='the last leads to %s' % mask(address))

    def _follow(self, address, target, login):
        before, after = urlsplit(address), urlsplit(target)
        if after.scheme not in ('http', 'https') or before.scheme == 'https' and after.scheme == 'http':
            raise Refused('A redirect leads to a place that is not safe', where=mask(self.url), found=mask(target),
                          expected='https stays https')
        target, _ = without_login(target)
        return target, login if (before.scheme, before.netloc) == (after.scheme, after.netloc) else None

    def _read(self, response, address, requests):
        _check_status(response, self.url)
        promised = response.headers.get('Content-Length', '')
        promised = int(promised) if promised.isdigit() else None
        if promised is not None and promised > self.limit:
            raise self._too_large(format_size(promised))
        # Taken away, or urllib3 decodes the body, and takes a compressed one that ends early for a whole one.
        encoding = (response.raw.headers.pop('Content-Encoding', None) or 'identity').lower()
        size = 0
        try:
            for block in response.iter_content(BLOCK):
                size += len(block)
                if size > self.limit:
                    raise self._too_large('more')
                if self.abandoned:
                    raise _TryAgain('abandoned')
                self.content.write(block)
                if self.progress:
                    self.progress(len(block))
        except (requests.RequestException, EnvironmentError) as error:
            raise _TryAgain('the body ended early, after %d bytes%s' % (size, _root(error)))
        # requests before 2.32 takes a body that ends early for a whole one.
        came = response.raw.tell()
        if promised is not None and came < promised:
            raise _TryAgain('the body ended early, after %d of %d bytes' % (came, promised))
        content = self._decode(encoding)
        return Downloaded(self.url, address, len(content), md5_of_bytes(content), response.headers.get('Content-Type'),
                          response.headers.get('Last-Modified'))

    def _decode(self, encoding):
        """Undo what a server did to the bytes although it was asked not to; the bytes as they are meant."""
        if encoding in ('gzip', 'x-gzip'):
            try:
                with gzip.GzipFile(fileobj=io.BytesIO(self.content.getvalue())) as stream:
                    content = stream.read(self.limit + 1)
            except (EnvironmentError, EOFError, ValueError, struct.error, zlib.error) as error:
                raise _TryAgain('the compressed body is broken or ended early: %s' % reason_of(error))
            if len(content) > self.limit:
                raise self._too_large('more')
            self.content = io.BytesIO(content)
        elif encoding != 'identity':
            raise Refused('The server encoded the bytes though it was asked not to', where=mask(self.url),
                          expected='no Content-Encoding', found=encoding,
                          advice='Name another server under `mirrors:`.')
        return self.content.getvalue()

    def _too_large(self, found):
        return Refused('This is too large', where=mask(self.url), expected='at most %s' % format_size(self.limit),
                       found=found, advice='See whether the URL is the one of a script.')


def _check_status(response, url):
    status = response.status_code
    if status == 200:
        return
    found = 'status %d %s' % (status, to_text(response.reason or ''))
    if status >= 500:
        raise _TryAgain(found)
    if 'token=' in urlsplit(url).query and status in (400, 401, 403, 404):
        advice = 'The token in this URL has probably expired. Name a pinned URL without one.'
    elif status in (401, 403, 407):
        advice = 'It asks for a login. Name a URL that needs none, or a copy under `mirrors:`.'
    else:
        advice = 'See whether the URL is right and the commit still there.'
    raise NotFound('The server has nothing to give there', where=mask(url), found=found, advice=advice)


def _why(error, requests, url):
    """The error to raise for a request that got no answer."""
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema,
                          requests.exceptions.MissingSchema)):
        return NotFound('This is no URL that can be fetched', where=mask(url), found=mask(reason_of(error)))
    if isinstance(error, requests.exceptions.SSLError):
        return Unreachable('There is no trusted TLS connection to the server', where=mask(url),
                           found=mask(_root(error)), advice="Bring the machine's certificates and clock up to date.")
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return _Away('no connection in time')
    if isinstance(error, requests.exceptions.Timeout):
        return _TryAgain('no answer in time')
    return _Away('no connection%s' % _root(error))


def _root(error):
    """The innermost reason of a failure, as `: text`."""
    for _ in range(10):
        inside = [getattr(error, 'reason', None)] + list(reversed(error.args))
        inside = [part for part in inside if isinstance(part, BaseException)]
        if not inside:
            break
        error = inside[0]
    text = re.sub(r'^<?[\w.]*Connection.*?[)>]: ', '', message_of(error))
    return ': %s' % text if text else ''


def without_login(url):
    """(URL without user and password, (user, password) or None)."""
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition('@')
    if not at:
        return url, None
    user, _, password = login.partition(':')
    return (urlunsplit((parts.scheme, host, parts.path, parts.query, parts.fragment)),
            (unquote(user).encode('utf-8'), unquote(password).encode('utf-8')))
