"""The image with the five apps, which two files use."""

from pathlib import Path

import pytest

from cluster.release.names import image
from tests.image.builds import build, trusting

FIVE = Path(__file__).parent / "five_apps"


@pytest.fixture(scope="session")
def five_apps_image() -> str:
    """The name of the image: the published runtime image, and the apps with their frameworks."""
    options = [f"--build-arg=BUILD={trusting(image('build'), 'build-trusting')}"]
    options.append(f"--build-arg=RUNTIME={image('runtime')}")
    return build("five-apps", FIVE / "Dockerfile", *options, context=FIVE)
