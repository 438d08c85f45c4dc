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


def _parquet(paths: Sequence[Path], spec: TableSpec) -> TableWriter:
    from storage.export_formats.parquet_table import ParquetTable

    return ParquetTable(paths, spec)


def _flow_results(paths: Sequence[Path], spec: TableSpec) -> TableWriter:
    from storage.export_formats.flow_results_table import FlowResultsTable

    return FlowResultsTable(paths, spec)


FORMATS: Mapping[str, TableFormat] = {
    "csv": TableFormat(("{}.csv",), _csv),
    "xlsx": TableFormat(("{}.xlsx",), _xlsx),
    "sav": TableFormat(("{}.sav",), _sav),
    "parquet": TableFormat(("{}.parquet",), _parquet),
    "jsonl": TableFormat(("{}.jsonl",), _jsonl),
    # The names are not ours to choose: the one is the specification's, the other stands in the first.
    "flow-results": TableFormat(("{}/datapackage.json", "{}/responses.json"), _flow_results, is_long=True),
}
