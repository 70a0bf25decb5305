"""How many requests a process would have in flight if it had refused none for overload.

A scaler that only saw the requests in flight would find the fewest just where most are refused.
"""

from collections import deque

WINDOW_SECONDS = 5


class Demand:
    """Counts of the last WINDOW_SECONDS. The event loop writes them, a scraping thread reads."""

    def __init__(self) -> None:
        self._samples: deque[tuple[int, int]] = deque([(0, 0)], maxlen=WINDOW_SECONDS + 1)

    def sample(self, ended: int, refused: int) -> None:
        """Call it every second with the numbers of all requests so far.

        `ended` requests had an answer of the app, `refused` ones did not get that far.
        """
        self._samples.append((ended, refused))

    def requests(self, in_flight: int) -> float:
        """Returns those in flight, and as many of the refused ones as would still be.

        A refused request would have been in flight for as long as others are. By Little's law, that
        is the number in flight over the number that ended in the window; at most the whole window.
        """
        (ended_before, refused_before), (ended, refused) = self._samples[0], self._samples[-1]
        still_in_flight = max(in_flight, 1) / max(ended - ended_before, 1)
        return in_flight + (refused - refused_before) * min(still_in_flight, 1)
