"""Mistakes in uvicorn's options: address, ports, times and trusted proxies."""

from tests.chart.refusals.refusal import UVICORN_POD, Refusal


def trusted(proxies: str, *pieces: str) -> Refusal:
    values = {"uvicorn.forwardedAllowIps": proxies, "uvicorn.trustEveryProxy": False}
    named = f"uvicorn.forwardedAllowIps ({proxies})"
    return Refusal(f"trusted proxies {proxies!r}", values, named, *pieces)


def everybody(proxies: str) -> Refusal:
    return trusted(proxies, "forge a client's address", "set uvicorn.trustEveryProxy to true")


def nobody(proxies: str, wrong: str) -> Refusal:
    return trusted(proxies, f'holds "{wrong}", which is neither an address nor a network')


REFUSALS = [
    Refusal(
        "a keep-alive time that is not above the proxy's",
        {"uvicorn.timeoutKeepAlive": 75, "proxy.keepAliveSeconds": 75},
        "uvicorn.timeoutKeepAlive (75) is not above proxy.keepAliveSeconds (75)",
        "raise",
    ),
    Refusal(
        "an IPv4 loopback address",
        {"uvicorn.host": "127.0.0.1"},
        "uvicorn.host (127.0.0.1) is a loopback address",
        "use 0.0.0.0",
    ),
    Refusal(
        "an IPv6 loopback address",
        {"uvicorn.host": "::1"},
        "uvicorn.host (::1) is a loopback address",
    ),
    Refusal(
        "two servers on one port",
        UVICORN_POD | {"uvicorn.port": 8123, "management.port": 8123},
        "uvicorn.port and management.port are both 8123",
        "change one",
    ),
    everybody("*"),
    everybody("10.0.0.1, *"),
    everybody("10.0.0.1,*"),
    everybody("0.0.0.0/0,::/0"),
    nobody("10.0.0.0/8 192.168.0.0/16", "10.0.0.0/8 192.168.0.0/16"),
    nobody("127.0.0.1, 10.0.0.1/8", "10.0.0.1/8"),
    nobody("10.0.0.128/24", "10.0.0.128/24"),
    nobody("10.0.0.256", "10.0.0.256"),
    nobody("10.0.0.0/33", "10.0.0.0/33"),
    nobody("ingress.example", "ingress.example"),
    nobody("127.0.0.1,", ""),
    nobody("fd00::1/64", "fd00::1/64"),
    nobody("2001:db8:0:1::/63", "2001:db8:0:1::/63"),
    nobody("2001:db8:1:2:3:4:5/128", "2001:db8:1:2:3:4:5/128"),
    nobody("fd00::1::2", "fd00::1::2"),
    nobody("fd00:::1", "fd00:::1"),
    nobody("fd00::12345", "fd00::12345"),
    nobody("fd00::/129", "fd00::/129"),
    nobody("::ffff:10.0.0.1/104", "::ffff:10.0.0.1/104"),
    nobody("010.0.0.1", "010.0.0.1"),
]
