"""Settings: read from the environment (`MEMGPT_DOCS_…`) and, below it, from the user's settings
file; overridden by arguments.

Unknown names are refused, and secrets never print.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

MIN_CONTEXT_WINDOW = 2048


def default_library() -> str:
    """The library in the platform's user data folder."""
    return str(Path(platformdirs.user_data_dir("memgpt-docs", appauthor=False)) / "library")


def config_folder() -> Path:
    """The platform's folder for what a user may edit."""
    return Path(platformdirs.user_config_dir("memgpt-docs", appauthor=False))


class Settings(BaseSettings):
    """What a user may choose. Every field can be set as `MEMGPT_DOCS_<FIELD>`."""

    model_config = SettingsConfigDict(env_prefix="MEMGPT_DOCS_", extra="forbid", frozen=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        from memgpt_docs.user_settings import remembered

        file = InitSettingsSource(settings_cls, init_kwargs=remembered())
        return init_settings, env_settings, file

    library: str = Field(
        default_factory=default_library,
        description="Where documents are stored: a folder, or any URI that LanceDB opens.",
    )
    passage_tokens: int = Field(
        256, ge=32, le=2048, description="Most tokens in a passage when a document is ingested."
    )
    max_file_mb: int = Field(100, ge=1, description="Largest file that may come in, in megabytes.")
    max_pages: int = Field(5000, ge=1, description="Most pages of one document.")
    max_read_seconds: int = Field(600, ge=1, description="Longest time to read one document.")
    max_read_memory_mb: int = Field(
        4096, ge=256, description="Most memory for reading one document, in megabytes."
    )

    embedder: str = Field(
        "static",
        description="Whose vectors searches use beside words: 'static' (in the wheel), 'neural' "
        "(the extra of that name) or 'openai_compat' (a server). Switch with `reembed`.",
    )
    neural_model: str = Field(
        "", description="Folder of the neural embedder's model: ONNX file and tokenizer."
    )
    neural_from_hub: bool = Field(
        False, description="Whether NEURAL_MODEL is a name on a model hub, to download from there."
    )
    embedding_base_url: str = Field(
        "https://api.openai.com/v1", description="Address of the embeddings server."
    )
    embedding_model: str = Field(
        "text-embedding-3-small", description="Model to ask the embeddings server for."
    )
    embedding_api_key: SecretStr | None = Field(
        None, description="Key for that server; OPENAI_API_KEY is used when this is not set."
    )
    embedding_price: float | None = Field(
        None, ge=0, description="US dollars for a million tokens of that model, to tell the cost."
    )

    processor: str = Field(
        "extractive",
        description="Who decides: 'extractive' (no model, nothing leaves the machine), "
        "'llama_cpp' (a model in a file, on this machine) or 'openai_compat' (a Chat Completions "
        "server).",
    )
    context_window: int = Field(
        16384, ge=MIN_CONTEXT_WINDOW, le=2_000_000, description="Tokens of main context."
    )
    page_size: int = Field(
        5, ge=1, le=50, description="Most passages on one page of results in the window."
    )
    max_steps: int = Field(60, ge=1, description="Most steps of the processor for one question.")
    max_tokens: int = Field(
        2_000_000, ge=1, description="Most tokens read and written by the processor for a question."
    )
    max_seconds: int = Field(3600, ge=1, description="Longest time to work on one question.")
    max_cost: float = Field(
        1.0, gt=0, description="Most US dollars for a question, where the model's price is known."
    )

    openai_base_url: str = Field(
        "https://api.openai.com/v1", description="Address of the Chat Completions server."
    )
    openai_model: str = Field("gpt-4o-mini", description="Model to ask the server for.")
    openai_api_key: SecretStr | None = Field(
        None, description="Key for the server; OPENAI_API_KEY is used when this is not set."
    )
    openai_api_version: str | None = Field(
        None, description="Version of the API, where it is Azure's."
    )
    openai_timeout_s: float = Field(120.0, gt=0, description="Longest wait for a reply, seconds.")
    openai_dialect: Literal["auto", "tools", "json_schema"] = Field(
        "auto",
        description="How the server is asked for function calls; 'auto' tries once what it can.",
    )
    openai_temperature: float | None = Field(
        None, ge=0, le=2, description="Temperature of the model; the server's own when not set."
    )
    llama_model: Path | None = Field(None, description="GGUF file for the processor llama_cpp.")
    assisted: Literal["auto", "on", "off"] = Field(
        "auto",
        description="One narrow question for each page read in place of open decisions; 'auto': "
        "for models of up to 4 billion parameters.",
    )
