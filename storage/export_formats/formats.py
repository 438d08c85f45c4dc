"""The formats of an export by their names. What a format needs is loaded when it is used."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from storage.export_formats.spec import TableFormat, TableSpec, TableWriter


def _csv(paths: Sequence[Path], spec: TableSpec) -> TableWriter:
    from storage.export_formats.csv_table import CsvTable

    return CsvTable(paths, spec)


def _jsonl(paths: Sequence[Path], spec: TableSpec) -> TableWriter:
    from storage.export_formats.jsonl_table import JsonlTable

    return JsonlTable(paths, spec)


def _xlsx(paths: Sequence[Path], spec: TableSpec) -> TableWriter:
    from storage.export_formats.xlsx_table import XlsxTable

    return XlsxTable(paths, spec)


def _sav(paths: Sequence[Path], spec: TableSpec) -> TableWriter:
    from storage.export_formats.sav_table import SavTable

    return SavTable(paths, spec)


FORMATS: Mapping[str, TableFormat] = {
    "csv": TableFormat(("{}.csv",), _csv),
    "jsonl": TableFormat(("{}.jsonl",), _jsonl),
    "sav": TableFormat(("{}.sav",), _sav),
    "xlsx": TableFormat(("{}.xlsx",), _xlsx),
}
