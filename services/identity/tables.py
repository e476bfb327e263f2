"""The Tortoise models of identity, which Database loads."""

from __future__ import annotations

from services.identity.accounts.tables import Grant
from services.identity.audit.tables import Audit
from services.identity.clients.tables import Client, ClientRequest, ClientSecret
from services.identity.people.tables import (
    Account,
    Assignment,
    Change,
    ProvinceZone,
    School,
    Teacher,
    TugasTambahan,
)
from services.identity.registry.tables import PushCredential
from services.identity.sign_in.tables import AppCode, ProviderIdentity, RefreshToken, Session, SignInAttempt
from services.identity.tokens.tables import SigningKey

__models__ = (
    School,
    Teacher,
    Assignment,
    TugasTambahan,
    ProvinceZone,
    Account,
    Change,
    PushCredential,
    Grant,
    Client,
    ClientRequest,
    ClientSecret,
    SigningKey,
    SignInAttempt,
    ProviderIdentity,
    Session,
    AppCode,
    RefreshToken,
    Audit,
)
