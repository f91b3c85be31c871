"""The routes by name, read from their files: `routes/NAME.toml`, and the operator's own over them."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from monitor.core.errors import RouteFileError
from monitor.notices.contacts import CONTACTS, contacts_over
from monitor.notices.duties import DUTIES, duties_over
from monitor.notices.render import use_templates
from monitor.notices.route import Route
from monitor.notices.route_files import OUR_FOLDER, read_routes
from monitor.notices.route_texts import text_problems
from monitor.notices.self_help import SELF_HELP, self_help_over


class RouteTable(Mapping[str, Route]):
    """Every route by name, in the order in which it is offered.

    One table a process: it is filled once, at start, so that everybody may import it.
    """

    def __init__(self, routes: Mapping[str, Route]) -> None:
        self._ours = self._routes = dict(routes)

    def __getitem__(self, name: str) -> Route:
        return self._routes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._routes)

    def __len__(self) -> int:
        return len(self._routes)

    def use(self, folder: Path | None) -> None:
        """Take the operator's files over ours; None: ours alone. Raises RouteFileError and then changes nothing."""
        self._routes = self._ours if folder is None else load_routes(folder)


def load_routes(folder: Path | None = None) -> dict[str, Route]:
    """Our routes, with those of `folder` over them. Raises RouteFileError with a line for each problem."""
    folders = [] if folder is None else [folder]
    routes, problems = read_routes(OUR_FOLDER, *folders)
    problems = problems or text_problems(routes, *folders)
    if problems:
        raise RouteFileError("\n".join(problems))
    duties_over(folder)
    contacts_over(folder)
    self_help_over(folder)
    return routes


ROUTES = RouteTable(load_routes())


def use_routes(folder: Path | None) -> None:
    """The operator's routes and their texts over ours, from now on in this process. Raises RouteFileError."""
    ROUTES.use(folder)
    DUTIES.use(folder)
    CONTACTS.use(folder)
    SELF_HELP.use(folder)
    use_templates(folder)
