"""The explorer as an ASGI application: an address says all that a page shows, and `format` its form.

    /                                  questions, narrowed by `mots`, the facets, `depute`, `famille`, `du`, `au`
    /?question=QANR5L17QE1             a question
    /?vue=delais&legislature=17&au=…   a plot, seen on a day

`format` is csv, xlsx or atom for questions; csv, xlsx, svg or png for a plot.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from etl.errors import UsageError
from etl.explore import pages, views
from etl.explore.door import Door
from etl.explore.release import Current
from etl.explore.views import Unknown, Visit, address

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

    from etl.settings import Settings

NO_RELEASE = "Ces données sont absentes, ou trop anciennes pour cette page : « anq run » les renouvelle."
CLOSED = "Cet explorateur demande un jeton, comme mot de passe ; le nom importe peu. Qui l’a lancé l’a reçu de lui."
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def build(settings: Settings, token: str | None = None) -> Starlette:
    """Makes the explorer's ASGI application.

    Args:
        settings: the home.
        token: what each visitor has to give; None lets everybody in.
    """
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.middleware import Middleware
    from starlette.middleware.base import BaseHTTPMiddleware
    from starlette.responses import FileResponse
    from starlette.routing import Route

    current = Current(settings.warehouse)

    def page(request: Request) -> Response:
        return _headed(_answer(current, request))

    def file(request: Request) -> Response:
        return _headed(
            FileResponse(Path(__file__).with_name(request.url.path[1:]), headers={"Cache-Control": "no-cache"})
        )

    def missing(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        return _headed(_problem("Il n’y a pas de page à cette adresse.", status))

    routes = [Route("/", page), Route("/style.css", file), Route("/explorer.js", file)]
    door = []
    if token is not None:
        door.append(Middleware(BaseHTTPMiddleware, dispatch=Door(token, _headed(_problem(CLOSED, 401)))))
    return Starlette(routes=routes, exception_handlers={HTTPException: missing}, middleware=door)


def _answer(current: Current, request: Request) -> Response:
    from starlette.responses import RedirectResponse

    given = request.query_params.multi_items()
    params = {name: value.replace("\0", "") for name, value in given if value.replace("\0", "")}
    if len(params) < len(given):  # a form sends its empty fields too
        return RedirectResponse(address(params), 303)
    try:
        release = current.opened()
    except UsageError:
        return _problem(NO_RELEASE, 503)
    visit = Visit(release, release.connection.cursor(), params, str(request.base_url).rstrip("/"))
    try:
        return views.view(visit)
    except Unknown as error:
        return views.problem(visit, str(error))


def _problem(problem: str, status: int) -> Response:
    """A page that has no release to look at."""
    from starlette.responses import HTMLResponse

    return HTMLResponse(pages.render("problem.html", title="Erreur", release=None, problem=problem), status)


def _headed(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response
