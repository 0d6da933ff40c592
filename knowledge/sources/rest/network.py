"""Where requests may go: never to addresses that hand out the credentials of the machine itself."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

from knowledge.errors import SourceUnavailable

_METADATA = {ip_address("100.100.100.200"), ip_address("fd00:ec2::254"), ip_address("168.63.129.16")}


def allowed_host(source: str, host: str, port: int) -> None:
    """Raises SourceUnavailable for a host that is, or resolves to, a link-local or metadata address."""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        raise SourceUnavailable(
            f"The source “{source}” can't be reached: its host is not known.", next_step="Check `base` and the network."
        ) from error
    if any(_forbidden(address) for address in found):
        raise SourceUnavailable(
            f"The source “{source}” was not asked: its host is a link-local address, where machines keep credentials.",
            next_step="If it is meant so, set `allow_link_local: true` in the description of the API.",
        )


def _forbidden(text: str) -> bool:
    address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_link_local or address in _METADATA or address.is_multicast or address.is_unspecified
