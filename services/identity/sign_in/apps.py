"""Apps of our own that sign people in: public clients (RFC 8252), known by name and by where their codes may go."""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping

from services.identity.sign_in.model import AuthorizationRequest
from services.kit.problems import Problem, RequestRefused

Apps = Mapping[str, tuple[str, ...]]  # the redirect addresses of each

# a scheme of the app's own (RFC 8252, 7.1: a domain name backwards), or an https address that the app claims
_REDIRECT = re.compile(
    r"([a-z][a-z0-9-]*(\.[a-z0-9-]+)+:/[!-\[\]-~]*|https://[a-z0-9.-]+(:[0-9]{1,5})?/[!-\[\]-~]*)"
)
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
MAX_APP_NAME_LENGTH = 64
_STATE = re.compile(r"[!-~]{8,512}")


def is_redirect_uri(text: str) -> bool:
    """Whether codes may ever be sent there: never a fragment, never plain http."""
    return _REDIRECT.fullmatch(text) is not None and "#" not in text


def is_app_name(text: str) -> bool:
    """Whether an app can be known by it."""
    return re.fullmatch(rf"[!-~]{{1,{MAX_APP_NAME_LENGTH}}}", text) is not None


def find_redirect_uri(params: Mapping[str, str], apps: Apps) -> str:
    """The redirect address, letter by letter one that the app registered; RequestRefused else: nobody is sent there."""
    app, redirect = params.get("client_id", ""), params.get("redirect_uri", "")
    if app not in apps:
        raise RequestRefused(Problem("signin.app_unknown", path=("client_id",)))
    if redirect not in apps[app]:
        raise RequestRefused(Problem("signin.redirect_unknown", path=("redirect_uri",)))
    return redirect


def parse_authorization_request(params: Mapping[str, str], redirect_uri: str) -> AuthorizationRequest:
    """What the app asks for; RequestRefused with everything that is missing. PKCE is S256 and never left out."""
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
    """Whether it is the secret of which the app showed the SHA-256 (RFC 7636, section 4.6)."""
    return _VERIFIER.fullmatch(verifier) is not None and compute_challenge(verifier) == challenge


def compute_challenge(verifier: str) -> str:
    """The S256 challenge of a verifier."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
