"""Settings are read from the environment and refused when out of range."""

import pytest
from pydantic import ValidationError
from reference.settings import Settings


def test_defaults_compress_from_1024_bytes_at_level_5() -> None:
    settings = Settings()
    assert settings.gzip
    assert settings.zstd
    assert (settings.gzip_minimum_size, settings.gzip_compresslevel) == (1024, 5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("UVICORN_GZIP_COMPRESSLEVEL", "0"),
        ("UVICORN_GZIP_COMPRESSLEVEL", "10"),
        ("UVICORN_GZIP_COMPRESSLEVEL", "fast"),
        ("UVICORN_GZIP_MINIMUM_SIZE", "-1"),
        ("UVICORN_GZIP", "perhaps"),
        ("UVICORN_ZSTD", "perhaps"),
    ],
)
def test_a_value_out_of_range_is_refused_with_the_name_of_its_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.removeprefix("UVICORN_").lower()):
        Settings()
