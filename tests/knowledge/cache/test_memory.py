"""What is kept in a process stays within its bytes."""

from hypothesis import given
from hypothesis import strategies as st

from knowledge.cache.memory import OVERHEAD, MemoryCache, Recent


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 900), st.integers(0, 20)), max_size=40))
async def test_it_never_holds_more_than_it_may(puts: list[tuple[str, int, int]]) -> None:
    clock = Clock()
    cache = MemoryCache(2_000, clock)
    for key, size, seconds in puts:
        await cache.put(key, b"x" * size, seconds)
        clock.now += 3
        assert cache.size <= 2_000
    clock.now += 100
    assert [await cache.get(key) for key in "abcde"] == [None] * 5
    assert cache.size == 0


async def test_what_was_not_used_for_longest_goes_first() -> None:
    cache = MemoryCache(3 * (OVERHEAD + 101))
    for key in "abc":
        await cache.put(key, b"x" * 100, 60)
    await cache.get("a")
    await cache.put("d", b"x" * 100, 60)
    assert [await cache.get(key) is not None for key in "abcd"] == [True, False, True, True]


async def test_what_is_larger_than_all_is_passed_over() -> None:
    cache = MemoryCache(1_000)
    await cache.put("a", b"1", 60)
    await cache.put("b", b"x" * 1_000, 60)
    assert (await cache.get("a"), await cache.get("b")) == (b"1", None)


def test_the_most_recent_plans_are_kept() -> None:
    plans: Recent[int, str] = Recent(2)
    for number in (1, 2):
        plans.put(number, str(number))
    plans.get(1)
    plans.put(3, "3")
    assert [plans.get(number) for number in (1, 2, 3)] == ["1", None, "3"]
    assert len(plans) == 2
