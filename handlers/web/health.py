"""Whether Kring lives, is ready, and how busy it is: for supervisors, load balancers and Prometheus.

Nothing here is personal: routes are counted by their pattern, people by their number.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from aiohttp import web

from handlers.web.routes import Access, Route
from handlers.web.site import database, now, route
from service.actions import measuring
from service.store.measures import Measures

if TYPE_CHECKING:
    from prometheus_client.core import Metric

Ready = Callable[[], Awaitable[list[str]]]
"""Says, a line each, why this process cannot do its work; nothing when it can."""

RETRY_SECONDS: Final = "5"
OTHER: Final = "other"
"""The route of a request for something that does not exist."""

_EXPOSITION: Final = "text/plain; version=0.0.4; charset=utf-8"

Requests = Mapping[tuple[str, str, int], int]


class Health:
    """The three pages, and the count of requests that one of them shows."""

    def __init__(self, ready: Ready) -> None:
        self._ready = ready
        self._requests: Counter[tuple[str, str, int]] = Counter()

    def routes(self) -> Iterator[Route]:
        """List the routes."""
        for path, handler in (("/healthz", self.live), ("/readyz", self.ready), ("/metrics", self.metrics)):
            yield Route("GET", path, handler, Access.ANYONE, private=True, session=False)

    async def count(self, request: web.Request, response: web.StreamResponse) -> None:
        """Count a response by method, route and status; a signal of the application."""
        matched = route(request)
        known = OTHER if matched is None or request.method not in _METHODS else matched.path
        method = request.method if request.method in _METHODS else OTHER
        self._requests[method, known, response.status] += 1

    async def live(self, request: web.Request) -> web.Response:
        """Say that the process answers; asks nothing else, the database least of all."""
        return web.Response(text="ok\n")

    async def ready(self, request: web.Request) -> web.Response:
        """Say whether this process can do its work, and if not, why."""
        faults = await self._ready()
        if not faults:
            return web.Response(text="ready\n")
        text = "".join(f"{fault}\n" for fault in faults)
        return web.Response(status=503, text=text, headers={"Retry-After": RETRY_SECONDS})

    async def metrics(self, request: web.Request) -> web.Response:
        """Show the numbers in the text format of Prometheus."""
        measures = await measuring.measure(database(request), now=now(request))
        body = await asyncio.to_thread(_exposition, measures, dict(self._requests))
        return web.Response(body=body, headers={"Content-Type": _EXPOSITION})


_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


def _exposition(measures: Measures, requests: Requests) -> bytes:
    from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Numbers(measures, requests))
    return generate_latest(registry)


class _Numbers:
    """The numbers of one moment, as Prometheus collects them."""

    def __init__(self, measures: Measures, requests: Requests) -> None:
        self._measures = measures
        self._requests = requests

    def collect(self) -> "Iterator[Metric]":
        """List the metrics."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        now = self._measures
        notices = GaugeMetricFamily("kring_notices", "Notices in the outbox, by how they stand", labels=["state"])
        for state in ("due", "late", "claimed", "failed", "unknown"):
            notices.add_metric([state], getattr(now, state))
        yield notices
        yield GaugeMetricFamily("kring_outbox_paused", "Whether sending is paused", value=float(now.paused))
        gatherings = GaugeMetricFamily("kring_gatherings", "Gatherings, by status", labels=["status"])
        for status, count in (("draft", now.drafts), ("published", now.published), ("cancelled", now.cancelled)):
            gatherings.add_metric([status], count)
        yield gatherings
        for name, count in (("organisations", now.organisations), ("people", now.people), ("circles", now.circles)):
            yield GaugeMetricFamily(f"kring_{name}", f"How many {name} there are", value=count)
        requests = CounterMetricFamily(
            "kring_http_requests", "Requests answered, by route", labels=["method", "route", "status"]
        )
        for (method, path, code), count in sorted(self._requests.items()):
            requests.add_metric([method, path, str(code)], count)
        yield requests
