"""What the tests of a page's commands share: a person's environment, and the page's namespace."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.e2e.conftest import NAMESPACES
from tests.support.commands import run


def environment_of_a_person() -> dict[str, str]:
    """The environment without what the tests themselves were given."""
    return {k: v for k, v in os.environ.items() if k not in ("KUBECONFIG", "APP_URL")}


@contextmanager
def namespace_of_a_page(request: pytest.FixtureRequest, name: str) -> Iterator[str]:
    """Yields a namespace that the page makes, and removes it before and after.

    For a fixture of a module: a failed test of the module describes the namespace.
    """
    remove = ("kubectl", "delete", "namespace", name, "--ignore-not-found")
    run(*remove)
    request.node.stash.setdefault(NAMESPACES, []).append(name)
    yield name
    run(*remove)
