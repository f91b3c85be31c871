"""A sheet as a file that a browser keeps."""

from collections.abc import Callable, Mapping, Sequence

from fastapi.responses import Response

from monitor.actions.bulk_links import BulkLinks
from monitor.notices.bulk_sheet import CSV_TYPE, XLSX_TYPE, SheetLink, sheet_csv, sheet_xlsx

_MADE: Mapping[str, tuple[Callable[[Sequence[SheetLink], str, int], bytes], str]] = {
    "csv": (sheet_csv, CSV_TYPE),
    "xlsx": (sheet_xlsx, XLSX_TYPE),
}
FORMATS = tuple(_MADE)


def sheet_file(found: BulkLinks, file_format: str, language: str) -> Response:
    """The file. Call it in a thread and outside any transaction: two thousand rows take a moment."""
    make, media_type = _MADE[file_format]
    headers = {
        "Content-Disposition": f'attachment; filename="links.{file_format}"',
        "Jikimi-Links": str(len(found.links)),
        "Jikimi-Left-Out": str(found.left_out),
        "Jikimi-Too-Many": str(found.too_many),
    }
    return Response(make(found.links, language, found.too_many), media_type=media_type, headers=headers)
