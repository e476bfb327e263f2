"""Our own apps, which are public OAuth clients (RFC 8252): names, redirect URIs, authorization requests and PKCE."""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping

from services.identity.sign_in.model import AuthorizationRequest
from services.kit.problems import Problem, RequestRefused

Apps = Mapping[str, tuple[str, ...]]  # redirect URIs by the name of the app

# The command line redirects to the loopback interface, at a port that it gets when it listens (RFC 8252, 7.3).
COMMAND_LINE: Apps = {"rencana-cli": ("http://127.0.0.1/callback",)}

# a private-use scheme (RFC 8252, 7.1: a reversed domain name), or an https address that the app claims
_REDIRECT = re.compile(
    r"([a-z][a-z0-9-]*(\.[a-z0-9-]+)+:/[!-\[\]-~]*|https://[a-z0-9.-]+(:[0-9]{1,5})?/[!-\[\]-~]*)"
)
_LOOPBACK_PORT = re.compile(r"(?<=^http://127\.0\.0\.1):[0-9]{1,5}(?=/)")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
MAX_APP_NAME_LENGTH = 64
_STATE = re.compile(r"[!-~]{8,512}")


def is_redirect_uri(text: str) -> bool:
    """Return whether a text may be a redirect URI: neither plain http nor a fragment."""
    return _REDIRECT.fullmatch(text) is not None and "#" not in text


def is_app_name(text: str) -> bool:
    """Return whether a text may be the name of an app."""
    return re.fullmatch(rf"[!-~]{{1,{MAX_APP_NAME_LENGTH}}}", text) is not None


def find_redirect_uri(params: Mapping[str, str], apps: Apps) -> str:
    """Return the redirect URI of a request. Raises RequestRefused unless the app registered exactly this URI.

    The port of a redirect to the loopback interface does not count.
    """
    app, redirect = params.get("client_id", ""), params.get("redirect_uri", "")
    if app not in apps:
        raise RequestRefused(Problem("signin.app_unknown", path=("client_id",)))
    if _LOOPBACK_PORT.sub("", redirect) not in apps[app]:
        raise RequestRefused(Problem("signin.redirect_unknown", path=("redirect_uri",)))
    return redirect


def parse_authorization_request(params: Mapping[str, str], redirect_uri: str) -> AuthorizationRequest:
    """Parse an authorization request. Raises RequestRefused with each invalid parameter. PKCE S256 is required."""
    rules = {
        "response_type": params.get("response_type") == "code",
        "state": _STATE.fullmatch(params.get("state", "")),
        "code_challenge": _CHALLENGE.fullmatch(params.get("code_challenge", "")),
        "code_challenge_method": params.get("code_challenge_method") == "S256",
    }
    if invalid_names := [name for name, holds in rules.items() if not holds]:
        raise RequestRefused(
            [Problem("signin.app_request", {"name": name}, (name,)) for name in invalid_names]
        )
    return AuthorizationRequest(params["client_id"], redirect_uri, params["state"], params["code_challenge"])


def matches_challenge(verifier: str, challenge: str) -> bool:
    """Return whether a code verifier fits the challenge (RFC 7636, section 4.6)."""
    return _VERIFIER.fullmatch(verifier) is not None and compute_challenge(verifier) == challenge


def compute_challenge(verifier: str) -> str:
    """Return the S256 challenge of a verifier."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
