"""On a host whose root lacks a capability, containers start without requesting it."""

from cluster.engine.capabilities import bounding_set
from cluster.engine.runc_within_bounds import NAMES, granted, option, restrict


def test_capabilities_that_the_host_lacks_are_removed_and_the_others_kept() -> None:
    had = granted()
    assert had, "this process has no capability in its bounding set"
    process = {"capabilities": {"bounding": [*sorted(had), "CAP_NO_SUCH"], "effective": []}}
    restrict(process)
    assert process["capabilities"] == {"bounding": sorted(had), "effective": []}


def test_capability_names_are_in_the_order_of_their_bits() -> None:
    mask = bounding_set()
    assert {f"CAP_{name}" for bit, name in enumerate(NAMES) if mask >> bit & 1} == granted()
    # linux/capability.h: the first, the one that build hosts withhold, and the last.
    assert (NAMES.index("CHOWN"), NAMES.index("SYS_RESOURCE")) == (0, 24)
    assert NAMES.index("CHECKPOINT_RESTORE") == 40


def test_options_are_read_in_both_forms() -> None:
    assert option(["create", "--bundle", "/run/a", "id"], "--bundle", "-b") == "/run/a"
    assert option(["exec", "--process=/run/p", "id"], "--process", "-p") == "/run/p"
    assert option(["delete", "id"], "--bundle", "-b") == ""
