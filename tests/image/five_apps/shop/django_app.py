"""Django with its admin and its static files, on a database in memory.

A few views add what the admin lacks: streams, events, a page with an ETag, and large bodies.
"""

from django.conf import settings

settings.configure(
    SECRET_KEY="not a secret",  # noqa: S106 - both servers must sign alike
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    STATIC_URL="/static/",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": "file:shop?mode=memory&cache=shared",
        }
    },
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
)

import django  # noqa: E402 - Django wants its settings first

django.setup()

from django.contrib import admin  # noqa: E402
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402
from django.views.decorators.gzip import gzip_page  # noqa: E402
from django.views.decorators.http import conditional_page  # noqa: E402

_TEXT = "the quick brown fox jumps over the lazy dog\n" * 500


@gzip_page
def own(_request):  # noqa: ANN001, ANN201
    """Compressed by Django itself."""
    return HttpResponse(_TEXT, content_type="text/plain")


async def stream(_request):  # noqa: ANN001, ANN201
    """Pieces of unknown length."""

    async def pieces():  # noqa: ANN202
        for number in range(20):
            yield f"{number}: {_TEXT[:900]}"

    return StreamingHttpResponse(pieces(), content_type="text/plain")


async def events(_request):  # noqa: ANN001, ANN201
    """Server-sent events."""

    async def pieces():  # noqa: ANN202
        for number in range(5):
            yield f"data: {number}\n\n"

    return StreamingHttpResponse(pieces(), content_type="text/event-stream")


@conditional_page
def page(_request):  # noqa: ANN001, ANN201
    """A page with an ETag, which Django compares."""
    return HttpResponse(_TEXT, content_type="text/plain")


@csrf_exempt
def form(request):  # noqa: ANN001, ANN201
    """Repeats a form."""
    return JsonResponse(request.POST.dict())


def fail(_request):  # noqa: ANN001, ANN201
    """Fails as apps do."""
    raise ZeroDivisionError


urlpatterns = [
    path("admin/", admin.site.urls),
    path("own/", own),
    path("stream/", stream),
    path("events/", events),
    path("page/", page),
    path("form/", form),
    path("fail/", fail),
    path("large/", lambda _request: HttpResponse(_TEXT * 20, content_type="text/plain")),
    path("empty/", lambda _request: HttpResponse(status=204)),
    path("small/", lambda _request: HttpResponse(b"small")),
]
call_command("migrate", verbosity=0)
app = ASGIStaticFilesHandler(get_asgi_application())
