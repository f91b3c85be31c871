"""One ring, many cases: the centre's own copies by channel, by who posted them, by whence they came, by file."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.pages.advocate_page import AdvocatePage, PageRoute, reading_page
from api.pages.paging import page_asked, pages_of
from db.queries.linking import source_named
from monitor.actions.gathered import GatheredPage, gathered_at, gathered_with, rings
from monitor.core.errors import NotFound
from monitor.model.linking import MarkKind

router = APIRouter(prefix="/advocate", route_class=PageRoute, include_in_schema=False)

PAGE_SIZE, COPIES_PAGE = 30, 50


@router.get("/gathered")
async def show_rings(request: Request) -> Response:
    """Who posted in several cases, or in several channels, most cases first."""
    by, number = request.query_params.get("by", ""), page_asked(request)
    kind = MarkKind(by) if by in list(MarkKind) else MarkKind.ACCOUNT
    async with reading_page(request) as page:
        offset = (number - 1) * PAGE_SIZE
        found = await rings(page.session, page.context, page.advocate, kind, limit=PAGE_SIZE, offset=offset)
        return await page.render(
            "advocate/rings.html",
            found=found,
            by=kind.value,
            kinds=[one.value for one in MarkKind],
            number=number,
            pages=pages_of(request, number, found.total, PAGE_SIZE),
        )


@router.get("/gathered/{kind}/{sighting_id}")
async def show_ring(request: Request, kind: str, sighting_id: str) -> Response:
    """Everything of the centre's that has this in common with one copy."""
    if kind not in list(MarkKind):
        raise NotFound
    async with reading_page(request) as page:
        number = page_asked(request)
        found = await gathered_with(
            page.session,
            page.context,
            page.advocate,
            sighting_id,
            MarkKind(kind),
            limit=COPIES_PAGE,
            offset=(number - 1) * COPIES_PAGE,
        )
        return await _copies(page, found, number, kind=kind)


@router.get("/linking/{source_id}/copies")
async def show_place_copies(request: Request, source_id: str) -> Response:
    """The centre's copies in one channel, or of one account."""
    async with reading_page(request) as page:
        number = page_asked(request)
        offset = (number - 1) * COPIES_PAGE
        found = await gathered_at(
            page.session, page.context, page.advocate, source_id, limit=COPIES_PAGE, offset=offset
        )
        source = await source_named(page.session, source_id)
        return await _copies(page, found, number, source=source)


async def _copies(
    page: AdvocatePage, found: GatheredPage, number: int, *, kind: str = "", source: object = None
) -> Response:
    # Counts are up to a minute older than the copies.
    known = (number - 1) * COPIES_PAGE + len(found.copies) if found.copies else 0
    return await page.render(
        "advocate/gathered.html",
        found=found,
        kind=kind,
        source=source,
        number=number,
        pages=pages_of(page.request, number, max(found.counted.posts, known), COPIES_PAGE),
    )
