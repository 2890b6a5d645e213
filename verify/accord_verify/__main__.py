"""`python -m accord_verify` is `accord-verify`."""

import sys

from accord_verify.main import main

sys.exit(main())
