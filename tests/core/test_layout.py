from modellab.core.layout import table_file, tables_in


def test_tables_are_found_where_they_are_written(tmp_path):
    for name in ("statistics", "errors", "judges/agreement"):
        path = tmp_path / table_file(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = tables_in(tmp_path)
    assert found == {name: tmp_path / table_file(name) for name in ("errors", "statistics")}
    assert list(found) == ["errors", "statistics"]
