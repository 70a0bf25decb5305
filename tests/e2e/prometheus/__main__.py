"""`python -m tests.e2e.prometheus` builds and loads the images, so that no test has to."""

import sys

from cluster.common import command
from tests.e2e.prometheus.installation import provide_images

if __name__ == "__main__":
    sys.exit(command.run(provide_images))
