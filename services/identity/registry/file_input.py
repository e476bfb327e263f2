"""Files from spreadsheets and other programs: their encoding, and the rows of CSV with their lines."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.identity.registry.json_input import InputPath, find_encoding
from services.kit.problems import Problem, RequestRefused

# xlsx and ods are zip files, xls is an OLE file
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SEPARATOR_LINE = re.compile(r"sep=(.)\s*", re.IGNORECASE)


def decode_file(data: bytes) -> str:
    """Decode UTF-8, or UTF-16 with a byte order mark. Raises RequestRefused `file.workbook` or `file.encoding`."""
    if data.startswith(_WORKBOOKS):
        raise RequestRefused(Problem("file.workbook"))
    try:
        text = data.decode(find_encoding(data))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RequestRefused(Problem("file.encoding", {"line": line}, (f"line {line}",))) from None
    if "\0" in text[:4]:  # UTF-16 without a byte order mark
        raise RequestRefused(Problem("file.encoding", {"line": 1}, ("line 1",)))
    return text


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one line of a CSV file, or the problem of one or several lines."""

    path: InputPath
    cells: list[str]
    problem: Problem | None = None


def read_records(data: bytes) -> Iterator[Record]:
    """Yield the lines of a CSV file that are not empty. Raises RequestRefused as `decode_file`.

    In these files a row is one line. A quotation mark that is closed on a later line would turn several rows into
    one cell, so those lines are refused together, and reading goes on after them. One that is never closed costs
    its own line.
    """
    lines = list(io.StringIO(decode_file(data), newline=""))
    delimiter, position = _find_delimiter(lines)
    while position < len(lines):
        start = position
        reader = csv.reader((lines[i] for i in range(start, len(lines))), delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                first, position = position, start + reader.line_num
                problem = _find_problem(lines[first], first + 1, position)
                if problem or any(cell.strip() for cell in cells):
                    yield Record(_place(first + 1, position), cells, problem)
        except csv.Error:
            position += 1
            is_long = len(lines[position - 1]) > csv.field_size_limit()
            code = "csv.line_too_long" if is_long else "csv.quote"
            yield Record(_place(position, position), [], Problem(code, {}, _place(position, position)))


def _find_delimiter(lines: list[str]) -> tuple[str, int]:
    """Return the delimiter, and the number of lines before the header: Excel may begin a file with `sep=;`."""
    header = lines[0] if lines else ""
    if separator := _SEPARATOR_LINE.fullmatch(header):
        return separator[1], 1
    return next((one for one in ";\t" if one in header), ","), 0


def _find_problem(line: str, first: int, last: int) -> Problem | None:
    if last > first:
        return Problem("csv.line_break", {"first": first, "last": last}, _place(first, last))
    return Problem("csv.quote", {}, _place(first, last)) if line.count('"') % 2 else None


def _place(first: int, last: int) -> InputPath:
    return (f"line {first}" if first == last else f"line {first}–{last}",)
