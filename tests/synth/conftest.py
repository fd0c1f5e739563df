"""Makes the toy task importable by name, in this process and in the workers."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
