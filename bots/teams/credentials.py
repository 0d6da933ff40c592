"""How the bot proves to Microsoft Entra who it is: by azure-identity, without a word of ours about tokens."""

from typing import Literal

from azure.identity.aio import (
    CertificateCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from bots.teams.connector import Credential

CredentialKind = Literal["secret", "certificate", "managed", "workload"]
MULTI_TENANT = "botframework.com"
"""The tenant that gives tokens to multi-tenant bots."""


def credential(kind: CredentialKind, app_id: str, tenant: str, secret: str = "", certificate: str = "") -> Credential:
    """A client secret, a certificate (path of a PEM or PFX file), a user-assigned identity, a workload identity.

    `tenant` empty means a multi-tenant bot. A managed identity is always of its own tenant.
    """
    home = tenant or MULTI_TENANT
    match kind:
        case "secret":
            return ClientSecretCredential(home, app_id, secret)
        case "certificate":
            return CertificateCredential(home, app_id, certificate)
        case "managed":
            return ManagedIdentityCredential(client_id=app_id)
        case "workload":
            return WorkloadIdentityCredential(tenant_id=home, client_id=app_id)
