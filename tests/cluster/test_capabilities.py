"""On a host whose root lacks a capability, containers are started without asking for it."""

from cluster.engine.capabilities import bounding_set
from cluster.engine.runc_within_bounds import NAMES, granted, option, restrict


def test_what_the_host_lacks_is_removed_and_the_rest_kept() -> None:
    had = granted()
    assert had, "this process has no capability in its bounding set"
    process = {"capabilities": {"bounding": [*sorted(had), "CAP_NO_SUCH"], "effective": []}}
    restrict(process)
    assert process["capabilities"] == {"bounding": sorted(had), "effective": []}


def test_names_stand_at_their_bits() -> None:
    mask = bounding_set()
    assert {f"CAP_{name}" for bit, name in enumerate(NAMES) if mask >> bit & 1} == granted()
    # linux/capability.h: the first, the last, and the one that build hosts withhold.
    assert (NAMES.index("CHOWN"), NAMES.index("SYS_RESOURCE")) == (0, 24)
    assert NAMES.index("CHECKPOINT_RESTORE") == 40


def test_options_are_read_in_both_forms() -> None:
    assert option(["create", "--bundle", "/run/a", "id"], "--bundle", "-b") == "/run/a"
    assert option(["exec", "--process=/run/p", "id"], "--process", "-p") == "/run/p"
    assert option(["delete", "id"], "--bundle", "-b") == ""
