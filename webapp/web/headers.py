"""The headers that every answer carries: what a page may load, who may frame it, and that nobody keeps it."""

from flask import Flask, Response, request

_POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "font-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
CONTENT_SECURITY_POLICY = "; ".join(f"{what} {where}" for what, where in _POLICY.items())
_ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": over HTTPS the CSRF check wants to see where a form came from.
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_A_YEAR = "public, max-age=31536000, immutable"


def register(app: Flask) -> None:
    """Add the headers to every answer, errors included."""
    app.after_request(_add)


def _add(response: Response) -> Response:
    there = {name.lower() for name, _ in response.headers}
    response.headers.extend((name, value) for name, value in _ALWAYS.items() if name.lower() not in there)
    if request.endpoint == "static":
        # A vendored file has its version in its path, ours has the hash of its content in the query.
        if request.path.startswith("/static/vendor/") or "v" in request.args:
            response.headers["Cache-Control"] = _A_YEAR
        return response
    if request.endpoint == "scripts.module":
        return response  # it has said itself for how long
    if "ETag" in response.headers and (request.blueprint or "").startswith("api_"):
        return response  # a program may keep it, and asks each time whether it has changed
    # One URL answers differently by cookie and language, and the Back button must never show a bare fragment.
    response.headers["Cache-Control"] = "no-store"
    response.vary.update(("HX-Request", "Cookie", "Accept-Language"))
    return response
