"""Lines of code of a package by folder: no blank line, comment or docstring.

python benchmarks/code_lines.py [FOLDER]
"""

import ast
import io
import sys
import tokenize
from collections import Counter
from pathlib import Path

LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def code_lines(text: str) -> int:
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in LAYOUT:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node) is not None:
            lines -= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return len(lines)


def main(root: Path) -> None:
    files = sorted(root.rglob("*.py"))
    counts: Counter[str] = Counter()
    for path in files:
        counts[str(path.parent.relative_to(root.parent))] += code_lines(path.read_text())
    for folder, count in sorted(counts.items()):
        print(f"{count:7,} {folder}")
    print(f"{sum(counts.values()):7,} in {len(files)} files")


if __name__ == "__main__":
    default = Path(__file__).parents[1] / "memtools"
    main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else default)
