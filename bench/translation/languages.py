"""`python -m bench.translation.languages`: business questions in every language, right, wrong or left unanswered."""

import json
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.knowledge.translation.test_languages import BLIND, blind, cases, outcome
from tests.knowledge.translation.warehouse import write_warehouse


def main() -> None:
    """Print a line for each language and list; `--failures` lists what was not right, of the sixty only."""
    found: dict[str, dict[str, int]] = {}
    with TemporaryDirectory() as folder:
        warehouse = Path(folder) / "warehouse.sqlite"
        catalog = write_warehouse(warehouse)
        for language in BLIND:
            for name, asked in (("sixty", cases(language)), ("afterwards", blind(language))):
                outcomes = [(case["ask"], *outcome(case, (warehouse, catalog))) for case in asked]
                found[f"{language} {name}"] = Counter(result for _, result, _ in outcomes)
                print(f"{language} {name:10}", dict(found[f"{language} {name}"]))
                if name == "sixty" and "--failures" in sys.argv:
                    print(*(f"  {result}: {ask}\n    {sql}" for ask, result, sql in outcomes if result != "right"))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
