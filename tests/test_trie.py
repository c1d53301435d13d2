from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.refinement.trie import names_of, shortest_safe, words

WORDS = st.sampled_from(["Get", "Put", "Object", "Objects", "Acl", "CORS", "V2", "a", "Ob"])
NAMES = st.lists(WORDS, min_size=1, max_size=4).map("".join)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GetBucketCORS", ("Get", "Bucket", "CORS")),
        ("AssociateVPCWithHostedZone", ("Associate", "VPC", "With", "Hosted", "Zone")),
        ("ListObjectsV2", ("List", "Objects", "V2")),
        ("ListIPAMs", ("List", "IPAMs")),
        ("GetIPSets", ("Get", "IP", "Sets")),
        ("PartiQLSelect", ("Parti", "QL", "Select")),
        ("POST", ("POST",)),
        ("invoke_2-x", ("invoke", "_2-", "x")),
    ],
)
def test_words(name: str, expected: tuple[str, ...]) -> None:
    assert words(name) == expected


@given(st.text(max_size=12))
def test_words_make_up_the_name(name: str) -> None:
    assert "".join(words(name)) == name


def covers(entry: str, name: str) -> bool:
    entry, name = entry.lower(), name.lower()
    return name.startswith(entry[:-1]) if entry.endswith("*") else name == entry


@given(st.sets(NAMES, max_size=12), st.data(), st.sampled_from(["", "get", "geto", "putob"]))
def test_entries_are_safe_complete_and_the_shortest(
    known: set[str], data: st.DataObject, start: str
) -> None:
    known = {name for name in known if name.lower().startswith(start)}
    dropped = {name.lower() for name in known if data.draw(st.booleans())}
    keep = names_of(sorted(name for name in known if name.lower() not in dropped))
    drop = names_of(sorted(name for name in known if name.lower() in dropped))

    entries = shortest_safe(keep, drop, lambda prefix: prefix.lower().startswith(start))

    kept = set(keep.spelled.values())
    assert list(entries) == sorted(entries)
    assert all(any(covers(entry, name) for entry in entries) for name in kept)
    assert not any(covers(entry, name) for entry in entries for name in drop.folded)
    assert sum(map(len, entries)) <= sum(map(len, kept))
    for entry in entries:
        covered = [name for name in kept if covers(entry, name)]
        if not entry.endswith("*"):
            assert covered == [entry]
            continue
        assert len(covered) > 1
        assert entry[:-1].lower().startswith(start)
        shorter = [prefixes(name, entry[:-1]) for name in covered]
        assert not any(is_safe(prefix, drop.folded, start) for prefix in set().union(*shorter)), (
            "a shorter prefix would do"
        )


def prefixes(name: str, below: str) -> set[str]:
    """Return the texts of the first words of a name that are shorter than `below`."""
    parts = words(name)
    found = {"".join(parts[:count]) for count in range(len(parts) + 1)}
    return {prefix for prefix in found if len(prefix) < len(below)}


def is_safe(prefix: str, dropped: tuple[str, ...], start: str) -> bool:
    text = prefix.lower()
    return text.startswith(start) and not any(name.startswith(text) for name in dropped)


def test_a_prefix_covers_what_iam_makes_of_it() -> None:
    keep = names_of(["GetObject", "GetObjectAcl", "GetObjectsInfo"])
    drop = names_of(["GetBucket"])
    assert shortest_safe(keep, drop, lambda _: True) == ("GetObject*",)
    drop = names_of(["GetBucket", "GetObjectsAcl"])
    entries = shortest_safe(keep, drop, lambda _: True)
    assert entries == ("GetObject", "GetObjectAcl", "GetObjectsInfo")
