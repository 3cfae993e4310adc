"""Headers of every answer, the CSRF token of every form, and the size of an upload."""

from __future__ import annotations

from io import BytesIO
from typing import IO

from flask import Flask, Request, Response
from flask_wtf.csrf import CSRFProtect

from lims.settings import Settings, secret

# No inline script or style anywhere: what is injected into a page does not run.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
csrf = CSRFProtect()


class UploadInMemory(Request):
    """A request whose files stay in memory: what a visitor sends is looked at and forgotten, and never on our disk."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()


def install(app: Flask, settings: Settings) -> None:
    """Configure cookies, CSRF and upload size, and put the headers on every answer."""
    app.config.update(
        SECRET_KEY=secret(settings, "flask"),
        SESSION_COOKIE_NAME="heliobench_forms",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        WTF_CSRF_TIME_LIMIT=None,  # a form may stay open as long as its session
        MAX_CONTENT_LENGTH=settings.upload_limit_mb * 1024 * 1024,
    )
    app.request_class = UploadInMemory
    csrf.init_app(app)
    app.after_request(_put_headers)


def _put_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"  # what one person saw stays out of the next one's browser
    return response
