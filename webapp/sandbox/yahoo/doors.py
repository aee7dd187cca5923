"""Cookies, crumbs and consent: what stands before Yahoo's services."""

from email.utils import formatdate
from time import time

from webapp.sandbox.yahoo import answers
from webapp.sandbox.yahoo.answers import Answer, RefusalError
from webapp.sandbox.yahoo.requests import Request

CRUMB = "mo1ss0nCrmb"
_COOKIE = "d=AQABBMoissonGCEIGLsandbox4j4FEgABCAEs2fZZ_bPb2UB9qMAAA&S=AQAAAmoisson"
_YEAR = 31_557_600
_SESSION = "3_cc-session_moisson"

_CONSENT = f"""<!DOCTYPE html><html lang="en-US"><head><title>Yahoo</title></head><body>
<form action="https://consent.yahoo.com/v2/collectConsent?sessionId={_SESSION}" method="post"
class="consent-form"> <input type="hidden" name="csrfToken" value="moisson"><input type="hidden"
name="sessionId" value="{_SESSION}"> <input type="hidden" name="originalDoneUrl"
value="https://finance.yahoo.com/"> <input type="hidden" name="namespace" value="yahoo"> <button type="submit"
name="agree" value="agree">Accept all</button></form></body></html>"""


def cookie_page() -> Answer:
    """Return what ``fc.yahoo.com`` answers: nothing but the cookie that everyone comes for."""
    page = "<h1>Sorry, the page you requested was not found.</h1>"
    return answers.text(404, f"<html><body>{page}</body></html>", _set_cookie(), content_type=answers.HTML)


def crumb(request: Request) -> Answer:
    """Return the crumb that goes with the cookie; it is always the same one."""
    if "A3=" not in request.cookies:
        return RefusalError(401, "Unauthorized", "Invalid Cookie").answer("finance")
    return answers.text(200, CRUMB)


def consent(request: Request) -> Answer:
    """Return the form of ``guce`` and ``consent.yahoo.com``, and to who has filled it in the cookie."""
    if request.host == "guce.yahoo.com" and request.path == "/consent":
        return answers.text(200, _CONSENT, content_type=answers.HTML)
    return answers.text(200, "<html><body>Thank you.</body></html>", _set_cookie(), content_type=answers.HTML)


def check_crumb(request: Request) -> None:
    """Refuse who brings no crumb; the chart service does not ask for it, the others do.

    :raises RefusalError: 401, in Yahoo's words.
    """
    if request.query.get("crumb") != CRUMB:
        raise RefusalError(401, "Unauthorized", "Invalid Crumb")


def _set_cookie() -> tuple[str, str]:
    # By the real time: the client looks at its own clock before it uses the cookie again.
    expires = formatdate(time() + _YEAR, usegmt=True)
    parts = f"Expires={expires}; Max-Age={_YEAR}; Domain=.yahoo.com; Path=/; SameSite=None; Secure; HttpOnly"
    return "Set-Cookie", f"A3={_COOKIE}; {parts}"
