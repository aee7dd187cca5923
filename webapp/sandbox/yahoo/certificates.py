"""A throw-away certificate authority, so that a client's TLS can be as strict as ever."""

import os
import ssl
from pathlib import Path

import trustme

_HOSTS = ("*.finance.yahoo.com", "*.yahoo.com", "yahoo.com", "fc.yahoo.com")


def server_context(bundle: Path) -> ssl.SSLContext:
    """Return a server's TLS context for Yahoo's hosts, and write the authority that vouches for it.

    :param bundle: the file that clients trust (PEM). The authority's key is never written and ends with the
        process.
    """
    authority = trustme.CA(organization_name="Moisson sandbox")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    authority.issue_cert(*_HOSTS).configure_cert(context)
    draft = bundle.with_name(f".{bundle.name}.{os.getpid()}")
    authority.cert_pem.write_to_path(str(draft))
    draft.replace(bundle)
    return context
