"""Browsers: cookies, the check of the origin, and the page of a failed sign-in."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Awaitable, Callable, Collection, Iterable
from datetime import timedelta
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.kit.http import NO_STORE, get_request_id, problem_response
from services.kit.problems import Messages, Problem, negotiate_language
from workflows.model.messages import Language


class Cookie:
    """A cookie of this host that scripts cannot read (HttpOnly) and other sites do not send (SameSite).

    With `secure` it needs https and has the prefix `__Host-`, which makes browsers enforce that. Without it is for
    development only.
    """

    def __init__(self, name: str, lifetime: timedelta, *, secure: bool) -> None:
        self.name, self.lifetime, self.secure = f"__Host-{name}" if secure else name, lifetime, secure

    def read(self, request: Request) -> str:
        """Return the value, empty without the cookie."""
        return request.cookies.get(self.name, "")

    def set(self, response: Response, value: str) -> None:
        """Set the cookie."""
        response.set_cookie(
            self.name, value, max_age=int(self.lifetime.total_seconds()),
            path="/", secure=self.secure, httponly=True, samesite="lax",
        )  # fmt: skip

    def delete(self, response: Response) -> None:
        """Delete the cookie."""
        response.delete_cookie(self.name, path="/", secure=self.secure, httponly=True, samesite="lax")


CSRF_HEADER = "x-rencana"

Endpoint = Callable[[Request], Awaitable[Response]]


def require_own_origin(origins: Collection[str], messages: Messages) -> Callable[[Endpoint], Endpoint]:
    """Return a decorator of endpoints: 403 unless `Origin` is one of these and the CSRF header is present."""

    def guard(endpoint: Endpoint) -> Endpoint:
        async def check_and_serve(request: Request) -> Response:
            sent_origins = request.headers.getlist("origin")
            if len(sent_origins) != 1 or sent_origins[0] not in origins:
                return problem_response(request, messages, [Problem("signin.foreign_page")], 403)
            if CSRF_HEADER not in request.headers:
                return problem_response(
                    request, messages, [Problem("signin.header", {"name": CSRF_HEADER})], 403
                )
            return await endpoint(request)

        return check_and_serve

    return guard


_STYLE = (
    "body{margin:0;font:1.125rem/1.6 system-ui,sans-serif;color:#1b1b1b;background:#fff}"
    "main{max-width:38rem;margin:0 auto;padding:2rem 1.25rem}h1,h2{line-height:1.25}"
    "section{border-top:1px solid #767676;margin-top:2.5rem}a{color:#0b57d0}small{color:#595959}"
)
_HASH = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    **NO_STORE,
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "vary": "accept, accept-language",
}
_HEADINGS: dict[Language, str] = {"id": "Belum dapat masuk", "en": "You could not be signed in"}


def respond_with_failure(
    request: Request,
    messages: Messages,
    problems: Iterable[Problem],
    status: int,
    retry_url: str | None = None,
) -> Response:
    """Return a page in both languages for browsers, and JSON for others. `retry_url` begins a new sign-in."""
    reasons = list(problems)
    if "text/html" not in request.headers.get("accept", ""):
        return problem_response(request, messages, reasons, status)
    first = negotiate_language(request.headers.get("accept-language"))
    second: Language = "en" if first == "id" else "id"
    parts = [
        _render_section(messages, reasons, first, retry_url, "h1"),
        _render_section(messages, reasons, second, retry_url, "h2"),
    ]
    codes = ", ".join(problem.code for problem in reasons)
    page = (
        f'<!doctype html><html lang="{first}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_HEADINGS[first]}</title><style>{_STYLE}</style></head><body><main>{parts[0]}"
        f'<section lang="{second}">{parts[1]}</section>'
        f"<p><small>{escape(codes)} · {escape(get_request_id(request))}</small></p></main></body></html>"
    )
    return HTMLResponse(page, status, headers={**_HEADERS, "content-language": f"{first}, {second}"})


def _render_section(
    messages: Messages, problems: list[Problem], language: Language, retry_url: str | None, heading: str
) -> str:
    label = {"id": "Masuk lagi", "en": "Sign in again"}[language]
    paragraphs = "".join(f"<p>{escape(messages.text(problem, language))}</p>" for problem in problems)
    link = f'<p><a href="{escape(retry_url)}">{label}</a></p>' if retry_url else ""
    return f"<{heading}>{_HEADINGS[language]}</{heading}>{paragraphs}{link}"
